import { cleanLine } from '../core/findings/cleanText';

/**
 * Text from a report as Markdown in which nothing is markup: every character that Markdown, HTML, a bare link or an icon could
 * act on is escaped (CommonMark 0.31 §2.4 allows a backslash before any ASCII punctuation).
 */
export function plainMarkdown(text: string, limit = 1000): string {
  return cleanLine(text, limit)
    .replace(/[!-/:-@[-`{-~]/g, '\\$&')
    .replace(/\\&/g, '&amp;')
    .replace(/\\</g, '&lt;');
}

/** An https link, or undefined for every other scheme, for one with a user part, and for what is no URL. */
export function httpsLink(link: string | undefined): string | undefined {
  if (link === undefined || !URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}
