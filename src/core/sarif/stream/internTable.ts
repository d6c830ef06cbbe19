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

/** Slots to begin with. */
const fewest = 256;
/** Bytes that a slot's share of the arena holds. */
const bytesPerSlot = 48;

/**
 * One value for equal bytes: ids, paths and small objects of a large report come again and again, and a look at the bytes is
 * cheaper than making the value each time, in time and in memory. Bounded: it grows up to a limit and then starts anew.
 */
export class InternTable<T> {
  private hashes = new Int32Array(0);
  private starts = new Int32Array(0);
  private lengths = new Int32Array(0);
  private values: (T | undefined)[] = [];
  private arena = new Uint8Array(0);
  private arenaView = new DataView(this.arena.buffer);
  private used = 0;

  /** `most` slots are a power of two, a few times the number of different values that are expected. */
  constructor(
    private readonly make: (bytes: Uint8Array, from: number, to: number) => T,
    private readonly most: number,
  ) {
    this.resize(Math.min(fewest, most));
  }

  /** The value of the bytes from `from` to `to`; `view` is over all of `bytes`. */
  get(bytes: Uint8Array, view: DataView, from: number, to: number): T {
    const length = to - from;
    if (length > longest) return this.make(bytes, from, to);
    let hash = length | 1;
    let i = from;
    let other = 0x2c1b3c6d;
    // Two times four bytes a step, which the processor does side by side: such slices are read by the million.
    for (; i + 8 <= to; i += 8) {
      hash = Math.imul(hash ^ view.getInt32(i, true), 0x01000193) ^ (hash >>> 13);
      other = Math.imul(other ^ view.getInt32(i + 4, true), 0x01000193) ^ (other >>> 13);
    }
    hash = Math.imul(hash ^ (other >>> 7), 0x01000193) ^ other;
    for (; i + 4 <= to; i += 4) hash = Math.imul(hash ^ view.getInt32(i, true), 0x01000193) ^ (hash >>> 13);
    for (; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 12;
    if (hash === 0) hash = 1;
    const mask = this.hashes.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < longestProbe; probe++) {
      const known = this.hashes[slot];
      if (known === 0) return this.add(slot, hash, bytes, from, to);
      if (known === hash && this.lengths[slot] === length && this.isEqual(this.starts[slot] as number, view, from, length))
        return this.values[slot] as T;
      slot = (slot + 1) & mask;
    }
    const value = this.make(bytes, from, to);
    this.makeRoom();
    return this.insert(hash, value, bytes, from, to);
  }

  private add(free: number, hash: number, bytes: Uint8Array, from: number, to: number): T {
    const value = this.make(bytes, from, to);
    if (this.used + to - from > this.arena.length) {
      this.makeRoom();
      return this.insert(hash, value, bytes, from, to);
    }
    return this.put(free, hash, value, bytes, from, to);
  }

  /** Puts a value that is not there yet into a table that has just got room. */
  private insert(hash: number, value: T, bytes: Uint8Array, from: number, to: number): T {
    const slot = this.freeSlot(hash);
    return slot < 0 ? value : this.put(slot, hash, value, bytes, from, to);
  }

  private put(slot: number, hash: number, value: T, bytes: Uint8Array, from: number, to: number): T {
    this.arena.set(bytes.subarray(from, to), this.used);
    this.hashes[slot] = hash;
    this.starts[slot] = this.used;
    this.lengths[slot] = to - from;
    this.values[slot] = value;
    this.used += to - from;
    return value;
  }

  /** -1 when all slots that would be looked at are taken. */
  private freeSlot(hash: number): number {
    const mask = this.hashes.length - 1;
    for (let probe = 0; probe < longestProbe; probe++) if (this.hashes[(hash + probe) & mask] === 0) return (hash + probe) & mask;
    return -1;
  }

  private isEqual(start: number, view: DataView, from: number, length: number): boolean {
    const { arenaView } = this;
    let i = 0;
    for (; i + 8 <= length; i += 8) {
      const low = arenaView.getInt32(start + i, true) ^ view.getInt32(from + i, true);
      const high = arenaView.getInt32(start + i + 4, true) ^ view.getInt32(from + i + 4, true);
      if ((low | high) !== 0) return false;
    }
    for (; i + 4 <= length; i += 4) if (arenaView.getInt32(start + i, true) !== view.getInt32(from + i, true)) return false;
    for (; i < length; i++) if (arenaView.getUint8(start + i) !== view.getUint8(from + i)) return false;
    return true;
  }

  /** Grows fourfold, or, at the limit, forgets. */
  private makeRoom(): void {
    if (this.hashes.length >= this.most) this.clear();
    else this.resize(Math.min(this.most, 4 * this.hashes.length));
  }

  private resize(slots: number): void {
    const { hashes, starts, lengths, values, arena } = this;
    this.hashes = new Int32Array(slots);
    this.starts = new Int32Array(slots);
    this.lengths = new Int32Array(slots);
    this.values = new Array<T | undefined>(slots).fill(undefined);
    this.arena = new Uint8Array(slots * bytesPerSlot);
    this.arena.set(arena);
    this.arenaView = new DataView(this.arena.buffer);
    for (let i = 0; i < hashes.length; i++) {
      const hash = hashes[i] as number;
      const slot = hash === 0 ? -1 : this.freeSlot(hash);
      if (slot < 0) continue;
      this.hashes[slot] = hash;
      this.starts[slot] = starts[i] as number;
      this.lengths[slot] = lengths[i] as number;
      this.values[slot] = values[i];
    }
  }

  /** Forgets all values. */
  clear(): void {
    this.hashes.fill(0);
    this.values.fill(undefined);
    this.used = 0;
  }
}
