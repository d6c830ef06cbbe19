/**
 * Counts ids of 64 bits, given as two halves, and remembers their order, so that the later ones can be forgotten again. A map of
 * a hundred thousand strings takes five times the time and the memory.
 */
export class IdCounts {
  /** The ids in the order they came. */
  private high = new Int32Array(1024);
  private low = new Int32Array(1024);
  private size = 0;
  /** How often an id has come, at its first place. */
  private counts = new Int32Array(1024);
  /** First place of the id of a slot, plus one; 0 for a free slot. At most half of them are taken. */
  private slots = new Int32Array(2048);

  /** Counts an id once more and gives how often it has come. */
  add(high: number, low: number): number {
    if (this.size === this.high.length) this.grow();
    const place = this.size++;
    this.high[place] = high;
    this.low[place] = low;
    return this.count(place);
  }

  /** Forgets all but the first `count` ids that came. */
  truncate(count: number): void {
    if (count < this.size) this.recount(count);
  }

  private count(place: number): number {
    const { high, low, slots, counts } = this;
    const mask = slots.length - 1;
    // The ids are hashes, so their bits are as good as another hash.
    let slot = (low[place] as number) & mask;
    for (;;) {
      const first = (slots[slot] as number) - 1;
      if (first < 0) {
        slots[slot] = place + 1;
        return (counts[place] = 1);
      }
      if (low[first] === low[place] && high[first] === high[place]) return (counts[first] = (counts[first] as number) + 1);
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    this.high = doubled(this.high);
    this.low = doubled(this.low);
    this.counts = doubled(this.counts);
    this.slots = new Int32Array(2 * this.slots.length);
    this.recount(this.size);
  }

  private recount(size: number): void {
    this.slots.fill(0);
    this.size = size;
    for (let place = 0; place < size; place++) this.count(place);
  }
}

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
