/**
 * What we need of a concrete syntax tree, in tree-sitter's words, so that the rules do not know who parses. Offsets are UTF-16
 * code units of the parsed text.
 */
export interface SyntaxNode {
  /** The same for the same node of a tree. */
  readonly id: number;
  /** The same object for all nodes of a tree, so that what was found out about it can be kept as long as it. */
  readonly tree: object;
  readonly type: string;
  readonly text: string;
  readonly startIndex: number;
  readonly endIndex: number;
  readonly isNamed: boolean;
  readonly isError: boolean;
  readonly isMissing: boolean;
  /** True when the node is or holds a syntax error. */
  readonly hasError: boolean;
  readonly parent: SyntaxNode | null;
  readonly children: readonly SyntaxNode[];
  readonly namedChildren: readonly SyntaxNode[];
  childForFieldName(name: string): SyntaxNode | null;
  /** All nodes below of these types, in the order of the text; quicker than a walk. */
  descendantsOfType(types: string | string[]): readonly SyntaxNode[];
  /** The smallest node that spans the range. */
  descendantForIndex(start: number, end?: number): SyntaxNode | null;
}

export interface SyntaxTree {
  readonly root: SyntaxNode;
  /** Gives the tree's memory back; its nodes must not be used afterwards. */
  dispose(): void;
}

export type SyntaxLanguage = 'javascript' | 'typescript' | 'tsx';

export interface SyntaxParser {
  /** Grammars are loaded on first use. The caller disposes the tree. */
  parse(text: string, language: SyntaxLanguage): Promise<SyntaxTree>;
}

const byExtension: Readonly<Record<string, SyntaxLanguage>> = {
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'tsx',
};

/** The grammar for a file by its extension; undefined where there is none. The JavaScript grammar reads JSX as well. */
export function syntaxLanguageOf(path: string): SyntaxLanguage | undefined {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return extension !== undefined && Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}
