/** One entry of an archive as far as two builds can differ in it. */
export interface ArchiveEntry {
  /** As the archive has it. */
  readonly path: string;
  /** `file`, `folder`, `link to x`, or the archive's own letter. */
  readonly kind: string;
  /** Bytes of its content. */
  readonly size: number;
  /** SHA-256 of the content, or the archive's own checksum where that is all there is. */
  readonly content: string;
  /** Permission bits; undefined where the archive holds none. */
  readonly mode: number | undefined;
  /** As the archive has it: seconds since the epoch with a fraction, or the date of a zip. */
  readonly time: string;
  /** Everything else that is told: owner, group, extra fields. */
  readonly rest: string;
}

/** More entries than any artifact of an honest build has. */
export const mostEntries = 200_000;

/** Thrown by the readers: the bytes are no archive of the format, or pass one of the bounds. The message says which. */
export class NotAnArchive extends Error {
  override readonly name = 'NotAnArchive';
}
