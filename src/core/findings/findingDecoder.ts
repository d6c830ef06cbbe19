import type { Finding, Location } from '../model/finding';
import type { DraftFinding } from './draft';
import { column, stride } from './findingBatch';
import type { FindingBatch, Template } from './findingBatch';
import { createRowIdentifier } from './identity';
import type { IdentityContext, RowIdentifier } from './identity';

/** Makes a string of the bytes of UTF-8 from `from` to `to`. */
export type DecodeUtf8 = (bytes: Uint8Array, from: number, to: number) => string;

export interface DecoderContext extends IdentityContext {
  /** What runs may know a faster way than TextDecoder. */
  readonly decode?: DecodeUtf8;
}

type Draft = { -readonly [K in keyof Finding]: Finding[K] };
type Place = { -readonly [K in keyof Location]: Location[K] };

/** Unpacks what one FindingEncoder packed, batch by batch, and gives the findings their ids, all in the order of the report. */
export class FindingDecoder {
  readonly findings: Finding[] = [];
  private readonly templates: Template[] = [];
  private readonly paths: string[] = [];
  private readonly shapes: (readonly string[])[] = [];
  private readonly decode: DecodeUtf8;
  private identify: RowIdentifier;

  constructor(private readonly context: DecoderContext = {}) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.decode = context.decode ?? ((bytes, from, to) => decoder.decode(bytes.subarray(from, to)));
    this.identify = createRowIdentifier(context);
  }

  /** Adds the findings of the next batch. */
  append(batch: FindingBatch): void {
    for (const template of batch.templates) this.templates.push(template);
    for (const path of batch.paths) this.paths.push(path);
    for (const shape of batch.shapes) this.shapes.push(shape);
    for (let row = 0; row * stride < batch.rows.length; row++) this.findings.push(this.findingAt(batch, row));
  }

  /** Forgets all but the first `count` findings. */
  truncate(count: number): void {
    this.findings.length = Math.min(this.findings.length, count);
    // Equal results are numbered, so what is forgotten must not count.
    this.identify = createRowIdentifier(this.context);
    for (const finding of this.findings) this.identify.byDraft(finding);
  }

  private findingAt(batch: FindingBatch, row: number): Finding {
    const { rows, details } = batch;
    const at = row * stride;
    const template = this.templates[rows[at + column.template] as number];
    if (template === undefined) return this.wholeAt(batch, rows[at + column.path] as number);
    const { kind, scanner, ruleId, severity, aliases, cwe, references, suppressed, description, detailFile } = template;
    let text = rows[at + column.firstText] as number;
    const title = this.textAt(batch, text++);
    const path = this.paths[rows[at + column.path] as number];
    const snippet = rows[at + column.snippet] === 1 ? this.textAt(batch, text++) : undefined;
    const locations = path === undefined ? [] : [placeOf(path, rows, at, snippet)];
    const witnesses = [{ scanner, file: template.witnessFile, ruleId, index: rows[at + column.index] as number }];
    const names = this.shapes[rows[at + column.shape] as number];
    const fingerprints = names === undefined ? undefined : this.fingerprintsAt(batch, names, text);
    const id = this.identifyRow(template, path, names, fingerprints);
    const detail =
      detailFile === undefined
        ? undefined
        : { file: detailFile, offset: details[2 * row] as number, length: details[2 * row + 1] as number };
    // An object made in one piece takes a third less memory than one that grows, so the common case has a literal of its own.
    if (
      id !== undefined &&
      description !== undefined &&
      fingerprints !== undefined &&
      detail !== undefined &&
      template.cvss === undefined &&
      template.baselineState === undefined
    )
      return {
        id,
        kind,
        scanner,
        ruleId,
        title,
        severity,
        locations,
        aliases,
        cwe,
        references,
        suppressed,
        witnesses,
        description,
        fingerprints,
        detail,
      };
    const finding: Draft = {
      id: id ?? '',
      kind,
      scanner,
      ruleId,
      title,
      severity,
      locations,
      aliases,
      cwe,
      references,
      suppressed,
      witnesses,
    };
    if (description !== undefined) finding.description = description;
    if (template.cvss !== undefined) finding.cvss = template.cvss;
    if (template.baselineState !== undefined) finding.baselineState = template.baselineState;
    if (fingerprints !== undefined) finding.fingerprints = fingerprints;
    if (detail !== undefined) finding.detail = detail;
    if (id === undefined) finding.id = this.identify.byDraft(finding);
    return finding;
  }

  /** A finding that was sent whole; readers that do not stream have given it an id. */
  private wholeAt(batch: FindingBatch, number: number): Finding {
    const whole = batch.whole[number] as DraftFinding & { id?: string };
    whole.id ??= this.identify.byDraft(whole);
    return whole as Finding;
  }

  /** The id by the fingerprint; undefined when it follows from something else. */
  private identifyRow(
    template: Template,
    path: string | undefined,
    names: readonly string[] | undefined,
    fingerprints: DraftFinding['fingerprints'],
  ): string | undefined {
    if (path === undefined || names === undefined) return undefined;
    const name = this.identify.preferred(names);
    const value = name === undefined ? undefined : fingerprints?.[name];
    return value === undefined ? undefined : this.identify.byFingerprint(template, path, value);
  }

  private fingerprintsAt(batch: FindingBatch, names: readonly string[], first: number): Readonly<Record<string, string>> {
    const fingerprints: Record<string, string> = {};
    for (let i = 0; i < names.length; i++) fingerprints[names[i] as string] = this.textAt(batch, first + i);
    return fingerprints;
  }

  private textAt({ texts, ends }: FindingBatch, number: number): string {
    return this.decode(texts, number === 0 ? 0 : (ends[number - 1] as number), ends[number] as number);
  }
}

function placeOf(path: string, rows: Int32Array, at: number, snippet: string | undefined): Location {
  const startLine = rows[at + column.startLine] as number;
  const startColumn = rows[at + column.startColumn] as number;
  const endLine = rows[at + column.endLine] as number;
  const endColumn = rows[at + column.endColumn] as number;
  if (startLine > 0 && startColumn > 0 && endLine > 0 && endColumn > 0 && snippet === undefined)
    return { path, startLine, startColumn, endLine, endColumn };
  const place: Place = { path };
  if (startLine > 0) place.startLine = startLine;
  if (startColumn > 0) place.startColumn = startColumn;
  if (endLine > 0) place.endLine = endLine;
  if (endColumn > 0) place.endColumn = endColumn;
  if (snippet !== undefined) place.snippet = snippet;
  return place;
}
