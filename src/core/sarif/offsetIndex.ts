import { LineIndex } from '../edits/lineIndex';
import { sameText } from '../scannerFix/locate';
import { asInteger, asObject, asString } from './json';
import type { Region } from './region';
import { cleanSnippet } from './text';

/** The text of a workspace file in which offsets can be looked up; undefined where it is not known. */
export type OffsetsOf = (path: string) => OffsetIndex | undefined;

/** True for a region that has an offset: only then is a text needed. */
export function hasOffset(region: unknown): boolean {
  const object = asObject(region);
  return asInteger(object?.['charOffset'], 0) !== undefined || asInteger(object?.['byteOffset'], 0) !== undefined;
}

/** Between two marks of the byte count lie this many UTF-16 units: what one look-up goes through. */
const stride = 1024;

/** Finds the lines of regions that say their place by offsets alone (SARIF 2.1.0 §3.30.9 to §3.30.12). */
export class OffsetIndex {
  private lines: LineIndex | undefined;
  /** Bytes of UTF-8 before every `stride` units; undefined until asked for. */
  private marks: readonly number[] | undefined;

  constructor(private readonly text: string) {}

  /**
   * Lines and columns of a region by `charOffset` or `byteOffset`. Undefined when it has neither, when the text does not reach so
   * far, and when it holds something else there than the region's snippet says: the file has changed since the scan.
   */
  regionOf(region: unknown): Region | undefined {
    const object = asObject(region);
    const span = object === undefined ? undefined : (this.charSpan(object) ?? this.byteSpan(object));
    if (object === undefined || span === undefined || span.start > span.end || span.end > this.text.length) return undefined;
    const snippet = asString(asObject(object['snippet'])?.['text']);
    if (snippet !== undefined && !sameText(snippet, this.text.slice(span.start, span.end))) return undefined;
    this.lines ??= new LineIndex(this.text);
    const start = this.lines.positionAt(span.start);
    const end = this.lines.positionAt(span.end);
    return {
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
      ...(snippet === undefined || snippet === '' ? {} : { snippet: cleanSnippet(snippet) }),
    };
  }

  private charSpan(region: Readonly<Record<string, unknown>>): Span | undefined {
    const offset = asInteger(region['charOffset'], 0);
    if (offset === undefined) return undefined;
    // A byte order mark is no character of the text (§3.30.2).
    const start = offset + (this.text.startsWith('\uFEFF') ? 1 : 0);
    return { start, end: start + (asInteger(region['charLength'], 0) ?? 0) };
  }

  private byteSpan(region: Readonly<Record<string, unknown>>): Span | undefined {
    const offset = asInteger(region['byteOffset'], 0);
    const start = offset === undefined ? undefined : this.unitAt(offset);
    const end = offset === undefined ? undefined : this.unitAt(offset + (asInteger(region['byteLength'], 0) ?? 0));
    return start === undefined || end === undefined ? undefined : { start, end };
  }

  /** The UTF-16 offset of a byte of UTF-8; undefined beyond the end and within a character. */
  private unitAt(byte: number): number | undefined {
    this.marks ??= marksOf(this.text);
    let low = 0;
    let high = this.marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.marks[middle] ?? 0) <= byte) low = middle;
      else high = middle - 1;
    }
    let at = low * stride;
    // A mark may fall into a pair of surrogates, whose four bytes count where it begins.
    if (isLow(this.text, at)) at++;
    let bytes = this.marks[low] ?? 0;
    while (bytes < byte && at < this.text.length) {
      bytes += bytesAt(this.text, at);
      at += (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
    return bytes === byte ? at : undefined;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function marksOf(text: string): readonly number[] {
  const marks: number[] = [];
  let bytes = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at % stride === 0) marks.push(bytes);
    if (at < text.length && !isLow(text, at)) bytes += bytesAt(text, at);
  }
  return marks;
}

/** True for the second half of a character beyond U+FFFF. */
function isLow(text: string, at: number): boolean {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

function bytesAt(text: string, at: number): number {
  const code = text.codePointAt(at) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
