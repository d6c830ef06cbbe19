import { cleanLine } from '../findings/cleanText';

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/g;

/** Longest snippet that is kept: what a person reads at a finding, not a whole file. */
const longestSnippet = 4000;

/** Source text as the scanner quoted it: line ends and form feeds stay, since it is compared with the file. */
export function cleanSnippet(text: string): string {
  return (text.length > longestSnippet ? text.slice(0, longestSnippet) : text).replace(control, '');
}

/** Longest title; the whole message stands in the description when it does not fit. */
const longestTitle = 300;

const needsCleaning = /[^\u0020-\u007e]| {2}|^ | $/;

/** The first line of a message as a title: one line, without control characters, at most 300 characters. */
export function titleOf(message: string): string {
  // Nearly every message of a large report is a plain line of ASCII, for which one test is all the work.
  if (message.length <= longestTitle && !needsCleaning.test(message)) return message;
  const [first = ''] = /[^\r\n]*\S[^\r\n]*/.exec(message.slice(0, 4 * longestTitle)) ?? [];
  return cleanLine(first, longestTitle);
}

/** The https links among the given values, without duplicates: no other scheme (`command:`, `javascript:`, `file:`) is followed. */
export function httpsLinks(values: readonly unknown[]): readonly string[] {
  const links = new Set<string>();
  for (const value of values) {
    if (typeof value !== 'string' || value.length > 2048 || !/^https:\/\//i.test(value)) continue;
    const url = parseUrl(value);
    // A name before the host is the classic disguise of a link's target.
    if (url !== undefined && url.username === '' && url.password === '') links.add(url.href);
  }
  return [...links];
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
