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
  /** Four numbers a slot: hash (0 when it is free), start in the arena, length, and a place for none; they lie in one line of the cache. */
  private slots = new Int32Array(0);
  private mask = 0;
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
    const { slots, mask } = this;
    let slot = hash & mask;
    for (let probe = 0; probe < longestProbe; probe++) {
      const at = slot << 2;
      const known = slots[at];
      if (known === 0) return this.add(slot, hash, bytes, from, to);
      if (known === hash && slots[at + 2] === length && this.isEqual(slots[at + 1] as number, view, from, length))
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
    this.fill(slot, hash, this.used, to - from, value);
    this.used += to - from;
    return value;
  }

  private fill(slot: number, hash: number, start: number, length: number, value: T): void {
    this.slots[4 * slot] = hash;
    this.slots[4 * slot + 1] = start;
    this.slots[4 * slot + 2] = length;
    this.values[slot] = value;
  }

  /** -1 when all slots that would be looked at are taken. */
  private freeSlot(hash: number): number {
    const { slots, mask } = this;
    for (let probe = 0; probe < longestProbe; probe++) if (slots[4 * ((hash + probe) & mask)] === 0) return (hash + probe) & mask;
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
    const size = this.mask + 1;
    if (size >= this.most) this.clear();
    else this.resize(Math.min(this.most, 4 * size));
  }

  private resize(size: number): void {
    const { slots, values, arena } = this;
    this.slots = new Int32Array(4 * size);
    this.mask = size - 1;
    this.values = new Array<T | undefined>(size).fill(undefined);
    this.arena = new Uint8Array(size * bytesPerSlot);
    this.arena.set(arena);
    this.arenaView = new DataView(this.arena.buffer);
    for (let i = 0; i < values.length; i++) {
      const hash = slots[4 * i] as number;
      const slot = hash === 0 ? -1 : this.freeSlot(hash);
      if (slot >= 0) this.fill(slot, hash, slots[4 * i + 1] as number, slots[4 * i + 2] as number, values[i] as T);
    }
  }

  /** Forgets all values. */
  clear(): void {
    this.slots.fill(0);
    this.values.fill(undefined);
    this.used = 0;
  }
}
