import type { SyntaxNode } from './syntaxTree';

/** How a file is written, so that what is added looks like the rest. */
export interface CodeStyle {
  readonly quote: '"' | "'";
  /** `;` or nothing. */
  readonly semicolon: ';' | '';
  readonly indent: string;
  readonly eol: '\n' | '\r\n';
  readonly modules: 'esm' | 'cjs';
  readonly typescript: boolean;
  /** `node:` where the file names built-in modules so. */
  readonly builtinPrefix: 'node:' | '';
}

/** Reads the style off a parsed file; where the file does not say, the commonest of the field is taken. */
export function styleOf(root: SyntaxNode, text: string, path: string): CodeStyle {
  // The first hundred lines or so say enough, and reading every node of a long file takes longer than parsing it.
  const sample = root.namedChildren.slice(0, 40);
  const strings = sample.flatMap((node) => node.descendantsOfType('string').slice(0, 20));
  const double = strings.filter((node) => node.text.startsWith('"')).length;
  const statements = sample.flatMap((node) =>
    node
      .descendantsOfType([
        'expression_statement',
        'lexical_declaration',
        'variable_declaration',
        'return_statement',
        'import_statement',
      ])
      .slice(0, 20),
  );
  const ended = statements.filter((node) => node.text.endsWith(';')).length;
  return {
    quote: double * 2 > strings.length ? '"' : "'",
    semicolon: statements.length === 0 || ended * 2 >= statements.length ? ';' : '',
    indent: indentOf(text),
    eol: /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n',
    modules: moduleKind(root, text, path),
    typescript: /\.[mc]?tsx?$/i.test(path),
    builtinPrefix:
      /['"]node:/.test(text) || !/(from|require\()\s*['"](fs|path|child_process|http|https|util|os)['"]/.test(text)
        ? 'node:'
        : '',
  };
}

function indentOf(text: string): string {
  const counts = new Map<string, number>();
  let previous = '';
  for (const [, indent] of text.slice(0, 100_000).matchAll(/^([ \t]*)(?=[^\s*])/gm)) {
    if (indent === undefined) continue;
    if (indent.length > previous.length && indent.startsWith(previous)) {
      const step = indent.slice(previous.length);
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
    previous = indent;
  }
  const usual = [...counts].filter(([step]) => step === '\t' || /^ {2,8}$/.test(step)).sort((a, b) => b[1] - a[1]);
  return usual[0]?.[0] ?? '  ';
}

function moduleKind(root: SyntaxNode, text: string, path: string): 'esm' | 'cjs' {
  if (/\.m[jt]s$/i.test(path)) return 'esm';
  if (/\.c[jt]s$/i.test(path)) return 'cjs';
  if (root.namedChildren.some((node) => node.type === 'import_statement' || node.type === 'export_statement')) return 'esm';
  return /\brequire\s*\(/.test(text) || !/tsx?$/i.test(path) ? 'cjs' : 'esm';
}
