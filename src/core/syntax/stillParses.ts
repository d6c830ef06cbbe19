import type { FileChange } from '../model/patch';
import type { SyntaxParser } from './syntaxTree';
import { syntaxLanguageOf } from './syntaxTree';

/**
 * Whether changed files parse as they did before.
 * @returns `broken`: paths that had no syntax error and have one now; `unread`: paths in a language that nothing here parses
 */
export async function findBroken(
  changes: readonly FileChange[],
  parser: SyntaxParser,
): Promise<{ readonly broken: readonly string[]; readonly unread: readonly string[] }> {
  const broken: string[] = [];
  const unread: string[] = [];
  for (const { path, before, after } of changes) {
    const language = syntaxLanguageOf(path);
    if (!path.endsWith('.json') && language === undefined) {
      unread.push(path);
      continue;
    }
    const parses = async (text: string): Promise<boolean> => {
      if (language === undefined) return isJson(text);
      const tree = await parser.parse(text, language);
      try {
        return !tree.root.hasError;
      } finally {
        tree.dispose();
      }
    };
    // What did not parse before (JSON with comments, a syntax newer than the grammar) says nothing.
    if (!(await parses(after)) && (before === null || (await parses(before)))) broken.push(path);
  }
  return { broken, unread };
}

/** Strict JSON (RFC 8259), with or without a byte order mark. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    return true;
  } catch {
    return false;
  }
}
