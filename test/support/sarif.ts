import type { DraftFinding } from '../../src/core/findings/draft';
import { readSarifLog } from '../../src/core/sarif/log';
import { streamSarifLog } from '../../src/core/sarif/stream/streamLog';
import { Tally } from '../../src/core/sarif/tally';
import type { Rejection } from '../../src/core/model/finding';

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

/** Reads the bytes of a log by the streaming path, through a window of the given size; `detail` is taken off again. */
export function readStreamed(
  bytes: Uint8Array,
  root = '/repo',
  windowSize?: number,
): Read & { readonly slices: readonly string[] } {
  const tally = new Tally('r.sarif');
  const findings: DraftFinding[] = [];
  const slices: string[] = [];
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
      add({ detail, ...finding }) {
        findings.push(finding);
        slices.push(Buffer.from(bytes.subarray(detail?.offset, (detail?.offset ?? 0) + (detail?.length ?? 0))).toString('utf8'));
      },
      rewind(count) {
        findings.length = count;
        slices.length = count;
      },
      onBytes() {},
    },
  );
  return {
    findings,
    slices,
    scanner,
    rejected: tally.rejected,
    notes: tally.notes,
    results: tally.results,
    complete: tally.complete,
  };
}
