/** Bytes of the first block; each one after it has twice as many, up to the most. */
const smallestBlock = 128 * 1024;
const largestBlock = 1024 * 1024;

/**
 * Memory that threads share, given out piece by piece from large blocks: to ask the system for each piece, and to tell another
 * thread of each, takes longer than to fill it. A piece is written once, by `copy…`, and belongs to whoever gets it.
 */
export class SharedRoom {
  private block = new SharedArrayBuffer(0);
  private used = 0;

  copyFloats(values: Float64Array): Float64Array<SharedArrayBuffer> {
    const from = this.reserve(values.byteLength);
    const piece = new Float64Array(this.block, from, values.length);
    piece.set(values);
    return piece;
  }

  copyInts(values: Int32Array): Int32Array<SharedArrayBuffer> {
    const from = this.reserve(values.byteLength);
    const piece = new Int32Array(this.block, from, values.length);
    piece.set(values);
    return piece;
  }

  copyBytes(values: Uint8Array): Uint8Array<SharedArrayBuffer> {
    const from = this.reserve(values.byteLength);
    const piece = new Uint8Array(this.block, from, values.length);
    piece.set(values);
    return piece;
  }

  /** Makes sure that so many bytes come from one block, so that they are one thing to be told of, not several. */
  keepTogether(size: number): void {
    if (this.used + size <= this.block.byteLength) return;
    const next = Math.min(largestBlock, Math.max(smallestBlock, 2 * this.block.byteLength));
    this.block = new SharedArrayBuffer(Math.max(size, next));
    this.used = 0;
  }

  /** Where so many bytes are free, at a place that any number may stand at. */
  private reserve(size: number): number {
    const whole = (size + 7) & ~7;
    this.keepTogether(whole);
    const from = this.used;
    this.used += whole;
    return from;
  }
}
