import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CancelledError, HumanError, throwIfCancelled } from '../../core/errors';
import type { FindingBatch } from '../../core/findings/findingBatch';
import { FindingDecoder } from '../../core/findings/findingDecoder';
import type { ReadReport, ReportFile, ReportReader, Task } from '../../core/ports';
import { bufferDecoding } from '../clients/bufferDecoding';
import type { IngestMessage, IngestRequest } from './ingestMessages';

/** Below this size starting a thread takes longer than reading. */
const smallest = 2 * 1024 * 1024;

/** V8 heap of the worker, in MiB: JSON.parse of the largest report that is read whole takes about four times its size. */
const resourceLimits = { maxOldGenerationSizeMb: 3072, maxYoungGenerationSizeMb: 2 };

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
    const turns = new Turns();
    const settle = (finish: () => void): void => {
      turns.end();
      task?.signal?.removeEventListener('abort', cancel);
      worker.removeAllListeners();
      void worker.terminate().then(finish, reject);
    };
    const cancel = (): void => settle(() => reject(new CancelledError()));
    task?.signal?.addEventListener('abort', cancel, { once: true });
    const take = (message: IngestMessage): void => {
      switch (message.kind) {
        case 'batch':
          received.take(message.batch);
          break;
        case 'rewind':
          received.decoder.truncate(message.count);
          break;
        case 'progress':
          task?.onProgress?.(message.message, message.fraction);
          break;
        case 'done':
          settle(() => resolve({ ...message.rest, findings: received.decoder.findings }));
          break;
        case 'failed':
          settle(() => reject(errorOf(message)));
      }
    };
    const ended = (code: number): void =>
      settle(() => reject(new Error(`the thread that read ${file.name} ended with code ${code}`)));
    worker.on('message', (message: IngestMessage) => turns.add(() => take(message)));
    worker.on('error', (error) => turns.add(() => settle(() => reject(crashOf(error, file.name)))));
    // The thread ends when it has said all; what it said comes first.
    worker.on('exit', (code) => turns.add(() => ended(code)));
  });
}

function startWorker(request: IngestRequest): Worker {
  const options = { workerData: request, resourceLimits, name: 'patchline-ingest', execArgv: [] };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./ingestWorker.js', import.meta.url), options);
  // Run from source, as the tests do: a thread has to register the TypeScript loader for itself.
  const file = fileURLToPath(new URL('./ingestWorker.ts', import.meta.url));
  return new Worker(`require('tsx/cjs'); require(${JSON.stringify(file)});`, { ...options, eval: true });
}

/**
 * Does one thing a turn of the event loop, in order. A port gives out messages for as long as more come in, and a reader that is
 * quicker than the receiver would keep this thread from everything else until the report ends.
 */
class Turns {
  private readonly waiting: (() => void)[] = [];
  private next: NodeJS.Immediate | undefined;

  add(act: () => void): void {
    this.waiting.push(act);
    this.next ??= setImmediate(() => this.run());
  }

  end(): void {
    this.waiting.length = 0;
  }

  private run(): void {
    this.next = undefined;
    this.waiting.shift()?.();
    if (this.waiting.length > 0) this.next ??= setImmediate(() => this.run());
  }
}

/** What has come so far, in the order of the report. */
class Received {
  readonly decoder = new FindingDecoder(bufferDecoding.utf8);
  private readonly pending: Int32Array;

  constructor(pending: SharedArrayBuffer) {
    this.pending = new Int32Array(pending);
  }

  take(batch: FindingBatch): void {
    this.decoder.append(batch);
    Atomics.sub(this.pending, 0, 1);
    Atomics.notify(this.pending, 0);
  }
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
