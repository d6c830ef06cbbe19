import { calleeOf } from '../syntax/navigate';
import type { SyntaxNode, SyntaxTree } from '../syntax/syntaxTree';
import { anythingSupport, classMemberOf, constructorCall, ownNameOf } from './classMember';
import type { ClassMember } from './classMember';
import { findHttpReach, isHandler, isTyped } from './httpReach';
import { isFunction, readModuleFacts, walk } from './moduleFacts';
import type { ExportedAs, ModuleFacts } from './moduleFacts';
import type { Reach } from './reach';
import { declaredType, hasDefault, parameterPattern, parametersOf, resolveName, traceInputs } from './traceInput';
import type { InputSource } from './traceInput';
import type { Sink } from './findSink';

export interface SourceFile {
  /** Workspace path. */
  readonly path: string;
  readonly tree: SyntaxTree;
}

const maximumCallers = 4;

/**
 * How a test can send a value to the sink: through an exported function, or through an HTTP handler of an exported server.
 * @returns the way, or a sentence that says why there is none that a machine finds.
 */
export function findReach(sink: Sink, file: SourceFile): Reach | { readonly because: string } {
  const facts = readModuleFacts(file.tree.root);
  const sources = sink.inputs.flatMap((input) => traceInputs(input));
  if (sources.length === 0)
    return { because: 'the value that reaches the place does not come from a parameter of a function in this file' };
  for (const source of sources) {
    const reach = reachThrough(source, sink, file, facts, 0);
    if (reach !== undefined) return reach;
  }
  const name = sources[0] === undefined ? undefined : nameOf(sources[0].fn);
  return {
    because: `${name ?? 'the function around the place'} is not exported, and no exported function or route of this file leads to it`,
  };
}

function reachThrough(source: InputSource, sink: Sink, file: SourceFile, facts: ModuleFacts, depth: number): Reach | undefined {
  const http = findHttpReach(source, sink, file.path, file.tree.root, facts);
  if (http !== undefined) return http;
  const exported = exportOf(source.fn, facts);
  if (exported !== undefined) return functionReach(source, exported, sink, file.path);
  const member = classMemberOf(source.fn, facts);
  if (member !== undefined) return memberReach(source, member, sink, file.path);
  if (depth >= maximumCallers) return undefined;
  const name = ownNameOf(source.fn) ?? nameOf(source.fn);
  if (name === undefined) return undefined;
  for (const node of walk(file.tree.root)) {
    if (node.type !== 'call_expression' || node.childForFieldName('function')?.text !== name) continue;
    const arg = node.childForFieldName('arguments')?.namedChildren[source.index];
    if (arg === undefined) continue;
    for (const outer of traceInputs(arg, source.path)) {
      if (outer.fn.id === source.fn.id) continue;
      const reach = reachThrough(outer, sink, file, facts, depth + 1);
      if (reach !== undefined) return reach;
    }
  }
  return undefined;
}

/** The name a function is known by in its module. */
export function nameOf(fn: SyntaxNode): string | undefined {
  const own = fn.childForFieldName('name')?.text;
  if (own !== undefined) return own;
  if (fn.parent?.type === 'variable_declarator') return fn.parent.childForFieldName('name')?.text;
  return undefined;
}

function exportOf(fn: SyntaxNode, facts: ModuleFacts): ExportedAs | undefined {
  const direct = facts.exportedFunctions.get(fn.id);
  if (direct !== undefined) return direct;
  if (fn.type === 'method_definition') return undefined;
  const name = nameOf(fn);
  // Only functions of the module itself: an inner function may bear the name of an exported one.
  return name !== undefined && isTopLevel(fn) ? facts.exports.get(name) : undefined;
}

function isTopLevel(fn: SyntaxNode): boolean {
  for (let node = fn.parent; node !== null; node = node.parent) {
    if (isFunction(node) || node.type === 'class_body') return false;
  }
  return true;
}

