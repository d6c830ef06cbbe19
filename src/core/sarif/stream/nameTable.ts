/**
 * Recognises the member names that a reader knows by their bytes, without making a string: gives a name's place in the list,
 * -1 for all others. Each known name has a slot of its own (the constructor looks for a multiplier that makes it so), so a
 * look-up is one comparison.
 */
export class NameTable {
  private readonly names: readonly Uint8Array[];
  private readonly slots = new Int8Array(256).fill(-1);
  private readonly multiplier: number;

  /** At most 100 names, ASCII, of at least two characters. */
  constructor(names: readonly string[]) {
    this.names = names.map((name) => new TextEncoder().encode(name));
    let multiplier = 1;
    while (!this.fits(multiplier)) multiplier += 2;
    this.multiplier = multiplier;
    this.names.forEach((name, i) => (this.slots[slotOf(name, 0, name.length, multiplier)] = i));
  }

  /** Place in the list of the name whose bytes stand from `from` to `to`; -1 when it is none of them. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length < 2) return -1;
    const index = this.slots[slotOf(bytes, from, length, this.multiplier)] as number;
    if (index < 0) return -1;
    const name = this.names[index] as Uint8Array;
    if (name.length !== length) return -1;
    for (let i = 0; i < length; i++) if (name[i] !== bytes[from + i]) return -1;
    return index;
  }

  private fits(multiplier: number): boolean {
    return new Set(this.names.map((name) => slotOf(name, 0, name.length, multiplier))).size === this.names.length;
  }
}

function slotOf(bytes: Uint8Array, from: number, length: number, multiplier: number): number {
  const first = bytes[from] as number;
  const second = bytes[from + 1] as number;
  const last = bytes[from + length - 1] as number;
  return (Math.imul((((first << 7) ^ second) << 7) ^ last ^ (length << 3), multiplier) >>> 9) & 255;
}
