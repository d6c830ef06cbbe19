import type { RunContext } from '../runContext';
import type { JsonCursor } from './jsonCursor';
import type { PlainReader } from './plainReader';
import { incomplete, unusual } from './tokenReader';

/** A result larger than this is rejected rather than held. */
const largestResult = 64 * 1024 * 1024;

/** Takes the results of a run one by one; `offset` and `length` are a result's bytes in the file. */
export interface OnResult {
  /** The reader's row holds the result. */
  row(offset: number, length: number): void;
  /** A result's value as far as it was read, and its place in the run; `learns` when the reader asks what becomes of it. */
  value(value: unknown, position: number, offset: number, length: number, learns: boolean): void;
}

/**
 * Reads the results array at the cursor. A window is indexed at once and its results are read off the index; one that the
 * reader does not know is parsed whole, and one that is no JSON is rejected while the others survive.
 */
export function streamResults(
  cursor: JsonCursor,
  reader: PlainReader,
  run: RunContext,
  onResult: OnResult,
  onBytes: (consumed: number) => void,
): void {
  const { window, structure } = cursor;
  cursor.expect('[');
  if (cursor.tryTake(']')) return;
  let position = 0;
  for (;;) {
    cursor.peek();
    const count = structure.index(window.bytes, cursor.position, window.end);
    reader.start(window.bytes, window.end, structure.tokens, count, cursor.position);
    let ended = false;
    try {
      do {
        reader.peek();
        cursor.position = reader.position;
        const outcome = reader.readRow();
        const value = outcome === 'row' ? undefined : outcome === 'unknown' ? parseOne(reader) : readOne(reader);
        const offset = cursor.offset;
        const length = reader.position - cursor.position;
        // What follows is looked at first: a result whose separator is not in the window yet is read again with it.
        const next = reader.peek();
        if (next !== 44 && next !== 93) {
          cursor.position = reader.position;
          throw cursor.unexpected('`,` or `]`');
        }
        reader.position++;
        ended = next === 93;
        if (ended) reader.token++;
        cursor.position = reader.position;
        if (outcome === 'row') onResult.row(offset, length);
        else if (value !== broken) onResult.value(value, position, offset, length, outcome === 'unknown');
        else {
          run.tally.reject(at(run, position), 'the result is not valid JSON');
          run.tally.results++;
        }
        position++;
      } while (!ended);
    } catch (error) {
      if (error !== incomplete) throw error;
    }
    onBytes(window.consumed);
    if (ended) return;
    if (window.end - cursor.position > largestResult) {
      run.tally.reject(at(run, position), `the result is larger than ${largestResult / 1024 / 1024} MiB`);
      cursor.skipValue();
      position++;
      run.tally.results++;
      if (cursor.tryTake(']')) return;
      cursor.expect(',');
    } else if (!cursor.readOn(cursor.position)) throw cursor.cutOff();
  }
}

const broken = Symbol('a result that is no JSON');

function readOne(reader: PlainReader): unknown {
  const { token, position: from } = reader;
  try {
    return reader.readResult();
  } catch (error) {
    if (error !== unusual) throw error;
  }
  reader.token = token;
  reader.position = from;
  return parseOne(reader);
}

/**
 * The result by JSON.parse. This is how the first result of each rule is read: of the reader's own code that would only be a few
 * hundred calls, just enough for it all to be compiled, which takes longer than they do.
 */
function parseOne(reader: PlainReader): unknown {
  try {
    return reader.parse();
  } catch (error) {
    if (error !== unusual) throw error;
    // The brackets were in order, so the reader stands behind the result.
    return broken;
  }
}

function at(run: RunContext, position: number): string {
  return `runs[${run.number}].results[${position}]`;
}
