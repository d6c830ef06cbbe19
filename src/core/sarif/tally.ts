import type { Rejection } from '../model/finding';

/** Rejections of one report that are kept word by word; the rest is counted. */
const mostRejections = 1000;

/** Counts what a report held besides findings, and says it in the end. */
export class Tally {
  results = 0;
  /** Results that are none to act upon: they say so, or are gone. */
  passedOver = 0;
  /** Rejections beyond those that are kept. */
  unlisted = 0;
  complete = true;
  private readonly counts = new Map<string, number>();
  private readonly rejections: Rejection[] = [];

  constructor(private readonly file: string) {}

  /** Counts one occurrence of a sentence with `#` for the number: `# results … were not imported`. */
  count(sentence: string): void {
    this.counts.set(sentence, (this.counts.get(sentence) ?? 0) + 1);
  }

  /** Counts a result that becomes no finding, by a sentence as in `count`. */
  passOver(sentence: string): void {
    this.passedOver++;
    this.count(sentence);
  }

  /** Says a sentence once, however often it is noted. */
  note(sentence: string): void {
    this.counts.set(sentence, 1);
  }

  /** `path` is the JSON path of the part that could not be taken: `runs[0].results[3].locations[0]`. */
  reject(path: string, reason: string): void {
    if (this.rejections.length < mostRejections) this.rejections.push({ file: this.file, path, reason });
    else this.unlisted++;
  }

  /** The state to come back to when a run has to be read again. */
  mark(): () => void {
    const { results, passedOver, complete, unlisted } = this;
    const counts = new Map(this.counts);
    const rejected = this.rejections.length;
    return () => {
      Object.assign(this, { results, passedOver, complete, unlisted });
      this.counts.clear();
      for (const [sentence, count] of counts) this.counts.set(sentence, count);
      this.rejections.length = rejected;
    };
  }

  get rejected(): readonly Rejection[] {
    return this.rejections;
  }

  get notes(): readonly string[] {
    const notes = [...this.counts].map(([sentence, count]) => (sentence.startsWith('# ') ? numbered(sentence, count) : sentence));
    if (this.unlisted > 0) notes.push(`${this.unlisted} further parts of the report could not be taken`);
    return notes;
  }
}

/** `# results of … were …` with the number, in the singular for one. */
function numbered(sentence: string, count: number): string {
  if (count !== 1) return sentence.replace('#', String(count));
  return sentence.replace('# results', '1 result').replace(' were ', ' was ').replace(' have ', ' has ');
}
