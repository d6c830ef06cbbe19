import { unescaped } from './tokenReader';

/** 1 for bytes that stand in a title as they stand in the report, whatever is beside them. */
const isOrdinary = Uint8Array.from({ length: 256 }, (_, byte) => (byte > 32 && byte < 127 && byte !== 92 && byte !== 40 ? 1 : 0));

/** Four bytes of one, and the top bit of each: with it set, what is taken from a byte borrows nothing from the next. */
const everyOne = 0x01010101;
const everyTop = 0x80808080 | 0;

/**
 * Copies the inside of a JSON string, `from` to `to`, in UTF-8 to `into` at `at`, escapes resolved, and looks on the way whether
 * titleOf or withoutLinks would change anything about it but its length. The views are over all of the bytes.
 *
 * @returns where the copy ends; the same as a negative number when somebody has to look closer; 0 for what is no such string
 */
export function copyTitle(
  bytes: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  into: Uint8Array,
  intoView: DataView,
  at: number,
): number {
  const start = at;
  let plain = true;
  for (let i = from; i < to; i++) {
    // Four bytes a step, as long as none of them needs a look: ASCII from blank on, no backslash, no bracket, no second blank.
    let blank = at === start || into[at - 1] === 32 ? 128 : 0;
    for (; i + 4 <= to; i += 4, at += 4) {
      const four = view.getInt32(i, true);
      const marked = four | everyTop;
      const blanks = ~(marked - 33 * everyOne) & everyTop;
      const ordinary =
        (marked - 32 * everyOne) & ((marked ^ (92 * everyOne)) - everyOne) & ((marked ^ (40 * everyOne)) - everyOne);
      if (((four | (four + everyOne) | ~ordinary | (blanks & ((blanks << 8) | blank))) & everyTop) !== 0) break;
      intoView.setInt32(at, four, true);
      blank = blanks >>> 24;
    }
    if (i === to) break;
    let byte = bytes[i] as number;
    if (isOrdinary[byte] === 0) {
      if (byte > 127) {
        const width = plainWidth(bytes, i);
        if (width === 0) plain = false;
        for (let rest = width - 1; rest > 0; rest--) into[at++] = bytes[i++] as number;
        into[at++] = bytes[i] as number;
        continue;
      }
      if (byte === 92) {
        byte = unescaped[bytes[++i] as number] as number;
        if (byte === 0) return 0;
      } else if (byte < 32) return 0;
      const before = at === start ? 32 : (into[at - 1] as number);
      // Controls, runs of blanks and blanks at the ends, links.
      if (byte < 32 || byte === 127 || (byte === 32 && before === 32) || (byte === 40 && before === 93)) plain = false;
    }
    into[at++] = byte;
  }
  if (into[at - 1] === 32) plain = false;
  return plain ? at : -at;
}

/**
 * Bytes of the character beyond ASCII at a place of JSON text (so that a quote is still to come), when it stands in a title as it
 * stands in the report; 0 for what has to be looked at, or is no UTF-8. As `needsCleaning` of titleOf has it, in UTF-8.
 */
function plainWidth(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const second = bytes[at + 1] as number;
  if ((second & 0xc0) !== 0x80) return 0;
  // U+00C0 to U+053F: letters.
  if (lead >= 0xc3 && lead <= 0xd4) return 2;
  if (lead < 0xe2 || lead > 0xed || ((bytes[at + 2] as number) & 0xc0) !== 0x80) return 0;
  // U+2010 to U+2027: dashes and quotation marks.
  if (lead === 0xe2 && second === 0x80) return (bytes[at + 2] as number) >= 0x90 && (bytes[at + 2] as number) <= 0xa7 ? 3 : 0;
  // U+2100 to U+2FFF: symbols; U+3040 to U+D7FF: scripts of East Asia.
  if (lead === 0xe2) return second >= 0x84 ? 3 : 0;
  if (lead === 0xe3) return second >= 0x81 ? 3 : 0;
  return lead < 0xed || second <= 0x9f ? 3 : 0;
}
