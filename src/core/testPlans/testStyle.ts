/** How a project writes its tests, read from one of them. */
export interface TestStyle {
  readonly quote: "'" | '"';
  /** One level of indentation. */
  readonly indent: string;
  readonly semicolons: boolean;
  /** `import` statements; else `require`. */
  readonly imports: boolean;
  /** Relative imports carry the file's extension. */
  readonly extensions: boolean;
  /** `\n` or `\r\n`. */
  readonly lineEnd: string;
}

/** Reads the style by counting; what the example leaves open follows the module kind. */
export function readTestStyle(example: string | undefined, moduleKind: 'esm' | 'cjs'): TestStyle {
  const text = example ?? '';
  const single = count(text, /'(?:[^'\\\n]|\\.)*'/g);
  const double = count(text, /"(?:[^"\\\n]|\\.)*"/g);
  const statements = text.split(/\r?\n/).filter((line) => /^\s*(?:const|let|import|return|assert|expect|await)\b/.test(line));
  const closed = statements.filter((line) => /[;{([,]\s*$/.test(line));
  const ended = statements.filter((line) => /;\s*$/.test(line)).length;
  const open = statements.length - closed.length;
  const hasImport = /^\s*import\s[^(]/m.test(text);
  const hasRequire = /\brequire\s*\(/.test(text);
  const imports = hasImport || (!hasRequire && moduleKind === 'esm');
  const relative = [...text.matchAll(/(?:from|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g)].map((match) => match[1] ?? '');
  return {
    quote: double > single ? '"' : "'",
    indent: readIndent(text),
    semicolons: statements.length === 0 || ended >= open,
    imports,
    extensions: relative.length === 0 ? imports && moduleKind === 'esm' : relative.some((path) => /\.[cm]?[jt]sx?$/.test(path)),
    lineEnd: /\r\n/.test(text) ? '\r\n' : '\n',
  };
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

function readIndent(text: string): string {
  const indents = text.split(/\r?\n/).flatMap((line) => /^([ \t]+)\S/.exec(line)?.[1] ?? []);
  if (indents.some((indent) => indent.startsWith('\t'))) return '\t';
  // A comment's ` *` stands one space in: not an indentation.
  const widths = indents.map((indent) => indent.length).filter((width) => width > 1);
  return ' '.repeat(widths.length === 0 ? 2 : Math.min(...widths));
}

/**
 * Rewrites code that we wrote (single quotes, two spaces, semicolons, line feeds) in a project's style. Strings keep their
 * meaning: a quote inside of a string keeps that string as it is; template literals and comments are not touched.
 */
export function applyTestStyle(code: string, style: TestStyle): string {
  const lines = scan(code, style).split('\n');
  return lines.map((line) => reindent(line, style)).join(style.lineEnd);
}

function reindent(line: string, style: TestStyle): string {
  const width = /^ */.exec(line)?.[0].length ?? 0;
  const comment = /^ +\* /.test(line) ? 1 : 0;
  const levels = Math.floor((width - comment) / 2);
  return style.indent.repeat(levels) + ' '.repeat(width - levels * 2) + line.slice(width);
}

/** Walks the code once, telling strings, templates and comments from the rest. */
function scan(code: string, style: TestStyle): string {
  let out = '';
  for (let i = 0; i < code.length;) {
    const rest = code.slice(i);
    const token =
      /^\/\/[^\n]*/.exec(rest)?.[0] ??
      /^\/\*[\s\S]*?\*\//.exec(rest)?.[0] ??
      /^`(?:[^`\\]|\\[\s\S])*`/.exec(rest)?.[0] ??
      /^'(?:[^'\\\n]|\\.)*'/.exec(rest)?.[0] ??
      /^"(?:[^"\\\n]|\\.)*"/.exec(rest)?.[0];
    if (token === undefined) {
      const character = code[i] ?? '';
      // A semicolon at the end of a line may go, unless the next line would then be read as its continuation.
      const drop =
        character === ';' && !style.semicolons && /^;[ \t]*(?:\/\/[^\n]*)?(?:\n\s*(?:[^\s([`+\-*/]|\/[/*])|\n*$)/.test(rest);
      out += drop ? '' : character;
      i += 1;
      continue;
    }
    const plain = token.startsWith("'") && style.quote === '"' && !/["\\]/.test(token);
    out += plain ? `"${token.slice(1, -1)}"` : token;
    i += token.length;
  }
  return out;
}
