import type { TextEdit } from '../model/patch';
import type { CodeStyle } from '../syntax/style';
import type { SyntaxNode } from '../syntax/syntaxTree';

/** A string literal in the file's quotes. */
export function quoteString(value: string, style: Pick<CodeStyle, 'quote'>): string {
  const escaped = JSON.stringify(value).slice(1, -1);
  if (style.quote === '"') return `"${escaped}"`;
  return `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Text as it stands between backticks. */
export function templateText(value: string): string {
  return value.replace(/[\\`]|\$(?=\{)/g, '\\$&');
}

/** Takes a statement out: with its line where it stands there alone, else only itself. */
export function removeStatement(text: string, statement: SyntaxNode): Pick<TextEdit, 'start' | 'end'> {
  const lineStart = text.lastIndexOf('\n', statement.startIndex - 1) + 1;
  const lineFeed = text.indexOf('\n', statement.endIndex);
  const lineEnd = lineFeed === -1 ? text.length : lineFeed + 1;
  const alone =
    text.slice(lineStart, statement.startIndex).trim() === '' && text.slice(statement.endIndex, lineEnd).trim() === '';
  return alone ? { start: lineStart, end: lineEnd } : { start: statement.startIndex, end: statement.endIndex };
}

/** Takes one member out of a list in brackets, with the comma and the blanks that belong to it. */
export function removeMember(text: string, member: SyntaxNode): Pick<TextEdit, 'start' | 'end'> {
  const after = /^\s*,[^\S\r\n]*/.exec(text.slice(member.endIndex));
  if (after !== null) return { start: member.startIndex, end: member.endIndex + after[0].length };
  const before = /,\s*$/.exec(text.slice(0, member.startIndex));
  return { start: member.startIndex - (before?.[0].length ?? 0), end: member.endIndex };
}

/** White space at the start of the line on which an offset lies. */
export function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}
