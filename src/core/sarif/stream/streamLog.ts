import { HumanError } from '../../errors';
import type { FindingSink } from '../../findings/findingSink';
import { checkResults, checkRuns, checkVersion, joinScanners } from '../log';
import { readResult } from '../result';
import { createRunContext, scannerName, tallyRun } from '../runContext';
import type { ReadingPlace, RunContext } from '../runContext';
import { asObject } from '../json';
import type { JsonObject } from '../json';
import { ByteWindow } from './byteWindow';
import type { ReadBytes } from './byteWindow';
import type { TextDecoding } from './internTable';
import { JsonCursor, JsonDamage } from './jsonCursor';
import { PlainReader } from './plainReader';
import { streamResults } from './streamResults';
import { createStructureIndex } from './structureIndex';

/** The bytes of a log: UTF-8, a byte order mark or not. */
export interface LogBytes {
  readonly read: ReadBytes;
  /** Absolute path, for `Finding.detail`. */
  readonly fsPath: string;
  readonly decoding: TextDecoding;
  /** Bytes that are held at a time, where they suffice; 256 KiB when absent. */
  readonly windowSize?: number;
}

const defaultWindowSize = 256 * 1024;
/** Largest single value that is held; a single result may be a quarter of it (streamResults). */
const largestValue = 256 * 1024 * 1024;

/** Members of a run that its results are read against. */
const contextMembers: ReadonlySet<string> = new Set([
  'tool',
  'artifacts',
  'originalUriBaseIds',
  'taxonomies',
  'versionControlProvenance',
  'invocations',
]);

/** The members of a run that are held, besides those. */
const otherMembers: ReadonlySet<string> = new Set(['externalPropertyFileReferences', 'columnKind', 'threadFlowLocations']);

/**
 * Reads a SARIF log of any size in bounded memory: walks to the results of each run, hands each finding to the sink, and keeps
 * nothing else. Gives the same findings as readSarifLog in lean form. Values that are passed over are not validated.
 * @throws HumanError when the document is no SARIF 2.1.0 log or is damaged; it names the byte and the line.
 */
export function streamSarifLog(bytes: LogBytes, place: ReadingPlace, sink: FindingSink): { readonly scanner: string } {
  const log = new LogWalk(bytes, { ...place, lean: true }, sink);
  try {
    return log.walk();
  } catch (error) {
    if (error instanceof JsonDamage) throw new HumanError(describeDamage(error, bytes.read, place.file));
    throw error;
  }
}

/** A run as its members say, without its results: what readDetail needs to make sense of one result. */
export interface RunOutline {
  readonly members: JsonObject;
  /** Offset of `[` of the results, and the offset behind `]`. */
  readonly results: { readonly from: number; readonly to: number } | undefined;
}

/** Finds the runs of a log without reading their results. @throws JsonDamage */
export function outlineRuns(bytes: LogBytes): readonly RunOutline[] {
  const outlines: RunOutline[] = [];
  const cursor = openCursor(bytes);
  cursor.readObject((name) => {
    if (name === 'runs' && cursor.peek() === 91) cursor.readArray(() => outlines.push(outlineRun(cursor)));
    else cursor.skipValue();
  });
  return outlines;
}

function outlineRun(cursor: JsonCursor): RunOutline {
  const members: Record<string, unknown> = {};
  let results: RunOutline['results'];
  cursor.readObject((name) => {
    if (name === 'results') {
      cursor.peek();
      const from = cursor.offset;
      cursor.skipValue();
      results = { from, to: cursor.offset };
    } else if (contextMembers.has(name) || otherMembers.has(name)) members[name] = cursor.readValue();
    else cursor.skipValue();
  });
  return { members, results };
}

function openCursor({ read, windowSize }: LogBytes): JsonCursor {
  const cursor = new JsonCursor(new ByteWindow(read, windowSize ?? defaultWindowSize, largestValue), createStructureIndex());
  // A byte order mark is no part of the document (RFC 8259 §8.1 lets a reader pass over it).
  if (cursor.peek() === 0xef) cursor.position += 3;
  return cursor;
}

class LogWalk {
  private readonly cursor: JsonCursor;
  private readonly reader: PlainReader;
  private readonly scanners = new Set<string>();
  private found = 0;

  constructor(
    private readonly bytes: LogBytes,
    private readonly place: ReadingPlace,
    private readonly sink: FindingSink,
  ) {
    this.cursor = openCursor(bytes);
    this.reader = new PlainReader(bytes.decoding);
  }

  walk(): { readonly scanner: string } {
    const { cursor, place } = this;
    const restore = place.tally.mark();
    let version: unknown;
    let runs: unknown;
    if (cursor.peek() !== 123) throw notALog(cursor, place.file);
    cursor.readObject((name) => {
      if (name === 'version') checkVersion((version = cursor.readValue()), place.file);
      else if (name !== 'runs') cursor.skipValue();
      else if (cursor.peek() !== 91) runs = cursor.readValue();
      else {
        // Of a member that comes twice the last one counts, as with JSON.parse.
        if (runs !== undefined) {
          this.forget(0);
          restore();
          this.scanners.clear();
        }
        cursor.readArray((number) => this.readRun(number));
        runs = [];
      }
    });
    if (cursor.peek() !== -1) throw cursor.unexpected('the end of the file');
    if (version === undefined) checkVersion(undefined, place.file);
    checkRuns(runs, place);
    return { scanner: joinScanners(this.scanners) };
  }

