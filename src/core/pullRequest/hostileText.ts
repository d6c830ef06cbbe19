import { cleanLine } from '../findings/cleanText';

/**
 * Texts of reports go into commit messages and pull requests, where forges act on what they read: mentions notify people,
 * `closes #1` closes issues, `[skip ci]` skips checks. A zero-width space inside the trigger keeps the text readable and inert.
 */
const zeroWidth = '\u200b';

/** One line of plain text for commit messages and titles, where there is no markup to escape, only triggers to disarm. */
export function inertLine(text: string, limit: number): string {
  return (
    cleanLine(text, limit)
      .replace(/@(?=[\w-])/g, `@${zeroWidth}`)
      // GitHub takes `#1`, `GH-1` and the address of an issue or pull request as references.
      .replace(/#(?=\d)/g, `#${zeroWidth}`)
      .replace(/\b(GH-)(?=\d)/gi, `$1${zeroWidth}`)
      .replace(/\/(issues|pull)\/(?=\d)/gi, `/$1/${zeroWidth}`)
      .replace(/\[(?=(?:skip[ -]|no[ -]|ci[ -]|actions[ -]))/gi, `[${zeroWidth}`)
  );
}

/** A line of text inside Markdown: shown as it is, whatever it holds; no markup, no HTML, no link, no mention comes of it. */
export function markdownText(text: string, limit = 300): string {
  return inertLine(text, limit)
    .replace(/:\/\//g, `:${zeroWidth}//`)
    .replace(/(www)\./gi, `$1${zeroWidth}.`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~$^=]/g, '\\$&')
    .replace(/^([-.:]|\d+[.)])/, (start) => (start.length === 1 ? `\\${start}` : `${start.slice(0, -1)}\\${start.slice(-1)}`));
}

/** Text as code in Markdown: exact, in which nothing is markup. Forges make no mention or reference of it. */
export function markdownCode(text: string, limit = 300): string {
  const plain = cleanLine(text, limit);
  if (plain === '') return '``(empty)``';
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return fence + pad + plain + pad + fence;
}

/** Markdown made by the functions above, as the cell of a table: a bar would end the cell, inside of code too. */
export function tableCell(markdown: string): string {
  return markdown.replace(/(?<!\\)\|/g, '\\|').replace(/\n/g, ' ');
}

/** A CODEOWNERS entry: written so that it notifies when it is a well-formed user or team of a forge, else as inert text. */
export function ownerMention(owner: string): string {
  return /^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/.test(owner) ? owner : markdownText(owner, 200);
}
