/** Longest texts of one row together; a result with more goes the long way. */
export const mostRowBytes = 8192;
/** A title and as many fingerprints as a finding keeps. */
export const mostRowTexts = 33;

/**
 * A finding as numbers and bytes, before anybody has made an object of it: what a reader of a large report fills, again and again
 * the same row, and a FindingEncoder takes over. The numbers of template, path and shape are the encoder's, and so is the
 * memory of the texts, so that they are written once and stay where they are.
 */
export class PlainRow {
  /** What the finding shares with others of its rule. */
  template = -1;
  path = -1;
  /** 1-based as in Location; 0 where there is none. */
  startLine = 0;
  startColumn = 0;
  endLine = 0;
  endColumn = 0;
  /** Position of the result in its report. */
  index = 0;
  /** Names of the fingerprints. They are ASCII and usable (see core/findings/fingerprint), and there is at least one, which gives the id. */
  shape = -1;
  /** The result's bytes in the report's file. */
  offset = 0;
  length = 0;
  /** Title, then the fingerprints' values in the order of their names: UTF-8, one behind the other, from `from` to `used`. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Over all of `bytes`. */
  view = new DataView(this.bytes.buffer);
  from = 0;
  used = 0;
  /** Where each text ends in `bytes`. */
  readonly ends = new Int32Array(mostRowTexts);
  texts = 0;

  /** Starts the row anew; its texts are written from `from` on, where `mostRowBytes` must be free. */
  start(bytes: Uint8Array, from: number): void {
    this.template = this.path = this.shape = -1;
    this.startLine = this.startColumn = this.endLine = this.endColumn = 0;
    if (this.bytes !== bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.bytes = bytes;
    this.from = this.used = from;
    this.texts = 0;
  }

  /** True when a text of so many bytes can still be added. */
  hasRoom(length: number): boolean {
    return this.used - this.from + length <= mostRowBytes && this.texts < mostRowTexts;
  }

  /** Ends the text whose bytes were written from the end of the one before on. */
  endText(used: number): void {
    this.used = used;
    this.ends[this.texts++] = used;
  }
}