  private forget(count: number): void {
    this.sink.rewind(count);
    this.found = count;
  }

  private readRun(number: number): void {
    const { cursor, place } = this;
    if (cursor.peek() !== 123) {
      cursor.skipValue();
      place.tally.reject(`runs[${number}]`, 'the run is not an object');
      return;
    }
    const run: Record<string, unknown> = {};
    const before = this.found;
    const restore = place.tally.mark();
    let resultsAt = -1;
    let outdated = false;
    let results: unknown;
    let artifactsAt = -1;
    const readArtifacts = (): unknown => (artifactsAt < 0 ? undefined : this.readAside(artifactsAt));
    cursor.readObject((name) => {
      if (name === 'artifacts') {
        cursor.peek();
        artifactsAt = cursor.offset;
        cursor.skipValue();
        outdated ||= resultsAt >= 0;
      } else if (contextMembers.has(name) || otherMembers.has(name)) {
        run[name] = cursor.readValue();
        outdated ||= resultsAt >= 0 && (contextMembers.has(name) || run[name] === 'unicodeCodePoints');
      } else if (name !== 'results') cursor.skipValue();
      else {
        if (results !== undefined) {
          this.forget(before);
          restore();
        }
        const isArray = cursor.peek() === 91;
        resultsAt = isArray ? cursor.offset : -1;
        // Without the tool the results say little; they are read when all of the run is known.
        outdated = run['tool'] === undefined;
        if (!isArray) results = cursor.readValue();
        else {
          results = [];
          if (outdated) cursor.skipValue();
          else this.readResults(createRunContext(run, number, place, readArtifacts));
        }
      }
    });
    if (outdated && resultsAt >= 0) {
      const behind = cursor.offset;
      this.forget(before);
      restore();
      cursor.seek(resultsAt);
      this.readResults(createRunContext(run, number, place, readArtifacts));
      cursor.seek(behind);
    }
    this.scanners.add(scannerName(run));
    checkResults(results, number, place);
    tallyRun(run, number, results === null, place.tally);
  }

  /** The value at an offset of the file, without leaving the place where the log is read. @throws JsonDamage */
  private readAside(offset: number): unknown {
    const cursor = openCursor(this.bytes);
    cursor.seek(offset);
    return cursor.readValue();
  }

  private readResults(run: RunContext): void {
    const { reader, sink } = this;
    const { fsPath } = this.bytes;
    const { row } = reader;
    reader.startRun(run, sink.rows);
    const addRow = (index: number, offset: number, length: number): void => {
      row.index = index;
      row.offset = offset;
      row.length = length;
      this.found++;
      sink.rows?.addRow(row);
    };
    streamResults(
      this.cursor,
      reader,
      run,
      {
        row: (offset, length) => addRow(run.tally.results++, offset, length),
        value: (value, position, offset, length, learns) => {
          const index = run.tally.results++;
          const detail = { file: fsPath, offset, length };
          if (learns) {
            const restore = run.tally.mark();
            const example = readResult(decidingMembers(value), run, position, index, detail);
            if (example !== undefined && reader.learn(example)) {
              addRow(index, offset, length);
              return;
            }
            restore();
          }
          const finding = readResult(value, run, position, index, detail);
          if (finding === undefined) return;
          this.found++;
          sink.add(finding);
        },
      },
      (consumed) => sink.onBytes(consumed),
    );
  }
}

/** What decides about the template of a result that PlainReader has read; all else of the finding is in its row. */
function decidingMembers(value: unknown): JsonObject {
  const { ruleId, ruleIndex, rule, level, locations } = asObject(value) ?? {};
  return { ruleId, ruleIndex, rule, level, locations };
}

function notALog(cursor: JsonCursor, file: string): Error {
  const first = cursor.peek();
  if (first !== 91 && first !== 34 && first !== -1) return cursor.unexpected('a JSON object');
  return first === -1
    ? new JsonDamage('it is empty', cursor.offset)
    : new HumanError(`${file}: not a SARIF log: the document is not a JSON object.`);
}

/** One sentence with the file, the line and the byte of the damage. */
function describeDamage(damage: JsonDamage, read: ReadBytes, file: string): string {
  const chunk = new Uint8Array(defaultWindowSize);
  let line = 1;
  for (let at = 0; at < damage.at;) {
    const count = read(chunk, at);
    if (count === 0) break;
    for (let i = 0; i < count && at + i < damage.at; i++) if (chunk[i] === 10) line++;
    at += count;
  }
  return `${file}: not valid JSON at line ${line} (byte ${damage.at}): ${damage.reason}. Nothing of it was imported.`;
}
