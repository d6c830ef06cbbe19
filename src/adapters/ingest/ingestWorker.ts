import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { messageOf } from '../../core/errors';
import { FindingEncoder } from '../../core/findings/findingBatch';
import { isStreamingReader } from '../../core/findings/findingSink';
import type { RowSink } from '../../core/findings/findingSink';
import type { DraftFinding } from '../../core/findings/draft';
import { nativeDigest, nativeSha256 } from '../clients/nativeSha256';
import { mostPending } from './ingestMessages';
import type { IngestMessage, IngestRequest } from './ingestMessages';
import { readerLoaders } from '../readerLoaders';

// Reads one report on a thread of its own and sends its findings in batches (ingestClient is the other end).

// Less than a millisecond of the receiving thread, which may be the one that draws the editor.
const batchSize = 512;
/** Share of the file between two reports of progress. */
const progressStep = 0.02;

class Sender {
  private readonly encoder = new FindingEncoder(batchSize, { sha256: nativeSha256, digest: nativeDigest });
  private readonly pending: Int32Array;

  constructor(
    private readonly port: MessagePort,
    pending: SharedArrayBuffer,
  ) {
    this.pending = new Int32Array(pending);
  }

  /** The door for findings that need no object. */
  readonly rows: RowSink = {
    templateOf: (finding) => this.encoder.templateOf(finding),
    pathOf: (path) => this.encoder.pathOf(path),
    shapeOf: (names) => this.encoder.shapeOf(names),
    startRow: (row) => {
      if (this.encoder.isFull) this.flush();
      this.encoder.startRow(row);
    },
    addRow: (row) => this.encoder.addRow(row),
  };

  add(finding: DraftFinding): void {
    if (this.encoder.isFull) this.flush();
    this.encoder.add(finding);
  }

  rewind(count: number): void {
    this.flush();
    this.encoder.rewind(count);
    this.send({ kind: 'rewind', count });
  }

  flush(): void {
    if (this.encoder.isEmpty) return;
    for (let waiting = Atomics.load(this.pending, 0); waiting >= mostPending; waiting = Atomics.load(this.pending, 0))
      Atomics.wait(this.pending, 0, waiting);
    Atomics.add(this.pending, 0, 1);
    const batch = this.encoder.take();
    this.port.postMessage({ kind: 'batch', batch } satisfies IngestMessage);
  }

  send(message: IngestMessage): void {
    this.port.postMessage(message);
  }
}

async function read(request: IngestRequest, sender: Sender): Promise<IngestMessage> {
  const { file, workspaceRoot, readerId } = request;
  const load = Object.hasOwn(readerLoaders, readerId) ? readerLoaders[readerId] : undefined;
  if (load === undefined) throw new Error(`no report reader "${readerId}"`);
  const reader = load();
  if (!isStreamingReader(reader) || !reader.streams(file)) {
    const { findings, ...rest } = await reader.read(file, workspaceRoot, {
      onProgress: (message, fraction) => sender.send({ kind: 'progress', message, fraction }),
    });
    for (const finding of findings) sender.add(finding);
    return { kind: 'done', rest };
  }
  let reported = 0;
  const rest = reader.stream(file, workspaceRoot, {
    rows: sender.rows,
    add: (finding) => sender.add(finding),
    rewind: (count) => sender.rewind(count),
    onBytes(consumed) {
      const fraction = Math.min(1, consumed / Math.max(1, file.size));
      if (fraction - reported < progressStep) return;
      reported = fraction;
      sender.send({ kind: 'progress', message: `Reading ${file.name}`, fraction });
    },
  });
  return { kind: 'done', rest };
}

async function main(port: MessagePort, request: IngestRequest): Promise<void> {
  const sender = new Sender(port, request.pending);
  try {
    const done = await read(request, sender);
    sender.flush();
    sender.send(done);
  } catch (error) {
    const { name, stack } = error instanceof Error ? error : { name: 'Error', stack: undefined };
    sender.send({ kind: 'failed', name, message: messageOf(error), stack });
  }
}

if (parentPort !== null) void main(parentPort, workerData as IngestRequest);
