import type { FindingBatch } from '../../core/findings/findingBatch';
import type { ReadReport, ReportFile } from '../../core/ports';

/** What the worker is started with. */
export interface IngestRequest {
  readonly readerId: string;
  readonly file: ReportFile;
  readonly workspaceRoot: string;
  /** One number, shared: batches that were sent and not yet taken in. */
  readonly pending: SharedArrayBuffer;
}

/** What the worker says, in this order: batches, rewinds and progress; then done or failed. */
export type IngestMessage =
  | { readonly kind: 'batch'; readonly batch: FindingBatch }
  | { readonly kind: 'rewind'; readonly count: number }
  | { readonly kind: 'progress'; readonly message: string; readonly fraction: number | undefined }
  | { readonly kind: 'done'; readonly rest: Omit<ReadReport, 'findings'> }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly stack: string | undefined };

/** Batches under way at most: the reader waits, so that neither side's memory nor the receiver's turn of work grows. */
export const mostPending = 4;
