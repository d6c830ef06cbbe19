import { StringDecoder } from 'node:string_decoder';

/**
 * Keeps what a process writes within a limit: the first half and the last half of it, since a program says what it does at the
 * start and how it ended at the end. Chunks are passed on as decoded text while they arrive.
 */
export class OutputCollector {
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private readonly tail: Buffer[] = [];
  private tailBytes = 0;
  private dropped = 0;
  private readonly decoder = new StringDecoder('utf8');
  private readonly half: number;

  constructor(
    limit: number,
    private readonly onText: (text: string) => void,
  ) {
    this.half = Math.max(1, Math.floor(limit / 2));
  }

  get truncated(): boolean {
    return this.dropped > 0;
  }

  add(chunk: Buffer): void {
    const text = this.decoder.write(chunk);
    if (text !== '') this.onText(text);
    const room = this.half - this.headBytes;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      this.head.push(part);
      this.headBytes += part.length;
      chunk = chunk.subarray(part.length);
    }
    if (chunk.length === 0) return;
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    while (this.tailBytes > this.half) this.dropFromTail(this.tailBytes - this.half);
  }

  private dropFromTail(excess: number): void {
    const first = this.tail[0];
    if (first === undefined) return;
    const bytes = Math.min(excess, first.length);
    if (bytes === first.length) this.tail.shift();
    else this.tail[0] = first.subarray(bytes);
    this.tailBytes -= bytes;
    this.dropped += bytes;
  }

  /** All that was kept, as text. */
  end(encoding: 'utf8' | 'latin1' = 'utf8'): string {
    const rest = this.decoder.end();
    if (rest !== '') this.onText(rest);
    if (this.dropped === 0) return Buffer.concat([...this.head, ...this.tail]).toString(encoding);
    const head = Buffer.concat(this.head).toString(encoding);
    return `${head}\n… ${this.dropped} bytes left out …\n${Buffer.concat(this.tail).toString(encoding)}`;
  }
}
