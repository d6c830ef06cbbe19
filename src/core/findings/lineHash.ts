/** Characters that enter the hash of a line: the next hundred that are not space or tab, from the start of the line on. */
const blockSize = 100;
const factor = 37;
/** Fed once after the text, so that a last line hashes differently from the same line with more text after it. */
const endOfFile = 65535;
const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const two32 = 0x1_0000_0000;

/** 37 to the power of 100 modulo 2^64, as two 32-bit halves: what a character is worth when it leaves the window. */
const [leaveHigh, leaveLow] = (() => {
  const power = BigInt.asUintN(64, BigInt(factor) ** BigInt(blockSize));
  return [Number(power >> 32n), Number(power & 0xffff_ffffn)];
})();

/**
 * Hash of every line (index 0 is line 1) in the manner of CodeQL's `primaryLocationLineHash`: a rolling polynomial hash over
 * 64 bits; CR and CRLF count as LF. Stable when lines are inserted above, when indentation changes and when line endings do.
 * Without the suffix `:n` for the n-th identical hash in a file: multiplicity is counted where ids are given.
 */
export function lineHashes(text: string): readonly string[] {
  const window = new Uint16Array(blockSize);
  const pending = new Int32Array(blockSize).fill(-1);
  const hashes: string[] = [];
  let high = 0;
  let low = 0;
  let index = 0;
  let lines = 0;
  let lineStart = true;

  const emit = (): void => {
    const line = pending[index] ?? -1;
    if (line >= 0) hashes[line] = high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0');
    pending[index] = -1;
  };
  const feed = (character: number): void => {
    const leaving = window[index] ?? 0;
    emit();
    if (lineStart) {
      lineStart = false;
      pending[index] = lines++;
    }
    if (character === lineFeed) lineStart = true;
    window[index] = character;
    // hash = hash * 37 + character - leaving * 37^100, modulo 2^64 in two halves that never exceed 2^53.
    const lowProduct = low * factor + character;
    const lowLeave = leaveLow * leaving;
    const lowDifference = (lowProduct % two32) - (lowLeave % two32);
    const carry = Math.floor(lowProduct / two32) - Math.floor(lowLeave / two32) + (lowDifference < 0 ? -1 : 0);
    low = lowDifference < 0 ? lowDifference + two32 : lowDifference;
    high = (((high * factor + carry - ((leaveHigh * leaving) % two32)) % two32) + two32) % two32;
    index = (index + 1) % blockSize;
  };

  let previousReturn = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const afterReturn = previousReturn;
    previousReturn = code === carriageReturn;
    if (code === space || code === tab || (code === lineFeed && afterReturn)) continue;
    feed(code === carriageReturn ? lineFeed : code);
  }
  feed(endOfFile);
  // Push the last lines through the window.
  for (let i = 0; i < blockSize; i++) feed(0);
  return hashes;
}
