/** Reads bytes of a report from `position` on into the given room and gives how many; 0 at the end. */
export type ReadBytes = (into: Uint8Array, position: number) => number;

/** A window over a file: bounded memory however large the file is, as long as no single value is larger than the limit. */
export class ByteWindow {
  bytes: Uint8Array;
  /** Bytes of the window that are filled. */
  end = 0;
  /** Offset in the file of the window's first byte. */
  offset = 0;
  /** Bytes read so far, over all passes; for progress. */
  consumed = 0;

  constructor(
    private readonly read: ReadBytes,
    size: number,
    private readonly limit: number,
  ) {
    this.bytes = new Uint8Array(size);
  }

  /**
   * Moves what stands from `keep` on to the front and reads on behind it; grows when everything has to be kept. Positions
   * in the window sink by `keep`. False when nothing more came: the file ends, or the limit is reached (see `isFull`).
   */
  more(keep: number): boolean {
    if (keep > 0) {
      this.bytes.copyWithin(0, keep, this.end);
      this.end -= keep;
      this.offset += keep;
    } else if (this.end === this.bytes.length && !this.isFull) {
      const larger = new Uint8Array(Math.min(this.limit, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
    if (this.end === this.bytes.length) return false;
    const count = this.read(this.bytes.subarray(this.end), this.offset + this.end);
    this.end += count;
    this.consumed += count;
    return count > 0;
  }

  /** True when the window is as large as it may grow and full. */
  get isFull(): boolean {
    return this.end >= this.limit;
  }

  /** Starts again at an offset of the file. */
  seek(offset: number): void {
    this.offset = offset;
    this.end = 0;
  }
}
