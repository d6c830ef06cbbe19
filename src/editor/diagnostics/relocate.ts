/**
 * Where the lines of an earlier text stand in a later one: after edits, findings move with their line, and vanish when the
 * line itself changed. Built anew from the two texts each time, so that undo brings everything back.
 */
export class Relocation {
  private readonly head: number;
  private readonly tail: number;
  private readonly delta: number;
  /** Within the changed middle: line text → its places in the later text. */
  private readonly middle = new Map<string, number[]>();

  constructor(
    private readonly before: readonly string[],
    after: readonly string[],
  ) {
    const shorter = Math.min(before.length, after.length);
    let head = 0;
    while (head < shorter && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
    this.head = head;
    this.tail = tail;
    this.delta = after.length - before.length;
    for (let line = head; line < after.length - tail; line++) {
      const places = this.middle.get(after[line] ?? '');
      if (places === undefined) this.middle.set(after[line] ?? '', [line]);
      else places.push(line);
    }
  }

  /** The 0-based line in the later text, or undefined when the line was changed or removed. */
  line(line: number): number | undefined {
    if (line < this.head) return line;
    if (line >= this.before.length) return undefined;
    if (line >= this.before.length - this.tail) return line + this.delta;
    const text = this.before[line] ?? '';
    const places = this.middle.get(text) ?? [];
    // The same text may stand there several times: the n-th of them stays the n-th, as long as none came or went.
    const earlier = this.countBefore(text, line);
    return this.countBefore(text, this.before.length - this.tail) === places.length ? places[earlier] : undefined;
  }

  private countBefore(text: string, end: number): number {
    let count = 0;
    for (let line = this.head; line < end; line++) if (this.before[line] === text) count++;
    return count;
  }
}
