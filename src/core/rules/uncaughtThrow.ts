import { argumentsOf, contains, isFunction, unwrap, upwards } from '../syntax/navigate';
import { initialiserOf, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import type { SyntaxNode } from '../syntax/syntaxTree';

/**
 * Where an error thrown at a place would end up with nobody to catch it, as words that complete "…, and nothing there catches an
 * error"; undefined where a `try`, a framework, or the caller of a named function can answer it. An error that leaves an event
 * handler ends the process (Node.js documentation, process, 'uncaughtException'; the same holds for a promise that is rejected and
 * not handled).
 * @param throwsAlready the code at the place throws or rejects by itself, say for a missing file: in a callback of which nothing is
 * known one more error changes nothing; a server is to outlive it all the same
 * @param asked functions of which the same was asked before
 */
export function uncaughtThrow(place: SyntaxNode, throwsAlready: boolean, asked = new Set<number>()): string | undefined {
  let inner = place;
  for (const node of upwards(place)) {
    if (node.type === 'try_statement' && isTried(node, inner)) return undefined;
    inner = node;
    if (node.id === place.id || !isFunction(node)) continue;
    const call = callOf(node);
    if (call === undefined) return unanswered(node, asked);
    const kind = kindOf(call, node);
    if (kind === 'caught' || (kind === 'unknown' && throwsAlready)) return undefined;
    if (kind !== 'passed on') return calledBy(call);
  }
  return undefined;
}

/** True in a `try` block that has a `catch`; its `catch` and `finally` throw past it. */
function isTried(statement: SyntaxNode, inner: SyntaxNode): boolean {
  return statement.childForFieldName('handler') !== null && statement.childForFieldName('body')?.id === inner.id;
}

/** The call that a function is an argument of, or that calls it in place. */
function callOf(fn: SyntaxNode): SyntaxNode | undefined {
  let node = fn;
  while (node.parent !== null && unwrap(node.parent).id === fn.id) node = node.parent;
  const parent = node.parent;
  if (parent?.type === 'arguments') return parent.parent ?? undefined;
  return parent?.type === 'call_expression' ? parent : undefined;
}

type Kind = 'caught' | 'passed on' | 'event' | 'unknown';

const events = /^(createServer|createSecureServer|on|once|addListener|prependListener|addEventListener|setTimeout|setInterval)$/;
/** Properties that take a handler: `worker.onmessage = …`. */
const handlers = /^on(message|messageerror|request|data|error|open|close|load|connection|upgrade|click|change|submit)$/;
const routes = /^(get|post|put|delete|patch|all|use|options|head|route|param)$/;
/** Functions that pass an async handler's error on to the framework. */
const wrappers = /^(wrap(Async)?|async(Handler|Middleware|Wrapper|Route)|expressAsyncHandler|catch(Async|Errors|AsyncErrors))$/;
const inTurn =
  /^(map|forEach|filter|find|findIndex|findLast|some|every|reduce|reduceRight|flatMap|sort|toSorted|from|replace|replaceAll)$/;

/** What becomes of an error that leaves a function which is passed to a call. */
function kindOf(call: SyntaxNode, fn: SyntaxNode): Kind {
  const callee = call.childForFieldName('function') ?? call.childForFieldName('constructor');
  if (callee === null) return 'unknown';
  // A function called in place, and a promise's executor: the error goes to who called it, or holds the promise.
  if (unwrap(callee).id === fn.id || callee.text === 'Promise') return 'passed on';
  const name = callee.type === 'member_expression' ? (callee.childForFieldName('property')?.text ?? '') : callee.text;
  if (/^(then|catch|finally)$/.test(name)) return isChainCaught(call) ? 'caught' : 'unknown';
  if (events.test(name) || /^(setImmediate|nextTick|queueMicrotask)$/.test(name)) return 'event';
  if (inTurn.test(name)) return 'passed on';
  if (/^(it|test|describe|before|after|beforeEach|afterEach|beforeAll|afterAll)$/.test(name)) return 'caught';
  const isAsync = fn.children[0]?.type === 'async';
  const [first] = parameterNames(fn);
  // Routers answer an error that a handler throws. A promise that it rejects: Express only from version 5 on (`(req, res)`).
  if (callee.type === 'member_expression' && routes.test(name) && /^_?(req|request|ctx|context|c)$/.test(first ?? ''))
    return isAsync && /^_?res(ponse)?$/.test(parameterNames(fn)[1] ?? '') ? 'unknown' : 'caught';
  return callee.type === 'identifier' && wrappers.test(name) ? 'caught' : 'unknown';
}

/** True when a later link of the same chain catches. */
function isChainCaught(call: SyntaxNode): boolean {
  for (let at = call; ;) {
    const member: SyntaxNode | null = at.parent;
    const next = member?.type === 'member_expression' && member.childForFieldName('object')?.id === at.id ? member.parent : null;
    if (member === null || next?.type !== 'call_expression') return false;
    const name = member.childForFieldName('property')?.text;
    if (name === 'catch' || (name === 'then' && (argumentsOf(next)?.length ?? 0) > 1)) return true;
    at = next;
  }
}

function parameterNames(fn: SyntaxNode): readonly string[] {
  const single = fn.childForFieldName('parameter');
  if (single !== null) return [single.text];
  const list = fn.childForFieldName('parameters')?.namedChildren ?? [];
  return list.map((parameter) => (parameter.childForFieldName('pattern') ?? parameter).text);
}

function calledBy(call: SyntaxNode): string {
  const callee = call.childForFieldName('function') ?? call.childForFieldName('constructor');
  return `a function that is passed to ${(callee?.text ?? 'a call').replace(/\s+/g, ' ').slice(0, 40)}`;
}

/** A function with a name: where the file itself calls it, or passes it on, is asked the same. */
function unanswered(fn: SyntaxNode, asked: Set<number>): string | undefined {
  const assigned = fn.parent?.type === 'assignment_expression' ? fn.parent.childForFieldName('left') : null;
  const property = assigned?.type === 'member_expression' ? assigned.childForFieldName('property')?.text : undefined;
  if (property !== undefined && handlers.test(property)) return `the event handler ${assigned?.text.slice(0, 40) ?? property}`;
  const declaration = declarationOf(fn);
  if (declaration === undefined || asked.has(fn.id)) return undefined;
  asked.add(fn.id);
  for (const use of referencesTo(declaration)) {
    const call = use.parent?.type === 'arguments' ? use.parent.parent : use.parent;
    if (call?.type !== 'call_expression') continue;
    if (use.parent?.type === 'arguments') {
      if (kindOf(call, fn) === 'event') return calledBy(call);
    } else if (call.childForFieldName('function')?.id === use.id && !contains(fn, call)) {
      // Who calls it in a handler of which nothing is known may know how it fails; an event's handler is known to catch nothing.
      const found = uncaughtThrow(call, true, asked);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function declarationOf(fn: SyntaxNode): Declaration | undefined {
  const named = fn.parent?.type === 'variable_declarator' ? fn.parent : fn;
  const name = /^(variable_declarator|function_declaration|generator_function_declaration)$/.test(named.type)
    ? named.childForFieldName('name')
    : null;
  const declaration = name?.type === 'identifier' ? resolveName(name) : undefined;
  if (declaration === undefined) return undefined;
  const value = initialiserOf(declaration);
  return declaration.node.id === fn.id || (value !== undefined && unwrap(value).id === fn.id) ? declaration : undefined;
}
