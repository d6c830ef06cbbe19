import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CancelledError, HumanError, throwIfCancelled } from '../../core/errors';
import { FindingDecoder } from '../../core/findings/findingBatch';
import type { FindingBatch } from '../../core/findings/findingBatch';
import type { DraftFinding } from '../../core/findings/draft';
import { createIdentifier } from '../../core/findings/identity';
import type { Finding } from '../../core/model/finding';
import type { ReadReport, ReportFile, ReportReader, Task } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';
import type { IngestMessage, IngestRequest } from './ingestMessages';

/** Below this size starting a thread takes longer than reading. */
const smallest = 2 * 1024 * 1024;

/** V8 heap of the worker, in MiB: JSON.parse of the largest report that is read whole takes about four times its size. */
const resourceLimits = { maxOldGenerationSizeMb: 3072, maxYoungGenerationSizeMb: 8 };

/** The same reader, which reads reports of `minimum` bytes and more on a thread of its own, so that the editor never waits. */
export function inWorker(reader: ReportReader, minimum = smallest): ReportReader {
  return {
    ...reader,
    read: (file, root, task) => (file.size < minimum ? reader.read(file, root, task) : readInWorker(reader.id, file, root, task)),
  };
}

/**
 * Reads a report by the registered reader of that id on a worker thread. The thread is gone when the promise settles.
 * @throws HumanError as the reader does; CancelledError when the signal fires.
 */
export function readInWorker(readerId: string, file: ReportFile, workspaceRoot: string, task?: Task): Promise<ReadReport> {
  throwIfCancelled(task?.signal);
  return new Promise((resolve, reject) => {
    const pending = new SharedArrayBuffer(4);
    const request: IngestRequest = { readerId, file, workspaceRoot, pending };
    const worker = startWorker(request);
    const received = new Received(pending);
    const settle = (finish: () => void): void => {
      task?.signal?.removeEventListener('abort', cancel);
      worker.removeAllListeners();
      void worker.terminate().then(finish, reject);
    };
    const cancel = (): void => settle(() => reject(new CancelledError()));
    task?.signal?.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: IngestMessage) => {
      switch (message.kind) {
        case 'batch':
          received.take(message.batch);
          break;
        case 'rewind':
          received.rewind(message.count);
          break;
        case 'progress':
          task?.onProgress?.(message.message, message.fraction);
          break;
        case 'done':
          settle(() => resolve({ ...message.rest, findings: received.findings }));
          break;
        case 'failed':
          settle(() => reject(errorOf(message)));
      }
    });
    worker.on('error', (error) => settle(() => reject(crashOf(error, file.name))));
    worker.on('exit', (code) => settle(() => reject(new Error(`the thread that read ${file.name} ended with code ${code}`))));
  });
}

function startWorker(request: IngestRequest): Worker {
  const options = { workerData: request, resourceLimits, name: 'patchline-ingest', execArgv: [] };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./ingestWorker.js', import.meta.url), options);
  // Run from source, as the tests do: a thread has to register the TypeScript loader for itself.
  const file = fileURLToPath(new URL('./ingestWorker.ts', import.meta.url));
  return new Worker(`require('tsx/cjs'); require(${JSON.stringify(file)});`, { ...options, eval: true });
}

/** A finding that nobody else knows yet; readers that do not stream have given it an id. */
type Draft = DraftFinding & { id?: string };

/** What has come so far; findings that came without id get theirs here, in the order of the report. */
class Received {
  readonly findings: Finding[] = [];
  private readonly decoder = new FindingDecoder();
  private readonly pending: Int32Array;
  private identify = createIdentifier({ sha256: nativeSha256 });

  constructor(pending: SharedArrayBuffer) {
    this.pending = new Int32Array(pending);
  }

  take(batch: FindingBatch): void {
    this.decoder.decode(batch, (finding) => {
      const own = finding as Draft;
      own.id ??= flat(this.identify(finding));
      this.findings.push(own as Finding);
    });
    Atomics.sub(this.pending, 0, 1);
    Atomics.notify(this.pending, 0);
  }

  rewind(count: number): void {
    this.findings.length = count;
    this.identify = createIdentifier({ sha256: nativeSha256 });
    for (const finding of this.findings) this.identify(finding);
  }
}

/**
 * The same text in memory of its own. An id is put together from a slice of a hash; as V8 keeps it, it would hold on to the whole
 * hash and the pieces, four times its size, for as long as the finding lives.
 */
function flat(id: string): string {
  return Buffer.from(id, 'latin1').toString('latin1');
}

function errorOf({ name, message, stack }: Extract<IngestMessage, { kind: 'failed' }>): Error {
  if (name === 'HumanError') return new HumanError(message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function crashOf(error: Error, name: string): Error {
  if (!('code' in error) || error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new HumanError(`${name} is too large to be read: there is not enough memory for it. Split it into several reports.`);
}
