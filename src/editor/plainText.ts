/**
 * Text from reports is hostile. Control characters, bidirectional overrides (which make text read other than it is) and
 * line ends are taken out, and it is cut to a length that a row or a message can hold.
 */
export function plainText(text: string, limit = 300): string {
  const clean = text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .trim();
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}

/** The same as Markdown in which nothing is markup: every character that Markdown, HTML or an icon could act on is escaped. */
export function plainMarkdown(text: string, limit = 1000): string {
  return plainText(text, limit)
    .replace(/[\\`*_{}[\]()#+\-.!~|>$"'^=:@/]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/** An https link, or undefined for every other scheme and for what is no URL. */
export function httpsLink(link: string | undefined): string | undefined {
  if (link === undefined || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === 'https:' && url.username === '' ? url.href : undefined;
}
