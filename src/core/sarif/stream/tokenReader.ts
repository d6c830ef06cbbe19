import type { NameTable } from './nameTable';
import { InternTable } from './internTable';
import type { TextDecoding } from './internTable';
import { positionMask } from './structureIndex';

/** The bytes end before the value does; more have to be read. */
export const incomplete = new Error('the value goes on behind the window');
/** Not what a plain writer writes: the caller falls back to JSON.parse of the slice, which knows everything. */
export const unusual = new Error('not in the plain form');

/** What nextMember gives behind the last member. */
export const noMember = -2;

const quote = 34;
/** What stands for the character after a backslash; 0 where it takes more than one byte to say. */
export const unescaped = new Uint8Array(256);
for (const pair of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) unescaped[pair.charCodeAt(0)] = pair.charCodeAt(1);

/**
 * Reads JSON values off an index of their structure, passing over what nobody wants at the price of its tokens. The caller
 * names the wanted members; `incomplete` and `unusual` are thrown (ready-made, without a stack) when reading cannot go on.
 */
export class TokenReader {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected view: DataView = new DataView(new ArrayBuffer(0));
  private end = 0;
  /** Number of the next token. */
  token = 0;
  /** Position behind what was read. */
  position = 0;
  private tokens: Int32Array = new Int32Array(0);
  private count = 0;
  /** Member names and ids: few, so that the table stays in the processor's cache. */
  private readonly nameTexts: InternTable<string>;
  /** Slices that come again whole, an artifactLocation for instance, with what they parse to. */
  private readonly slices: InternTable<unknown>;
  private readonly scratch = new Uint8Array(4096);

  constructor(protected readonly decoding: TextDecoding) {
    this.nameTexts = new InternTable((bytes, from, to) => decoding.ascii(bytes, from, to), 4096);
    this.slices = new InternTable((_, from, to) => this.parseSlice(from, to), 64 * 1024);
  }

