/** Texts as UTF-8, by their numbers, to be copied many times: a key that is hashed is put together without making a string. */
export class TextList {
  private bytes = new Uint8Array(4096);
  private ends = new Int32Array(256);
  private count = 0;

  /** Adds a text and gives its number: 0, 1, … */
  push(text: string): number {
    const number = this.count++;
    const from = this.start(number);
    // UTF-8 takes three bytes a code unit at most.
    if (from + 3 * text.length > this.bytes.length) {
      const larger = new Uint8Array(2 * (from + 3 * text.length));
      larger.set(this.bytes.subarray(0, from));
      this.bytes = larger;
    }
    if (number === this.ends.length) {
      const larger = new Int32Array(2 * number);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[number] = from + utf8.encodeInto(text, this.bytes.subarray(from)).written;
    return number;
  }

  /** Bytes of a text. */
  lengthOf(number: number): number {
    return (this.ends[number] as number) - this.start(number);
  }

  /** Copies a text to `at` and gives the place behind it. */
  copy(number: number, into: Uint8Array, at: number): number {
    const { bytes } = this;
    const end = this.ends[number] as number;
    let to = at;
    // A loop is quicker than \`set\` for texts of this length.
    for (let i = this.start(number); i < end; i++) into[to++] = bytes[i] as number;
    return to;
  }

  private start(number: number): number {
    return number === 0 ? 0 : (this.ends[number - 1] as number);
  }
}

const utf8 = new TextEncoder();
