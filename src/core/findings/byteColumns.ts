/**
 * A column that counts bytes of UTF-8 as one that counts UTF-16 code units; both 1-based. Undefined when it points into the
 * middle of a character or beyond the end of the line.
 */
export function utf16Column(line: string, byteColumn: number): number | undefined {
  let bytes = 1;
  for (let i = 0; i <= line.length;) {
    if (bytes === byteColumn) return i + 1;
    if (bytes > byteColumn || i === line.length) return undefined;
    const code = line.codePointAt(i) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    i += code < 0x10000 ? 1 : 2;
  }
  return undefined;
}
