import type { Location } from '../model/finding';
import { calleeOf } from '../syntax/navigate';
import type { SyntaxNode, SyntaxTree } from '../syntax/syntaxTree';
import { isFunction } from './moduleFacts';
import { resolveName, traceInputs } from './traceInput';
import type { CodeWeakness } from './weakness';

/** The place a finding points at, as syntax. */
export interface Sink {
  /** The call with the weakness, or the dangerous expression where no call is near. */
  readonly node: SyntaxNode;
  /** `exec`, `fs.readFile`, `database.all`; empty where there is no call. */
  readonly callee: string;
  /** Arguments without callbacks; the expression itself where there is no call. */
  readonly inputs: readonly SyntaxNode[];
}

/** More calls than this on the lines of one finding are no code that somebody wrote. */
const mostCalls = 100;

/**
 * Finds the call that a finding's region points at. Scanners point at the whole call, at its callee or at one argument: then it
 * is the call around the start, without leaving the statement. A region without columns is its lines as a whole (SARIF 2.1.0
 * §3.30.5 and §3.30.6): of all calls that begin there it is the one that the weakness is about.
 */
export function findSink(tree: SyntaxTree, text: string, location: Location, weakness: CodeWeakness): Sink | undefined {
  const { startLine = 1, startColumn } = location;
  const start = offsetOf(text, startLine, startColumn ?? 1, startColumn === undefined);
  if (start === undefined) return undefined;
  const calls = callsIn(tree, start, endOf(text, location) ?? start);
  const told = calls.filter((call) => isAbout(call, weakness));
  if (startColumn === undefined && told.length > 0) return sinkOf(reached(told));
  const at = tree.root.descendantForIndex(start, start);
  let expression: SyntaxNode | undefined;
  for (let node = at; node !== null; node = node.parent) {
    if (isFunction(node) || /statement$|declaration$|^program$/.test(node.type)) break;
    if (node.type === 'call_expression' || node.type === 'new_expression') {
      // `path.join(…)` and `require(…)` build values; the call that does the harm stands around or is used later.
      if (!isBuilder(node)) return sinkOf(node);
      expression = node;
    }
    if (node.type === 'template_string' || node.type === 'binary_expression') expression = node;
  }
  if (expression !== undefined) return { node: expression, callee: '', inputs: [expression] };
  // A region that starts at the statement: the first call inside of it, or one in a function that begins there.
  return sinkOf(reached(told) ?? (at === null ? undefined : firstCall(statementOf(at), start)) ?? reached(calls));
}

function sinkOf(call: SyntaxNode | undefined): Sink | undefined {
  return (
    call && { node: call, callee: (calleeOf(call) ?? call.childForFieldName('constructor'))?.text ?? '', inputs: inputsOf(call) }
  );
}

function inputsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return (call.childForFieldName('arguments')?.namedChildren ?? []).filter((arg) => !isFunction(arg));
}

/** All calls that begin between two offsets, in the order of the text; those that only build values are left out. */
function callsIn(tree: SyntaxTree, start: number, end: number): readonly SyntaxNode[] {
  return tree.root
    .descendantsOfType('call_expression')
    .filter((call) => call.startIndex >= start && call.startIndex < end && !isBuilder(call))
    .slice(0, mostCalls);
}

/** The first call that is given something from outside of its function; else the first. */
function reached(calls: readonly SyntaxNode[]): SyntaxNode | undefined {
  return calls.find((call) => inputsOf(call).some((input) => traceInputs(input).length > 0)) ?? calls[0];
}

const names: Readonly<Record<CodeWeakness, RegExp>> = {
  'command-injection': /^(?:exec|execFile|spawn|fork|execa|execaCommand|shell)(?:Sync)?$/,
  'path-traversal':
    /^(?:(?:access|appendFile|cp|copyFile|exists|lstat|mkdir|open|opendir|readFile|readdir|realpath|rename|rm|rmdir|stat|truncate|unlink|writeFile|outputFile|readJson|remove)(?:Sync)?|create(?:Read|Write)Stream|sendFile|sendfile|download)$/,
  'sql-injection': /^(?:\$?(?:query|execute|prepare)\w*|raw|unsafe)$/,
};

/** How statements begin: databases have methods (`all`, `get`, `run`) that other things have, too. */
const statement = /\b(?:select|insert|update|delete|replace|merge|with|call)\s/i;

/** True for a call by which the weakness does its harm, by the names that Node.js and the well-known packages give it. */
function isAbout(call: SyntaxNode, weakness: CodeWeakness): boolean {
  const callee = calleeOf(call);
  const name = callee?.childForFieldName('property')?.text ?? callee?.text ?? '';
  if (names[weakness].test(name)) return true;
  const [first] = inputsOf(call);
  if (weakness !== 'sql-injection' || first === undefined || /^(?:log|debug|info|warn|error)$/.test(name)) return false;
  const binding = first.type === 'identifier' ? resolveName(first.text, first) : undefined;
  const given = binding?.kind === 'value' ? binding.value : first;
  return /^(?:template_string|binary_expression|string)$/.test(given.type) && statement.test(given.text);
}

const builders =
  /^(?:path|posix|win32)\.(?:join|resolve|normalize)$|^(?:join|resolve|String|require|encodeURIComponent|decodeURIComponent)$/;

function isBuilder(call: SyntaxNode): boolean {
  return builders.test(calleeOf(call)?.text ?? '');
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

/** Where the region ends; without an end column that is the end of its last line. */
function endOf(text: string, { startLine = 1, endLine = startLine, endColumn }: Location): number | undefined {
  const start = offsetOf(text, endLine, endColumn ?? 1);
  if (start === undefined || endColumn !== undefined) return start;
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
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
