/** Makes strings of bytes; what runs knows a faster way than TextDecoder. */
export interface TextDecoding {
  /** Of bytes that are all ASCII, one character a byte. */
  ascii(bytes: Uint8Array, from: number, to: number): string;
  /** Of UTF-8; what is none becomes U+FFFD. A byte order mark is a character like others. */
  utf8(bytes: Uint8Array, from: number, to: number): string;
}

/** Longer slices are rarely met twice. */
const longest = 512;
/** Slots looked at before the table counts as full. */
const longestProbe = 16;

/**
 * One value for equal bytes: ids, paths and small objects of a large report come again and again, and a look at the bytes is
 * cheaper than making the value each time, in time and in memory. Bounded: when it is full it starts anew.
 */
export class InternTable<T> {
  private readonly hashes: Int32Array;
  private readonly starts: Int32Array;
  private readonly lengths: Int32Array;
  private readonly values: (T | undefined)[];
  private readonly arena: Uint8Array;
  private readonly arenaView: DataView;
  private used = 0;

  /** `slots` is a power of two, a few times the number of different values that are expected. */
  constructor(
    private readonly make: (bytes: Uint8Array, from: number, to: number) => T,
    private readonly slots: number,
  ) {
    this.hashes = new Int32Array(slots);
    this.starts = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.values = new Array<T | undefined>(slots).fill(undefined);
    this.arena = new Uint8Array(slots * 48);
    this.arenaView = new DataView(this.arena.buffer);
  }

  /** The value of the bytes from `from` to `to`; `view` is over all of `bytes`. */
  get(bytes: Uint8Array, view: DataView, from: number, to: number): T {
    const length = to - from;
    if (length > longest) return this.make(bytes, from, to);
    let hash = length | 1;
    let i = from;
    // Four bytes a step: such slices are read by the million.
    for (; i + 4 <= to; i += 4) hash = Math.imul(hash ^ view.getInt32(i, true), 0x01000193) ^ (hash >>> 13);
    for (; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    if (hash === 0) hash = 1;
    const mask = this.slots - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < longestProbe; probe++) {
      const known = this.hashes[slot];
      if (known === 0) return this.add(slot, hash, bytes, from, to);
      if (known === hash && this.lengths[slot] === length && this.isEqual(this.starts[slot] as number, view, from, length))
        return this.values[slot] as T;
      slot = (slot + 1) & mask;
    }
    this.clear();
    return this.add(hash & mask, hash, bytes, from, to);
  }

  private add(free: number, hash: number, bytes: Uint8Array, from: number, to: number): T {
    const value = this.make(bytes, from, to);
    let slot = free;
    if (this.used + to - from > this.arena.length) {
      this.clear();
      slot = hash & (this.slots - 1);
    }
    this.arena.set(bytes.subarray(from, to), this.used);
    this.hashes[slot] = hash;
    this.starts[slot] = this.used;
    this.lengths[slot] = to - from;
    this.values[slot] = value;
    this.used += to - from;
    return value;
  }

  private isEqual(start: number, view: DataView, from: number, length: number): boolean {
    const { arenaView } = this;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (arenaView.getInt32(start + i, true) !== view.getInt32(from + i, true)) return false;
    for (; i < length; i++) if (arenaView.getUint8(start + i) !== view.getUint8(from + i)) return false;
    return true;
  }

  private clear(): void {
    this.hashes.fill(0);
    this.values.fill(undefined);
    this.used = 0;
  }
}
