import assert from 'node:assert/strict';
import type { DraftFinding } from '../../src/core/findings/draft';
import { FindingEncoder } from '../../src/core/findings/findingBatch';
import { FindingDecoder } from '../../src/core/findings/findingDecoder';
import type { RowSink } from '../../src/core/findings/findingSink';
import { plainFinding } from '../../src/core/findings/findingHandle';
import { identifyFindings } from '../../src/core/findings/identity';
import { readSarifLog } from '../../src/core/sarif/log';
import { streamSarifLog } from '../../src/core/sarif/stream/streamLog';
import { Tally } from '../../src/core/sarif/tally';
import type { Finding, Rejection } from '../../src/core/model/finding';

export interface Read {
  readonly findings: readonly DraftFinding[];
  readonly rejected: readonly Rejection[];
  readonly notes: readonly string[];
  readonly results: number;
  readonly complete: boolean;
  readonly scanner: string;
}

/** A log of one run around the given results. */
export function logOf(results: unknown, run: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { version: '2.1.0', runs: [{ tool: { driver: { name: 'Scan' } }, results, ...run }] };
}

/** Reads a log by the plain path. */
export function readPlain(log: unknown, root = '/repo', lean = false): Read {
  const tally = new Tally('r.sarif');
  const { findings, scanner } = readSarifLog(log, { file: 'r.sarif', root, tally, lean });
  return { findings, scanner, rejected: tally.rejected, notes: tally.notes, results: tally.results, complete: tally.complete };
}

type Streamed = Read & { readonly slices: readonly string[]; /** Findings that came as rows. */ readonly inRows: number };

/**
 * Reads the bytes of a log by the streaming path, through a window of the given size; `detail` is taken off again. Both doors of
 * a sink have to give the same: every finding as an object, and as rows where that is possible.
 */
export function readStreamed(bytes: Uint8Array, root = '/repo', windowSize?: number): Streamed {
  const objects = attempt(() => readThrough(bytes, root, windowSize, false));
  const rows = attempt(() => readThrough(bytes, root, windowSize, true));
  if ('error' in objects || 'error' in rows) {
    assert.deepEqual(rows, objects);
    throw 'error' in objects ? objects.error : undefined;
  }
  assert.deepEqual({ ...rows.value, inRows: 0 }, objects.value);
  return rows.value;
}

function attempt<T>(read: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}

function readThrough(bytes: Uint8Array, root: string, windowSize: number | undefined, asRows: boolean): Streamed {
  const tally = new Tally('r.sarif');
  const encoder = new FindingEncoder(3);
  const decoder = new FindingDecoder();
  const flush = (full: boolean): void => {
    if (encoder.isFull || !full) decoder.append(encoder.take());
  };
  const drafts: DraftFinding[] = [];
  let inRows = 0;
  const { scanner } = streamSarifLog(
    {
      read(into, position) {
        const slice = bytes.subarray(position, position + into.length);
        into.set(slice);
        return slice.length;
      },
      fsPath: '/r.sarif',
      decoding: {
        ascii: (from, start, end) => Buffer.from(from.subarray(start, end)).toString('latin1'),
        utf8: (from, start, end) => Buffer.from(from.subarray(start, end)).toString('utf8'),
      },
      ...(windowSize === undefined ? {} : { windowSize }),
    },
    { file: 'r.sarif', root, tally },
    {
      ...(asRows ? { rows: rowsOf(encoder, flush, () => inRows++) } : {}),
      add(finding) {
        if (!asRows) drafts.push(finding);
        else {
          flush(true);
          encoder.add(finding);
        }
      },
      rewind(count) {
        flush(false);
        encoder.rewind(count);
        decoder.truncate(count);
        drafts.length = count;
      },
      onBytes() {},
    },
  );
  flush(false);
  const read = asRows ? identified(decoder.findings) : drafts;
  const { rejected, notes, results, complete } = tally;
  return {
    findings: read.map(({ detail: _, ...finding }) => finding),
    slices: read.map(({ detail: { offset, length } = { offset: 0, length: 0 } }) =>
      Buffer.from(bytes.subarray(offset, offset + length)).toString('utf8'),
    ),
    inRows,
    ...{ scanner, rejected, notes, results, complete },
  };
}

/** The findings without their ids, which have to be those that findings get anywhere. */
function identified(findings: readonly Finding[]): readonly DraftFinding[] {
  const drafts = findings.map(plainFinding).map(({ id: _, ...draft }): DraftFinding => draft);
  assert.deepEqual(
    findings.map(({ id }) => id),
    identifyFindings(drafts).map(({ id }) => id),
  );
  return drafts;
}

function rowsOf(encoder: FindingEncoder, flush: (full: boolean) => void, onRow: () => void): RowSink {
  return {
    templateOf: (finding) => encoder.templateOf(finding),
    pathOf: (path) => encoder.pathOf(path),
    shapeOf: (names) => encoder.shapeOf(names),
    startRow(row) {
      flush(true);
      encoder.startRow(row);
    },
    addRow(row) {
      onRow();
      encoder.addRow(row);
    },
  };
}