function functionReach(source: InputSource, exported: ExportedAs, sink: Sink, path: string): Reach {
  const local = exported.kind === 'named' ? exported.name : (nameOf(source.fn) ?? 'run');
  const parameters = parametersOf(source.fn);
  const receiverIndex = receiverParameter(sink, source.fn);
  const build = (value: string, receiver?: string): string =>
    callOf(local, source, parameters, value, isTyped(path), receiverIndex, receiver);
  if (isHandler(source.fn) && source.index === 0 && source.path.length > 0) {
    return {
      imports: [
        { names: exported.kind === 'named' ? `{ ${local} }` : local, from: `./${path}` },
        { names: 'fs', from: 'node:fs' },
        { names: 'path', from: 'node:path' },
        { names: '{ Writable }', from: 'node:stream' },
      ],
      support: [handleSupport(isTyped(path))],
      call: (value) => `handle(${local}, ${wrap(value, source.path)})`,
      inputName: source.path.map((step) => step.replace(/^get:/, '')).join('.'),
      target: local,
      kind: 'http',
      settles: true,
      sink: { callee: sink.callee, inputs: sink.inputs },
    };
  }
  return {
    imports: [{ names: exported.kind === 'named' ? `{ ${local} }` : local, from: `./${path}` }],
    support: [],
    call: (value) => build(value),
    inputName: inputName(source, parameters),
    target: local,
    kind: 'function',
    ...(receiverIndex === undefined ? {} : { receiver: { call: (value: string, receiver: string) => build(value, receiver) } }),
    settles: settles(source.fn, parameters),
    sink: { callee: sink.callee, inputs: sink.inputs },
  };
}

/** A method of an exported class, on an object that the test makes, or on the class itself. */
function memberReach(source: InputSource, member: ClassMember, sink: Sink, path: string): Reach | undefined {
  const { local, exported, name, isStatic } = member;
  const typed = isTyped(path);
  const parameters = parametersOf(source.fn);
  const receiverIndex = receiverParameter(sink, source.fn);
  const make = isStatic ? () => local : constructorCall(member, typed);
  if (make === undefined) return undefined;
  const build = (subject: string, value: string, receiver?: string): string =>
    callOf(`${subject}.${name}`, source, parameters, value, typed, receiverIndex, receiver);
  const field = isStatic || receiverIndex !== undefined ? undefined : receiverField(sink);
  const makeWith = field === undefined ? undefined : constructorCall(member, typed, field);
  const receiver =
    receiverIndex !== undefined
      ? (value: string, given: string) => build(make(''), value, given)
      : makeWith && ((value: string, given: string) => build(makeWith(given), value));
  const needsAnything = [make(''), makeWith?.('') ?? ''].some((text) => /\banything\b/.test(text));
  return {
    imports: [{ names: exported.kind === 'named' ? `{ ${local} }` : local, from: `./${path}` }],
    support: needsAnything ? [anythingSupport(typed)] : [],
    call: (value) => build(make(''), value),
    inputName: inputName(source, parameters),
    target: `${local}.${name}`,
    kind: 'function',
    ...(receiver === undefined ? {} : { receiver: { call: receiver } }),
    settles: settles(source.fn, parameters),
    sink: { callee: sink.callee, inputs: sink.inputs },
  };
}

/** The call of a function with the value in its place, as JavaScript; the other parameters get what does not matter. */
function callOf(
  callee: string,
  source: InputSource,
  parameters: readonly SyntaxNode[],
  value: string,
  typed: boolean,
  receiverIndex?: number,
  receiver?: string,
): string {
  const args: string[] = [];
  for (const [index, parameter] of parameters.entries()) {
    // A text where the declaration wants something else is what an attacker sends.
    const given = (text: string): string => (typed && !takesText(parameter) ? `${text} as any` : text);
    if (index === source.index) args.push(given(wrap(value, source.path)));
    else if (index === receiverIndex && receiver !== undefined) args.push(receiver);
    else if (isCallback(parameter)) args.push('callback');
    else if (parameter.type === 'rest_pattern' || hasDefault(parameter)) {
      if (index > source.index) break;
      args.push('undefined');
    } else args.push(given("'value'"));
  }
  const call = `${callee}(${args.join(', ')})`;
  if (!args.includes('callback')) return call;
  const types = typed ? '(error: any, result: any)' : '(error, result)';
  const asCallback = (arg: string): string =>
    arg === 'callback' ? `${types} => (error ? reject(error) : resolve(result))` : arg;
  return `new Promise((resolve, reject) => ${callee}(${args.map(asCallback).join(', ')}))`;
}