  /** Takes up newly indexed bytes; reading starts at `position`. */
  start(bytes: Uint8Array, end: number, tokens: Int32Array, count: number, position: number): void {
    if (this.bytes !== bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.bytes = bytes;
    this.end = end;
    this.tokens = tokens;
    this.count = count;
    this.token = 0;
    this.position = position;
  }

  /** The next byte that is no white space, not taken. */
  peek(): number {
    const { bytes, end } = this;
    let { position } = this;
    while (position < end) {
      const byte = bytes[position] as number;
      if (byte > 32) {
        this.position = position;
        return byte;
      }
      position++;
    }
    throw incomplete;
  }

  /** Enters the object at the position, or tells that another value stands there by `unusual`. */
  enterObject(): void {
    if (this.peek() !== 123) throw unusual;
    this.take();
  }

  /**
   * The next member in an entered object, with the position at its value: the place of its name in the table, -1 for a name
   * that is not there, `noMember` when the object has ended. To be asked where the member before, if any, was read to its end.
   * A loop asks at one place in the code: what it calls is compiled into it, and two places are compiled twice.
   */
  nextMember(table: NameTable): number {
    const close = this.openMember();
    if (close === noMember) return noMember;
    const index = table.find(this.bytes, this.position + 1, close);
    this.closeMember(close);
    return index;
  }

  /** The next member's name; undefined when the object has ended. */
  nextName(): string | undefined {
    const close = this.openMember();
    if (close === noMember) return undefined;
    const name = this.nameTexts.get(this.bytes, this.view, this.position + 1, close);
    this.closeMember(close);
    return name;
  }

  /** True when another element follows in an entered array, with the position at it. */
  nextElement(first: boolean): boolean {
    const byte = this.peek();
    if (byte === 93) {
      this.take();
      return false;
    }
    if (!first) {
      if (byte !== 44) throw unusual;
      this.position++;
    }
    return true;
  }

  enterArray(): void {
    if (this.peek() !== 91) throw unusual;
    this.take();
  }

  /** A string met often (an id, a path): one string for equal bytes. */
  readName(): string {
    if (this.peek() !== quote) throw unusual;
    const close = this.closing();
    if (close < 0) return this.readSpecial(close & positionMask);
    const text = this.nameTexts.get(this.bytes, this.view, this.position + 1, close);
    this.leaveString(close);
    return text;
  }

  /** A string met often, given as what a table of the caller holds for its bytes. Special strings are `unusual`. */
  protected lookUpName<T>(table: InternTable<T>): T {
    if (this.peek() !== quote) throw unusual;
    const close = this.closing();
    if (close < 0) throw unusual;
    const found = table.get(this.bytes, this.view, this.position + 1, close);
    this.leaveString(close);
    return found;
  }

  /** A value met often, given as what a table of the caller holds for its bytes. */
  protected lookUpValue<T>(table: InternTable<T>): T {
    this.peek();
    const from = this.position;
    this.skip();
    return table.get(this.bytes, this.view, from, this.position);
  }

  /** The next member's name as what a table holds for its bytes; undefined when the object has ended. */
  protected lookUpMember<T>(table: InternTable<T>): T | undefined {
    const close = this.openMember();
    if (close === noMember) return undefined;
    const found = table.get(this.bytes, this.view, this.position + 1, close);
    this.closeMember(close);
    return found;
  }

  /**
   * Passes over the string at the position and gives the token of its closing quote: negative when the bytes between the quotes
   * (from `position + 1` before the call on) are not its characters.
   */
  protected passString(): number {
    if (this.peek() !== quote) throw unusual;
    const close = this.closing();
    this.leaveString(close & positionMask);
    return close;
  }

  /** A string met once (a message, a hash). */
  readText(): string {
    if (this.peek() !== quote) throw unusual;
    const close = this.closing();
    if (close < 0) return this.readSpecial(close & positionMask);
    const text = this.decoding.ascii(this.bytes, this.position + 1, close);
    this.leaveString(close);
    return text;
  }

  /**
   * A value whose text comes again and again, by JSON.parse the first time: the same object for the same text, so nobody may
   * change it.
   */
  readShared(): unknown {
    this.peek();
    const from = this.position;
    this.skip();
    const to = this.position;
    return this.slices.get(this.bytes, this.view, from, to);
  }

  /** A whole number of at most nine digits; anything else is `unusual`. */
  readInteger(): number {
    let byte = this.peek();
    const { bytes } = this;
    const from = this.position;
    const negative = byte === 45;
    let position = negative ? from + 1 : from;
    const digits = position;
    let value = 0;
    while ((byte = bytes[position] as number) >= 48 && byte <= 57 && position < this.end) {
      value = value * 10 + byte - 48;
      position++;
    }
    if (position >= this.end) throw incomplete;
    const length = position - digits;
    if (length === 0 || length > 9 || (length > 1 && bytes[digits] === 48) || !isDelimiter(byte)) throw unusual;
    this.position = position;
    return negative ? -value : value;
  }

  /** Passes over the value at the position. */
  skip(): void {
    const byte = this.peek();
    if (byte === quote) this.leaveString(this.closing() & positionMask);
    else if (byte === 123 || byte === 91) this.skipContainer();
    else this.skipScalar();
  }

  /** The value at the position by JSON.parse. */
  parse(): unknown {
    this.peek();
    const from = this.position;
    this.skip();
    return this.parseSlice(from, this.position);
  }

  /** JSON.parse of a slice of the bytes. @throws `unusual` when it is no JSON. */
  parseSlice(from: number, to: number): unknown {
    try {
      return JSON.parse(this.decoding.utf8(this.bytes, from, to));
    } catch {
      throw unusual;
    }
  }

  private skipContainer(): void {
    const { bytes, tokens, count } = this;
    let { token } = this;
    let depth = 0;
    while (token < count) {
      const at = (tokens[token++] as number) & positionMask;
      const byte = bytes[at] as number;
      // A quote's partner follows it; `{` and `[` have bit 1 set, `}` and `]` have not.
      if (byte === quote) token++;
      else if ((byte & 2) !== 0) depth++;
      else if (--depth === 0) {
        this.token = token;
        this.position = at + 1;
        return;
      }
    }
    throw incomplete;
  }

  private skipScalar(): void {
    const { bytes, end } = this;
    let { position } = this;
    while (position < end && !isDelimiter(bytes[position] as number)) position++;
    if (position >= end) throw incomplete;
    this.position = position;
  }

  /** The token of the string's closing quote (negative when the string is special). */
  private closing(): number {
    if (this.token + 1 >= this.count) throw incomplete;
    return this.tokens[this.token + 1] as number;
  }

  private leaveString(close: number): void {
    this.token += 2;
    this.position = close + 1;
  }

  /** A string with escapes, or not all ASCII. Most have a quote or two escaped, which takes no parser. */
  private readSpecial(close: number): string {
    const { bytes, scratch } = this;
    const from = this.position;
    this.leaveString(close);
    if (close - from > scratch.length) return this.parseSlice(from, close + 1) as string;
    let length = 0;
    for (let i = from + 1; i < close; i++) {
      let byte = bytes[i] as number;
      if (byte === 92) byte = unescaped[bytes[++i] as number] as number;
      else if (byte < 32) byte = 0;
      if (byte === 0 || byte > 127) return this.parseSlice(from, close + 1) as string;
      scratch[length++] = byte;
    }
    return this.decoding.ascii(scratch, 0, length);
  }

  /** Goes to the next member's name and gives the position of its closing quote; noMember when the object has ended. */
  private openMember(): number {
    // No value ends in a brace that opens.
    const first = this.bytes[this.position - 1] === 123;
    let byte = this.peek();
    if (byte === 125) {
      this.take();
      return noMember;
    }
    if (!first) {
      if (byte !== 44) throw unusual;
      this.position++;
      byte = this.peek();
    }
    if (byte !== quote) throw unusual;
    const close = this.closing();
    if (close < 0) throw unusual;
    return close;
  }

  private closeMember(close: number): void {
    this.leaveString(close);
    if (this.peek() !== 58) throw unusual;
    this.position++;
  }

  private take(): void {
    this.token++;
    this.position++;
  }
}

function isDelimiter(byte: number): boolean {
  return byte === 44 || byte === 125 || byte === 93 || byte <= 32;
}
