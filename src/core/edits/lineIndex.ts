import { HumanError } from '../errors';

/**
 * Lines and columns of a text. Both are 1-based, columns count UTF-16 code units; LF, CRLF and a lone CR end a line, as in
 * editors. A byte order mark at the start is no column: linters and editors strip it before they count.
 */
export class LineIndex {
  /** Offset of the first character of each line. */
  readonly #starts: number[] = [];

  constructor(readonly text: string) {
    this.#starts.push(text.startsWith('\uFEFF') ? 1 : 0);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) this.#starts.push(i + 1);
    }
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /**
   * Offset of a place; one column past the last character of the line is allowed (an exclusive end).
   * @throws HumanError when the text has no such place.
   */
  offsetAt(line: number, column: number): number {
    const start = this.#startOf(line);
    const offset = start + column - 1;
    if (!Number.isInteger(column) || column < 1 || offset > this.#contentEnd(line))
      throw new HumanError(`Line ${line} has no column ${column}; the file has changed since it was read.`);
    return offset;
  }

  /** Line and column of an offset. @throws HumanError when it lies outside the text. */
  positionAt(offset: number): { readonly line: number; readonly column: number } {
    if (!Number.isInteger(offset) || offset < 0 || offset > this.text.length)
      throw new HumanError(`The text has no character ${offset}; it is ${this.text.length} long.`);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(1, offset - (this.#starts[low] ?? 0) + 1) };
  }

  /** The line without its terminator. @throws HumanError when the text has no such line. */
  lineText(line: number): string {
    return this.text.slice(this.#startOf(line), this.#contentEnd(line));
  }

  #startOf(line: number): number {
    const start = this.#starts[line - 1];
    if (start === undefined)
      throw new HumanError(`There is no line ${line}; the text has ${this.lineCount}. The file has changed since it was read.`);
    return start;
  }

  /** Offset just behind the last character of the line that is no terminator. */
  #contentEnd(line: number): number {
    const next = this.#starts[line];
    if (next === undefined) return this.text.length;
    return this.text.charCodeAt(next - 1) === 10 && this.text.charCodeAt(next - 2) === 13 ? next - 2 : next - 1;
  }
}

/**
 * The UTF-16 offset of a UTF-8 byte offset in the same text, for vendors that count bytes (Semgrep, SARIF byteOffset).
 * @throws HumanError when the text has no such byte, or it lies inside a character.
 */
export function byteToUtf16Offset(text: string, byteOffset: number): number {
  let bytes = 0;
  let at = 0;
  while (at < text.length && bytes < byteOffset) {
    const code = text.codePointAt(at) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += code < 0x10000 ? 1 : 2;
  }
  if (bytes !== byteOffset)
    throw new HumanError(`Byte ${byteOffset} is no start of a character in this text; the file has changed since it was read.`);
  return at;
}
