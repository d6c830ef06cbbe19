import { parseTree } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { HumanError } from '../errors';
import type { TextEdit } from '../model/patch';

export const dependencySections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;
export type DependencySection = (typeof dependencySections)[number];

/** One line of a package.json that asks for a package. */
export interface Declaration {
  readonly section: DependencySection;
  /** The key: the package's name, or the alias it is installed under. */
  readonly key: string;
  readonly spec: string;
  /** UTF-16 offsets of the value between its quotes. */
  readonly start: number;
  readonly end: number;
}

export interface NpmManifest {
  readonly text: string;
  readonly name?: string;
  readonly declarations: readonly Declaration[];
  /** `engines.node`. */
  readonly enginesNode?: string;
  /** The whole document as a value, for fields that are only read. */
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Reads a package.json with the positions of its dependency values.
 * @param path for the message only
 * @throws HumanError when the text is no JSON object
 */
export function readNpmManifest(text: string, path: string): NpmManifest {
  // npm takes a byte order mark; JSON does not, so it is put aside and counted again in the offsets.
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const errors: ParseError[] = [];
  const root = parseTree(text.slice(bom), errors, { disallowComments: true });
  const first = errors[0];
  if (root?.type !== 'object' || first !== undefined) {
    const line = text.slice(0, (first?.offset ?? 0) + bom).split('\n').length;
    throw new HumanError(`${path} is not a JSON object that npm can read: line ${line}.`);
  }
  const value: unknown = JSON.parse(text.slice(bom));
  const record = isRecord(value) ? value : {};
  const engines = record['engines'];
  const node = isRecord(engines) ? engines['node'] : undefined;
  return {
    text,
    ...(typeof record['name'] === 'string' ? { name: record['name'] } : {}),
    ...(typeof node === 'string' ? { enginesNode: node } : {}),
    declarations: dependencySections.flatMap((section) => declarationsIn(root, section, bom)),
    value: record,
  };
}

/** The splice that gives a declaration another value; nothing else of the file changes. */
export function editDeclaration(declaration: Declaration, spec: string, reason: string): TextEdit {
  return { start: declaration.start, end: declaration.end, text: JSON.stringify(spec).slice(1, -1), reason };
}

function declarationsIn(root: Node, section: DependencySection, bom: number): Declaration[] {
  return propertiesOf(root)
    .filter(([key]) => key === section)
    .flatMap(([, node]) => (node.type === 'object' ? propertiesOf(node) : []))
    .flatMap(([key, node]) => {
      if (node.type !== 'string' || typeof node.value !== 'string') return [];
      const start = node.offset + bom + 1;
      return [{ section, key, spec: node.value, start, end: start + node.length - 2 }];
    });
}

function propertiesOf(node: Node): [string, Node][] {
  return (node.children ?? []).flatMap((property): [string, Node][] => {
    const [key, value] = property.children ?? [];
    return typeof key?.value === 'string' && value !== undefined ? [[key.value, value]] : [];
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
