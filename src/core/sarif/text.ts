import { cleanLine } from '../findings/cleanText';

const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/g;

/** Longest snippet that is kept: what a person reads at a finding, not a whole file. */
const longestSnippet = 4000;

/** Source text as the scanner quoted it: line ends and form feeds stay, since it is compared with the file. */
export function cleanSnippet(text: string): string {
  return (text.length > longestSnippet ? text.slice(0, longestSnippet) : text).replace(control, '');
}

/** Longest title; the whole message stands in the description when it does not fit. */
const longestTitle = 300;

// Neither control nor white space nor anything that reorders or hides text: ASCII, Latin, Greek and Cyrillic letters, general
// punctuation and symbols, CJK. All else is for cleanLine to judge.
const needsCleaning = /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u0560\u2010-\u2027\u2100-\u2fff\u3001-\ud7ff]/;

/** The first line of a message as a title: one line, without control characters, at most 300 characters. */
export function titleOf(message: string): string {
  // Nearly every message of a large report is one plain line, for which a look is all the work.
  if (message.length <= longestTitle && !needsCleaning.test(message) && !message.includes('  ') && message.trim() === message)
    return message;
  const [first = ''] = /[^\r\n]*\S[^\r\n]*/.exec(message.slice(0, 4 * longestTitle)) ?? [];
  return cleanLine(first, longestTitle);
}
