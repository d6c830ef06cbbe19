import type { Location } from '../model/finding';
import type { SyntaxNode, SyntaxTree } from '../syntax/syntaxTree';
import { isFunction } from './moduleFacts';

/** The place a finding points at, as syntax. */
export interface Sink {
  /** The call with the weakness, or the dangerous expression where no call is near. */
  readonly node: SyntaxNode;
  /** `exec`, `fs.readFile`, `database.all`; empty where there is no call. */
  readonly callee: string;
  /** Arguments without callbacks; the expression itself where there is no call. */
  readonly inputs: readonly SyntaxNode[];
}

/**
 * Finds the call that a finding's region points at: the call around its start, without leaving the statement. Scanners point at
 * the whole call, at its callee or at one argument.
 */
export function findSink(tree: SyntaxTree, text: string, location: Location): Sink | undefined {
  const start = offsetOf(text, location.startLine ?? 1, location.startColumn ?? 1, location.startColumn === undefined);
  if (start === undefined) return undefined;
  const at = tree.root.descendantForIndex(start, start);
  let expression: SyntaxNode | undefined;
  let call: SyntaxNode | undefined;
  for (let node = at; node !== null; node = node.parent) {
    if (isFunction(node) || /statement$|declaration$|^program$/.test(node.type)) break;
    if (node.type === 'call_expression' || node.type === 'new_expression') {
      // `path.join(…)` and `require(…)` build values; the call that does the harm stands around or is used later.
      if (!isBuilder(node)) {
        call = node;
        break;
      }
      expression = node;
    }
    if (node.type === 'template_string' || node.type === 'binary_expression') expression = node;
  }
  if (call === undefined && expression === undefined && at !== null) {
    // A region that starts at the statement: the first call inside of it.
    call = firstCall(statementOf(at), start);
  }
  if (call !== undefined) {
    const callee = call.childForFieldName('function') ?? call.childForFieldName('constructor');
    const args = call.childForFieldName('arguments')?.namedChildren ?? [];
    return { node: call, callee: callee?.text ?? '', inputs: args.filter((arg) => !isFunction(arg)) };
  }
  return expression === undefined ? undefined : { node: expression, callee: '', inputs: [expression] };
}

const builders =
  /^(?:path|posix|win32)\.(?:join|resolve|normalize)$|^(?:join|resolve|String|require|encodeURIComponent|decodeURIComponent)$/;

function isBuilder(call: SyntaxNode): boolean {
  return builders.test(call.childForFieldName('function')?.text ?? '');
}

function statementOf(node: SyntaxNode): SyntaxNode {
  let at = node;
  while (at.parent !== null && !/statement$|declaration$|^program$/.test(at.type)) at = at.parent;
  return at;
}

function firstCall(statement: SyntaxNode, start: number): SyntaxNode | undefined {
  if (statement.type === 'program') return undefined;
  const queue = [statement];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node.type === 'call_expression' && node.startIndex >= start && !isBuilder(node)) return node;
    queue.push(...node.namedChildren.filter((child) => !isFunction(child)));
  }
  return undefined;
}

/** UTF-16 offset of a 1-based line and column; with `skipIndent` the first character of the line that is no white space. */
export function offsetOf(text: string, line: number, column: number, skipIndent = false): number | undefined {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', start);
    if (next === -1) return undefined;
    start = next + 1;
  }
  if (!skipIndent) return Math.min(text.length, start + column - 1);
  return start + (/^[\t ]*/.exec(text.slice(start))?.[0].length ?? 0);
}
