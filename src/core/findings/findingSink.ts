import type { Finding } from '../model/finding';
import type { ReadReport, ReportFile, ReportReader } from '../ports';
import type { DraftFinding } from './draft';
import type { PlainRow } from './plainRow';

/** Takes plain findings as rows, for a reader that can write them without making objects first. */
export interface RowSink {
  /** The number of what this finding shares with others of its rule; -1 when it cannot go as a row. */
  templateOf(finding: DraftFinding): number;
  pathOf(path: string): number;
  /** The number of a list of fingerprint names. */
  shapeOf(names: readonly string[]): number;
  /** Starts the row anew, in memory of the sink's. */
  startRow(row: PlainRow): void;
  /** Takes what stands in the row since `startRow`; nothing else was added in between. */
  addRow(row: PlainRow): void;
}

/** Takes the findings of a large report one by one, so that nobody has to hold them all twice. */
export interface FindingSink {
  /** Where there is one, a finding comes through either door, in the order of the report. */
  readonly rows?: RowSink;
  add(finding: DraftFinding): void;
  /** Forget all but the first `count` findings: a part of the report is read again, now that more of it is known. */
  rewind(count: number): void;
  /** Called now and then with the bytes that are behind; may throw to stop. */
  onBytes(consumed: number): void;
}

/** A reader that can also give its findings one by one; they carry no ids yet. */
export interface StreamingReader extends ReportReader {
  /** True when the report is so large that it should be streamed. */
  streams(file: ReportFile): boolean;
  /** @throws HumanError as `read` does. */
  stream(file: ReportFile, workspaceRoot: string, sink: FindingSink): Omit<ReadReport, 'findings'>;
  /** A streamed finding with the detail that was left out. @throws HumanError when the report is gone or has changed since. */
  readDetail(finding: Finding, workspaceRoot: string): Finding;
}

export function isStreamingReader(reader: ReportReader): reader is StreamingReader {
  return 'stream' in reader && 'streams' in reader;
}
