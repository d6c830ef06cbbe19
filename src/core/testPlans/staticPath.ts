import type { SyntaxNode } from '../syntax/syntaxTree';
import { literalText } from './moduleFacts';
import { resolveName } from './traceInput';

/** A path expression with one unknown part: the folder before it as a workspace path, and the literal text around it. */
export interface PathShape {
  /** Folder the unknown is joined to, relative to the workspace; undefined where it cannot be told. */
  readonly root?: string;
  /** Text directly before and after the unknown in its own argument: `invoice-`, `.pdf`. */
  readonly prefix: string;
  readonly suffix: string;
}

/** Reads the shape of `path.join(DIR, name + '.txt')`, `` `${DIR}/${name}` `` and their kin in the file at `file`. */
export function readPathShape(
  expression: SyntaxNode,
  file: string,
  isInput: (node: SyntaxNode) => boolean,
): PathShape | undefined {
  if (expression.type === 'identifier') {
    const binding = resolveName(expression.text, expression);
    if (binding?.kind === 'value' && binding.path.length === 0) return readPathShape(binding.value, file, isInput);
    return isInput(expression) ? { prefix: '', suffix: '' } : undefined;
  }
  if (expression.type === 'call_expression' && isJoin(expression)) {
    const args = expression.childForFieldName('arguments')?.namedChildren ?? [];
    const at = args.findIndex((arg) => holdsInput(arg, isInput));
    const unknown = args[at];
    if (unknown === undefined) return undefined;
    const folders = args.slice(0, at).map((arg) => staticPath(arg, file));
    const own = textAround(unknown, isInput);
    const after = args.slice(at + 1).map((arg) => staticPath(arg, file));
    const suffix = `${own.suffix}${after.map((part) => `/${part ?? ''}`).join('')}`;
    const known = folders.length > 0 && folders.every((folder) => folder !== undefined);
    return { ...(known ? { root: normalise(folders.join('/')) } : {}), prefix: own.prefix, suffix };
  }
  if (expression.type === 'template_string' || expression.type === 'binary_expression') {
    const own = textAround(expression, isInput);
    const slash = own.prefix.lastIndexOf('/');
    const folder = leadingFolder(expression, file, own.prefix.slice(0, Math.max(0, slash)));
    return { ...(folder === undefined ? {} : { root: folder }), prefix: own.prefix.slice(slash + 1), suffix: own.suffix };
  }
  return holdsInput(expression, isInput) ? { prefix: '', suffix: '' } : undefined;
}

/** The workspace path that an expression of literals, `__dirname` and path joins stands for. */
export function staticPath(expression: SyntaxNode, file: string): string | undefined {
  const text = literalText(expression);
  if (text !== undefined) return text;
  if (expression.text === '__dirname' || expression.text === 'import.meta.dirname') return dirname(file);
  if (expression.text === 'process.cwd()') return '.';
  if (expression.type === 'identifier') {
    const binding = resolveName(expression.text, expression);
    return binding?.kind === 'value' && binding.path.length === 0 ? staticPath(binding.value, file) : undefined;
  }
  if (expression.type === 'call_expression' && isJoin(expression)) {
    const parts = (expression.childForFieldName('arguments')?.namedChildren ?? []).map((arg) => staticPath(arg, file));
    return parts.every((part) => part !== undefined) ? normalise(parts.join('/')) : undefined;
  }
  return undefined;
}

function isJoin(call: SyntaxNode): boolean {
  return /(?:^|\.)(?:join|resolve|normalize)$/.test(call.childForFieldName('function')?.text ?? '');
}

function holdsInput(node: SyntaxNode, isInput: (node: SyntaxNode) => boolean): boolean {
  return isInput(node) || node.namedChildren.some((child) => holdsInput(child, isInput));
}

/** Literal text directly before and after the unknown, in a template or a concatenation. */
export function textAround(
  expression: SyntaxNode,
  isInput: (node: SyntaxNode) => boolean,
): { readonly prefix: string; readonly suffix: string } {
  const parts = flatten(expression);
  const at = parts.findIndex((part) => typeof part !== 'string' && holdsInput(part, isInput));
  if (at === -1) return { prefix: '', suffix: '' };
  let prefix = '';
  for (let i = at - 1; i >= 0 && typeof parts[i] === 'string'; i--) prefix = `${String(parts[i])}${prefix}`;
  let suffix = '';
  for (let i = at + 1; i < parts.length && typeof parts[i] === 'string'; i++) suffix += String(parts[i]);
  return { prefix, suffix };
}

/** A template or a chain of `+` as literal texts and expressions, in order. */
function flatten(expression: SyntaxNode): readonly (string | SyntaxNode)[] {
  if (expression.type === 'parenthesized_expression') return expression.namedChildren.flatMap(flatten);
  if (expression.type === 'binary_expression' && expression.children.some((child) => child.type === '+')) {
    const left = expression.childForFieldName('left');
    const right = expression.childForFieldName('right');
    return [...(left === null ? [] : flatten(left)), ...(right === null ? [] : flatten(right))];
  }
  const whole = literalText(expression);
  if (whole !== undefined) return [whole];
  if (expression.type !== 'template_string') return [expression];
  return expression.namedChildren.flatMap((child): readonly (string | SyntaxNode)[] => {
    if (child.type === 'template_substitution') return child.namedChildren;
    return [child.type === 'escape_sequence' ? unescapeCharacter(child.text) : child.text];
  });
}

function unescapeCharacter(sequence: string): string {
  const known: Readonly<Record<string, string>> = { '\\n': '\n', '\\t': '\t', "\\'": "'", '\\"': '"', '\\\\': '\\', '\\`': '`' };
  return known[sequence] ?? sequence.slice(1);
}

function leadingFolder(expression: SyntaxNode, file: string, literal: string): string | undefined {
  const first = flatten(expression)[0];
  if (first === undefined || typeof first === 'string') return literal === '' ? undefined : normalise(literal);
  const base = staticPath(first, file);
  return base === undefined ? undefined : normalise(`${base}/${literal}`);
}

function dirname(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '.' : file.slice(0, slash);
}

/** Resolves `.` and `..`; undefined-like results outside of the workspace keep their `..`. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? '.' : parts.join('/');
}
