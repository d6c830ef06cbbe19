import { createHash } from 'node:crypto';
import { runGit } from '../clients/git';
import type { TreeEntry } from './baseTree';

/** A file as it goes into the commit: bytes that git stores as they are, or a blob that git's own conversion has written. */
export type StoredContent =
  | { readonly kind: 'bytes'; readonly id: string; readonly bytes: Buffer }
  | { readonly kind: 'blob'; readonly id: string };

const attributeNames = ['text', 'eol', 'crlf', 'filter', 'ident', 'working-tree-encoding'] as const;
export type Attributes = Partial<Record<(typeof attributeNames)[number], string>>;

/**
 * Turns texts as they stand in the work tree into what `git add` would store (gitattributes(5)): line endings, clean filters,
 * encodings. Conversion is left to git itself and only asked for where it can change anything, since most files need none.
 */
export async function cleanContent(
  root: string,
  files: ReadonlyMap<string, string>,
  facts: {
    readonly base: ReadonlyMap<string, TreeEntry>;
    readonly attributes: ReadonlyMap<string, Attributes>;
    readonly autocrlf: boolean;
  },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, StoredContent>> {
  const { base, attributes, autocrlf } = facts;
  const idLength = [...base.values()][0]?.id.length ?? 40;
  const stored = new Map<string, StoredContent>();
  for (const [path, text] of files) {
    const convert = await needsConversion(root, text, attributes.get(path) ?? {}, base.get(path), autocrlf, signal);
    if (convert) {
      // safecrlf would refuse a conversion that loses mixed line endings; `git add` of the same file would only warn by default.
      const args = ['-c', 'core.safecrlf=false', 'hash-object', '-w', '--stdin', `--path=${path}`];
      const { stdout } = await runGit(args, { cwd: root, signal, input: text });
      stored.set(path, { kind: 'blob', id: stdout.trim() });
    } else stored.set(path, storedAsIs(text, idLength));
  }
  return stored;
}

/** A text whose bytes git stores as they are, with its blob's id; `idLength` is that of the repository's ids (64: SHA-256). */
export function storedAsIs(text: string, idLength: number): StoredContent {
  const bytes = Buffer.from(text, 'utf8');
  const hash = createHash(idLength === 64 ? 'sha256' : 'sha1');
  return { kind: 'bytes', id: hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex'), bytes };
}

async function needsConversion(
  root: string,
  text: string,
  attribute: Attributes,
  base: TreeEntry | undefined,
  autocrlf: boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (isGiven(attribute.filter) || isGiven(attribute.ident) || isGiven(attribute['working-tree-encoding'])) return true;
  // What is left are line endings, and cleaning them only ever turns CRLF into LF.
  if (!text.includes('\r\n')) return false;
  const asked = attribute.text ?? attribute.crlf ?? 'unspecified';
  if (asked === 'unset') return false;
  if (asked === 'set' || asked === 'input' || isGiven(attribute.eol)) return true;
  if (asked !== 'auto' && !autocrlf) return false;
  // Git leaves a file alone that was committed with CRLF although it would be converted now; so every line stays unchanged here too.
  if (base === undefined) return true;
  const { stdout } = await runGit(['cat-file', 'blob', base.id], { cwd: root, signal });
  return !stdout.includes('\r\n');
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== 'unspecified' && value !== 'unset';
}

/** The attributes of repository paths that decide about conversion, as git finds them from all its sources. */
export async function readAttributes(
  root: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Attributes>> {
  const input = paths.map((path) => `${path}\0`).join('');
  const { stdout } = await runGit(['check-attr', '-z', '--stdin', ...attributeNames], { cwd: root, signal, input });
  const fields = stdout.split('\0');
  const found = new Map<string, Attributes>();
  for (let i = 0; i + 2 < fields.length; i += 3) {
    const [path = '', name = '', value = ''] = fields.slice(i, i + 3);
    if (value === 'unspecified') continue;
    found.set(path, { ...found.get(path), [name]: value });
  }
  return found;
}
