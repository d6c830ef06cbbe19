import type { ByteWindow } from './byteWindow';
import { positionMask } from './structureIndex';
import type { StructureIndex } from './structureIndex';

/** What is wrong with a document, and at which byte of the file. Whoever knows the file's name makes words of it. */
export class JsonDamage extends Error {
  override readonly name = 'JsonDamage';
  constructor(
    readonly reason: string,
    /** Offset in the file. */
    readonly at: number,
  ) {
    super(reason);
  }
}

const quote = 34;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Walks through a JSON document value by value, skipping or parsing each, without ever holding the document. */
export class JsonCursor {
  /** Position in the window. */
  position = 0;

  constructor(
    readonly window: ByteWindow,
    readonly structure: StructureIndex,
  ) {}

  /** Offset in the file. */
  get offset(): number {
    return this.window.offset + this.position;
  }

  seek(offset: number): void {
    this.window.seek(offset);
    this.position = 0;
  }

  /** The next byte that is no white space, not taken; -1 at the end of the file. */
  peek(): number {
    for (;;) {
      const { bytes, end } = this.window;
      while (this.position < end) {
        const byte = bytes[this.position] as number;
        if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
        this.position++;
      }
      if (!this.readOn(this.position)) return -1;
    }
  }

  /** Takes the given byte. @throws JsonDamage when another stands there. */
  expect(character: string): void {
    if (this.peek() !== character.charCodeAt(0)) throw this.unexpected(`\`${character}\``);
    this.position++;
  }

  /** Calls back at each member's value, which must be read or skipped; the cursor then stands behind the object. */
  readObject(onMember: (name: string) => void): void {
    this.expect('{');
    if (this.tryTake('}')) return;
    do {
      if (this.peek() !== quote) throw this.unexpected('the name of a member');
      const name = this.readValue();
      this.expect(':');
      onMember(String(name));
    } while (this.tryTake(','));
    this.expect('}');
  }

  /** Calls back at each element, which must be read or skipped; the cursor then stands behind the array. */
  readArray(onElement: (index: number) => void): void {
    this.expect('[');
    if (this.tryTake(']')) return;
    let index = 0;
    do onElement(index++);
    while (this.tryTake(','));
    this.expect(']');
  }

  /** Parses the value that begins here. @throws JsonDamage when it is no JSON or too large to be held. */
  readValue(): unknown {
    if (this.peek() === -1) throw this.unexpected('a value');
    const end = this.findEnd(true);
    const text = utf8.decode(this.window.bytes.subarray(this.position, end));
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.unexpected('a JSON value');
    }
    this.position = end;
    return value;
  }

  /** Passes over the value that begins here; its inside is not checked beyond strings and brackets. */
  skipValue(): void {
    if (this.peek() === -1) throw this.unexpected('a value');
    this.position = this.findEnd(false);
  }

  tryTake(character: string): boolean {
    if (this.peek() !== character.charCodeAt(0)) return false;
    this.position++;
    return true;
  }

  unexpected(wanted: string): JsonDamage {
    const atEnd = this.position >= this.window.end;
    return new JsonDamage(atEnd ? `it ends where ${wanted} should follow` : `${wanted} should stand there`, this.offset);
  }

  /** The file ends before the value does. */
  cutOff(): JsonDamage {
    this.position = this.window.end;
    return new JsonDamage('the file ends in the middle of a value, as if it was cut off', this.offset);
  }

  /** Reads on into the window, keeping what stands from `keep` on; false at the end of the file. */
  readOn(keep: number): boolean {
    const more = this.window.more(keep);
    this.position -= keep;
    if (!more && this.window.isFull) throw new JsonDamage('one value is too large to be read', this.offset);
    return more;
  }

  /** End of the value at the cursor, as a position in the window; with `hold` the value's start stays in the window. */
  private findEnd(hold: boolean): number {
    const first = this.window.bytes[this.position] as number;
    if (first !== quote && first !== 123 && first !== 91) return this.findScalarEnd();
    let at = this.position;
    let depth = 0;
    let look = 512;
    for (;;) {
      const { bytes } = this.window;
      const to = Math.min(this.window.end, at + look);
      const count = this.structure.index(bytes, at, to);
      const { tokens } = this.structure;
      let resume = to;
      for (let t = 0; t < count; t++) {
        const position = (tokens[t] as number) & positionMask;
        const byte = bytes[position] as number;
        if (byte === quote) {
          if (++t >= count) resume = position;
          else if (depth === 0) return ((tokens[t] as number) & positionMask) + 1;
        } else if ((byte & 2) !== 0) {
          // `{` and `[` have bit 1 set (0x7b, 0x5b), `}` and `]` have not (0x7d, 0x5d).
          depth++;
        } else if (--depth <= 0) return position + 1;
      }
      look *= 8;
      at = resume;
      if (to < this.window.end) continue;
      const keep = hold ? this.position : resume;
      if (!hold) this.position = resume;
      if (!this.readOn(keep)) throw this.cutOff();
      at -= keep;
    }
  }

  private findScalarEnd(): number {
    let at = this.position;
    for (;;) {
      const { bytes, end } = this.window;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (byte <= 32 || byte === 44 || byte === 93 || byte === 125 || byte === 58) return at;
        if (at - this.position > 1000) throw this.unexpected('a JSON value');
      }
      const keep = this.position;
      if (!this.readOn(keep)) return this.window.end;
      at -= keep;
    }
  }
}