/** Whether a parameter's declared type, if it has one, takes a text as it is. */
function takesText(parameter: SyntaxNode): boolean {
  const declared = declaredType(parameter);
  return declared === undefined || /^(?:string|any|unknown)$/.test(declared);
}

function inputName(source: InputSource, parameters: readonly SyntaxNode[]): string {
  const parameter = parameters[source.index];
  const pattern = parameter === undefined ? undefined : parameterPattern(parameter);
  const own = pattern?.type === 'identifier' ? pattern.text : '';
  return [own, ...source.path.map((step) => step.replace(/^get:/, ''))].filter(Boolean).join('.');
}

/** `['query', 'host']` around a value: `{ query: { host: value } }`; `get:host` becomes URLSearchParams, which has `get`. */
function wrap(value: string, path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const inner = wrap(value, rest);
  if (first.startsWith('get:')) return `new URLSearchParams({ ${key(first.slice(4))}: ${inner} })`;
  return `{ ${key(first)}: ${inner} }`;
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function isCallback(parameter: SyntaxNode): boolean {
  return /^(?:cb|callback|done|next|fn)$/.test(parameterPattern(parameter).text);
}

/** The field of the object that the sink is called on: `pool` of `this.pool.query(…)`. */
function receiverField(sink: Sink): string | undefined {
  const callee = calleeOf(sink.node);
  for (let node = callee; node?.type === 'member_expression'; node = node.childForFieldName('object')) {
    if (node.childForFieldName('object')?.type === 'this') return node.childForFieldName('property')?.text;
  }
  return undefined;
}

/** The parameter that the sink is called on (`db` of `db.query(…)`), when it is one of the same function. */
function receiverParameter(sink: Sink, fn: SyntaxNode): number | undefined {
  const callee = calleeOf(sink.node);
  let object = callee?.type === 'member_expression' ? callee.childForFieldName('object') : null;
  while (object?.type === 'member_expression') object = object.childForFieldName('object');
  if (object?.type !== 'identifier') return undefined;
  const binding = resolveName(object.text, object);
  return binding?.kind === 'parameter' && binding.fn.id === fn.id ? binding.index : undefined;
}

/** Whether something tells when the call is over: a promise, a callback, a value that is given back. */
function settles(fn: SyntaxNode, parameters: readonly SyntaxNode[]): boolean {
  if (fn.children.some((child) => child.type === 'async') || parameters.some(isCallback)) return true;
  const body = fn.childForFieldName('body');
  if (body === null || body.type !== 'statement_block') return true;
  for (const node of walk(body, (inner) => !isFunction(inner))) {
    if (node.type === 'return_statement' && node.namedChildren.length > 0) return true;
  }
  return false;
}

function handleSupport(typed: boolean): string {
  const any = typed ? ': any' : '';
  return `/** Calls a request handler with a response that only listens, and gives what was sent. */
async function handle(handler${any}, request${any}) {
  let text = '';
  await new Promise${typed ? '<void>' : ''}((resolve, reject) => {
    const response${any} = new Writable({
      write(chunk, _encoding, done) {
        text += chunk;
        done();
      },
      final(done) {
        done();
        resolve();
      },
    });
    const same = () => response;
    const send = (body${any}) => response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) ?? '');
    Object.assign(response, {
      status: same, set: same, header: same, type: same, setHeader: same, writeHead: same, removeHeader: same,
      send, json: send, sendStatus: (status${any}) => send(String(status)),
      sendFile: (file${any}, options${any}) => send(fs.readFileSync(path.resolve(options?.root ?? '', file))),
    });
    Promise.resolve(handler({ headers: {}, query: {}, params: {}, body: {}, method: 'GET', url: '/', ...request }, response, (error${any}) => (error ? reject(error) : resolve())))
      .catch(reject);
  });
  return text;
}`;
}
