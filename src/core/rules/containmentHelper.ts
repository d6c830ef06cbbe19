import type { TextEdit } from '../model/patch';
import { importedModule, requiredModule } from '../syntax/modules';
import type { SyntaxNode } from '../syntax/syntaxTree';
import type { Refusal, SourceFile } from './rule';
import { quoteString } from './writeCode';

/** A helper function of the file: its name, and the edits that bring it in (none when it is there). */
export interface Helper {
  readonly name: string;
  readonly edits: readonly TextEdit[];
}

const helperName = 'insideRoot';

/**
 * The function that holds a path against its folder, added once below the imports, in the file's style. Compared by
 * `path.relative`, so that neither `..`, nor an absolute path, nor a sibling with the same prefix passes.
 */
export function addHelper(file: SourceFile): Helper | Refusal {
  const existing = file.root
    .descendantsOfType('function_declaration')
    .find((node) => node.childForFieldName('name')?.text === helperName);
  if (existing !== undefined)
    return /\.relative\(/.test(existing.text) && /throw/.test(existing.text)
      ? { name: helperName, edits: [] }
      : { because: `the file has a function ${helperName} that does something else` };
  const namesInUse = new Set(
    file.root.descendantsOfType(['identifier', 'shorthand_property_identifier_pattern']).map((node) => node.text),
  );
  if (namesInUse.has(helperName)) return { because: `the name ${helperName} is in use in the file already` };
  const brought = pathModule(file, namesInUse);
  if ('because' in brought) return brought;
  const { eol } = file.style;
  const place = belowImports(file);
  const before = place.first ? '' : eol;
  const importLine =
    brought.statement === undefined ? '' : `${place.first ? '' : eol}${brought.statement}${place.first ? eol : ''}`;
  const code = `${importLine}${place.first && importLine === '' ? '' : before + eol}${helperCode(file, brought.name)}`;
  return {
    name: helperName,
    edits: [
      {
        start: place.offset,
        end: place.offset,
        text: place.first ? `${code}${eol}${eol}` : code + (followedByBlank(file.text, place.offset) ? '' : eol),
        reason: 'Refuses a path that leads out of its folder, with an error of status 400.',
      },
    ],
  };
}

/** True when the line ends at the offset and a blank one, or nothing, follows. */
function followedByBlank(text: string, offset: number): boolean {
  return /^[^\S\n]*(\n[^\S\n]*(\n|$)|$)/.test(text.slice(offset, offset + 1000));
}

function helperCode(file: SourceFile, path: string): string {
  const { semicolon, indent, eol, typescript } = file.style;
  const quoted = (text: string): string => quoteString(text, file.style);
  const type = typescript ? ': string' : '';
  return [
    `/** Gives \`file\` back when it lies inside \`root\`; throws an error with status 400 when it leads outside. */`,
    `function ${helperName}(root${type}, file${type})${type} {`,
    `${indent}const relative = ${path}.relative(${path}.resolve(root), ${path}.resolve(file))${semicolon}`,
    `${indent}const outside = relative === ${quoted('..')} || relative.startsWith(${quoted('..')} + ${path}.sep) || ${path}.isAbsolute(relative)${semicolon}`,
    `${indent}if (outside || file.includes(${quoted('\0').replace('\\u0000', '\\0')})) {`,
    `${indent}${indent}throw Object.assign(new Error(${quoted('The path leads out of its folder')}), { status: 400, statusCode: 400 })${semicolon}`,
    `${indent}}`,
    `${indent}return file${semicolon}`,
    `}`,
  ].join(eol);
}

/** The name by which the file knows `path`, or the statement that brings it in. */
function pathModule(
  file: SourceFile,
  inUse: ReadonlySet<string>,
): { readonly name: string; readonly statement?: string } | Refusal {
  for (const statement of topStatements(file)) {
    const module = broughtIn(statement)?.replace(/^node:/, '');
    if (module !== 'path') continue;
    const name = wholeName(statement);
    if (name !== undefined) return { name };
  }
  const name = ['path', 'nodePath'].find((candidate) => !inUse.has(candidate));
  if (name === undefined) return { because: 'the names path and nodePath are in use in the file already' };
  const { builtinPrefix, semicolon, modules } = file.style;
  const specifier = quoteString(`${builtinPrefix}path`, file.style);
  // The namespace form needs no esModuleInterop, which a TypeScript project may not have set.
  const imported = file.style.typescript ? `import * as ${name} from ${specifier}` : `import ${name} from ${specifier}`;
  return { name, statement: (modules === 'esm' ? imported : `const ${name} = require(${specifier})`) + semicolon };
}

function topStatements(file: SourceFile): readonly SyntaxNode[] {
  return file.root.namedChildren.filter((node) => node.type !== 'comment');
}

/** The module that a statement brings in, if that is what it does. */
function broughtIn(statement: SyntaxNode): string | undefined {
  if (statement.type === 'import_statement') return importedModule(statement);
  if (!/^(lexical|variable)_declaration$/.test(statement.type)) {
    const call = statement.type === 'expression_statement' ? statement.namedChildren[0] : undefined;
    return call === undefined ? undefined : requiredModule(call);
  }
  for (const declarator of statement.namedChildren) {
    let value = declarator.childForFieldName('value');
    // require('x').y and require('x')(…) bring in something, too.
    while (value !== null && requiredModule(value) === undefined && /^(member|call)_expression$/.test(value.type))
      value = value.childForFieldName('object') ?? value.childForFieldName('function');
    const module = value === null ? undefined : requiredModule(value);
    if (module !== undefined) return module;
  }
  return undefined;
}

/** The name that stands for the whole module; undefined where only parts of it are brought in, or only its types. */
function wholeName(statement: SyntaxNode): string | undefined {
  if (statement.type === 'import_statement') {
    if (/^import\s+type\b/.test(statement.text)) return undefined;
    const clause = statement.namedChildren.find((node) => /^import_(require_)?clause$/.test(node.type));
    const first = clause?.namedChildren[0];
    return first?.type === 'identifier'
      ? first.text
      : first?.type === 'namespace_import'
        ? first.namedChildren[0]?.text
        : undefined;
  }
  for (const declarator of statement.namedChildren) {
    const value = declarator.childForFieldName('value');
    const name = declarator.childForFieldName('name');
    if (value !== null && name?.type === 'identifier' && requiredModule(value)?.replace(/^node:/, '') === 'path')
      return name.text;
  }
  return undefined;
}

/** Behind the leading imports; in a file without any, in front of the first statement that is no directive. */
function belowImports(file: SourceFile): { readonly offset: number; readonly first: boolean } {
  const statements = topStatements(file);
  const isDirective = (node: SyntaxNode): boolean =>
    node.type === 'expression_statement' && node.namedChildren[0]?.type === 'string';
  const end = statements.findIndex((node) => broughtIn(node) === undefined && !isDirective(node));
  const last = (end === -1 ? statements : statements.slice(0, end)).at(-1);
  if (last !== undefined) {
    const lineEnd = /^[^\r\n]*/.exec(file.text.slice(last.endIndex))?.[0] ?? '';
    // A comment behind the last import stays with it.
    return { offset: last.endIndex + (/^\s*(\/\/|\/\*.*\*\/\s*$)/.test(lineEnd) ? lineEnd.length : 0), first: false };
  }
  const shebang = /^\uFEFF?#![^\r\n]*\r?\n/.exec(file.text)?.[0].length ?? (file.text.startsWith('\uFEFF') ? 1 : 0);
  return { offset: shebang, first: true };
}
