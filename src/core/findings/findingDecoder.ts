import type { Finding } from '../model/finding';
import type { DraftFinding } from './draft';
import { column, stride } from './findingBatch';
import type { FindingBatch } from './findingBatch';
import { idOfHalves } from './identity';
import { rowFinding } from './rowFinding';
import type { DecodeUtf8, KeptBatch, RowTables } from './rowFinding';

/**
 * Takes in what one FindingEncoder packed, batch by batch, in the order of the report. The findings stay rows of their batches
 * (see RowFinding); what was sent whole is an object as it was.
 */
export class FindingDecoder {
  readonly findings: Finding[] = [];
  private readonly tables: RowTables;

  /** @param decode - what runs may know a faster way than TextDecoder */
  constructor(decode?: DecodeUtf8) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.tables = {
      templates: [],
      paths: [],
      shapes: [],
      decode: decode ?? ((bytes, from, to) => decoder.decode(bytes.subarray(from, to))),
    };
  }

  /** Adds the findings of the next batch. */
  append(batch: FindingBatch): void {
    const { tables, findings } = this;
    for (const template of batch.templates) tables.templates.push(template);
    for (const path of batch.paths) tables.paths.push(path);
    for (const shape of batch.shapes) tables.shapes.push(shape);
    const { rows, details, texts, ends } = batch;
    const kept: KeptBatch = { rows, details, texts, ends, tables };
    for (let row = 0, at = 0; at < rows.length; row++, at += stride) {
      const whole = (rows[at + column.template] as number) < 0 ? batch.whole[rows[at + column.path] as number] : undefined;
      if (whole === undefined) findings.push(rowFinding(kept, row));
      else findings.push(withId(whole, idOfHalves(rows[at + column.idHigh] as number, rows[at + column.idLow] as number)));
    }
  }

  /** Forgets all but the first `count` findings. */
  truncate(count: number): void {
    this.findings.length = Math.min(this.findings.length, count);
  }
}

/** A finding that was sent whole; readers that do not stream have given it an id. */
function withId(draft: DraftFinding & { id?: string }, id: string): Finding {
  draft.id ??= id;
  return draft as Finding;
}
