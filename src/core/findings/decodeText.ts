/** How the bytes of a report are encoded, by the byte order mark, else by where the zero bytes of ASCII characters stand. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== undefined && first !== 0 && second === 0) return 'utf-16le';
  if (first === 0 && second !== undefined && second !== 0) return 'utf-16be';
  return 'utf-8';
}

/**
 * The text of a report without its byte order mark. Reports are UTF-8 (RFC 8259 §8.1), but what Windows PowerShell redirects
 * into a file is UTF-16. Undefined when the bytes are neither.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    // TextDecoder throws on the first byte sequence that is not of the encoding.
    return undefined;
  }
}

/** The line (1-based) and the place (0-based) of the first bytes that are not of the encoding which decodeText sees in them. */
export function placeOfDamage(bytes: Uint8Array): { readonly line: number; readonly byte: number } {
  const encoding = encodingOf(bytes);
  // What begins right stays right however much follows, so the place can be searched by halves.
  let right = 0;
  for (let wrong = bytes.length; wrong - right > 1;) {
    const middle = (right + wrong) >> 1;
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      right = middle;
    } catch {
      wrong = middle;
    }
  }
  const before = new TextDecoder(encoding).decode(bytes.subarray(0, right));
  return { line: before.split('\n').length, byte: right };
}

/** The first bytes of a file as text, to see what it is: never fails, a character cut at the end is replaced. */
export function decodeHead(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}
