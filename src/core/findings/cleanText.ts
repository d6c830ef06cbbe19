/**
 * C0 and C1 control characters except tab and line feed, and every character that reorders or hides text: the bidirectional
 * embeddings, overrides and isolates (the "Trojan Source" set of CVE-2021-42574), directional marks, zero-width characters,
 * the byte order mark, line and paragraph separators, and the invisible tag characters of plane 14. Lone surrogates go too:
 * they cannot be written as UTF-8.
 */
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

const suspicious = /[^\u0009\u000a\u0020-\u007e]/;

/**
 * Text of a report as it may be shown to a person: control characters and characters that reorder or hide text are taken
 * out, CR LF and CR become LF, and what is longer than `limit` UTF-16 code units is cut with an ellipsis.
 * It is not an escape for HTML or Markdown: whoever renders does that.
 */
export function cleanText(text: string, limit = 20_000): string {
  // A regular expression over some megabytes of hostile text is linear, but there is no reason to keep what is cut anyway.
  const head = text.length > 4 * limit ? text.slice(0, 4 * limit) : text;
  const clean = suspicious.test(head) ? head.replace(/\r\n?/g, '\n').replace(unsafe, '') : head;
  return cut(clean, limit);
}

/** `cleanText` for titles, names and ids: white space of any kind becomes one space, and the ends are trimmed. */
export function cleanLine(text: string, limit = 500): string {
  return cut(
    cleanText(text, 4 * limit)
      .replace(/\s+/g, ' ')
      .trim(),
    limit,
  );
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
