import type { FileChange } from '../model/patch';
import { lineChanges, splitLines } from './lineChanges';
import type { LineChange } from './lineChanges';

const context = 3;

/**
 * The changes as one git-style unified diff that `git apply` takes; empty when nothing changes. Files come in the order given,
 * every created file has mode 100644. Line endings stay inside the lines, so CRLF files keep theirs.
 * Format: git-diff(1), "Generating patch text with -p"; names are quoted as git does with core.quotePath on.
 */
export function unifiedDiff(changes: readonly FileChange[]): string {
  return changes.map(fileDiff).join('');
}

function fileDiff(change: FileChange): string {
  if (change.before === change.after) return '';
  const header = `diff --git ${quote(`a/${change.path}`)} ${quote(`b/${change.path}`)}\n`;
  const created = change.before === null;
  const mode = created ? 'new file mode 100644\n' : '';
  const before = splitLines(change.before ?? '');
  const after = splitLines(change.after);
  if (created && after.length === 0) return header + mode;
  const hunks = group(lineChanges(change.before ?? '', change.after, created ? undefined : change.edits))
    .map((parts) => hunk(parts, before, after))
    .join('');
  return `${header}${mode}--- ${created ? '/dev/null' : fileName(`a/${change.path}`)}\n+++ ${fileName(`b/${change.path}`)}\n${hunks}`;
}

/** Changes whose context would touch share a hunk. */
function group(changes: readonly LineChange[]): LineChange[][] {
  const groups: LineChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.beforeStart - last.beforeEnd <= 2 * context) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups;
}

function hunk(parts: readonly LineChange[], before: readonly string[], after: readonly string[]): string {
  const first = parts[0];
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return '';
  const lead = Math.min(context, first.beforeStart);
  const trail = Math.min(context, before.length - last.beforeEnd);
  const from = first.beforeStart - lead;
  const lines: string[] = [];
  let at = from;
  for (const part of parts) {
    lines.push(...before.slice(at, part.beforeStart).map((line) => ` ${line}`));
    lines.push(...before.slice(part.beforeStart, part.beforeEnd).map((line) => `-${line}`));
    lines.push(...after.slice(part.afterStart, part.afterEnd).map((line) => `+${line}`));
    at = part.beforeEnd;
  }
  lines.push(...before.slice(at, at + trail).map((line) => ` ${line}`));
  const old = range(from, last.beforeEnd + trail - from);
  const now = range(first.afterStart - lead, last.afterEnd + trail - (first.afterStart - lead));
  const body = lines.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('');
  return `@@ -${old} +${now} @@\n${body}`;
}

/** An empty range names the line before it (POSIX unified format); one line needs no count. */
function range(start: number, count: number): string {
  if (count === 0) return `${start},0`;
  return count === 1 ? `${start + 1}` : `${start + 1},${count}`;
}

const named: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** A name with control characters, quotes, backslashes or non-ASCII in C style, its bytes as octal escapes; others as they are. */
function quote(name: string): string {
  let quoted = '';
  for (const byte of new TextEncoder().encode(name)) {
    if (named[byte] !== undefined) quoted += named[byte];
    else if (byte < 32 || byte > 126) quoted += `\\${byte.toString(8).padStart(3, '0')}`;
    else quoted += String.fromCharCode(byte);
  }
  return quoted === name ? name : `"${quoted}"`;
}

/** In the `---` and `+++` lines git ends a name that holds a space with a tab, so that no reader takes it for a date. */
function fileName(name: string): string {
  const quoted = quote(name);
  return quoted === name && name.includes(' ') ? `${name}\t` : quoted;
}
