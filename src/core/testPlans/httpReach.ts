import type { SyntaxNode } from '../syntax/syntaxTree';
import { findServer } from './httpServer';
import { literalText, walk } from './moduleFacts';
import type { ModuleFacts } from './moduleFacts';
import type { Reach } from './reach';
import { parameterPattern, parametersOf } from './traceInput';
import type { InputSource } from './traceInput';
import type { Sink } from './findSink';

const verbs: readonly string[] = ['get', 'post', 'put', 'patch', 'delete', 'all', 'use'];

interface Route {
  /** What it is registered on: `app`, `router`. */
  readonly receiver: string;
  readonly method: string;
  readonly path: string;
}

/** A handler as Node's http, Express, Connect and Koa-like routers call it: request first, then response. */
export function isHandler(fn: SyntaxNode): boolean {
  return takes(fn, /^_?res(?:ponse)?$/);
}

/** Fastify's handlers may give their answer back, and do without the reply. */
function isFastifyHandler(fn: SyntaxNode): boolean {
  return takes(fn, /^(?:_?rep(?:ly)?|)$/);
}

function takes(fn: SyntaxNode, second: RegExp): boolean {
  const names = parametersOf(fn).map((parameter) => parameterPattern(parameter).text);
  return /^_?req(?:uest)?$/.test(names[0] ?? '') && second.test(names[1] ?? '');
}

/**
 * The way through a running server: the source is the request of a route handler, and the module exports the server, the
 * application, or a function without parameters that makes one.
 */
export function findHttpReach(
  source: InputSource,
  sink: Sink,
  path: string,
  root: SyntaxNode,
  facts: ModuleFacts,
): Reach | undefined {
  if (source.index !== 0 || !(isHandler(source.fn) || isFastifyHandler(source.fn))) return undefined;
  const route = routeOf(source.fn, sink.node);
  const server = route === undefined ? undefined : findServer(root, route.receiver, facts);
  if (server === undefined || route === undefined) return undefined;
  const request = requestFor({ ...route, path: `${server.prefix}${route.path}` }, source.path);
  if (request === undefined) return undefined;
  const { local, exported } = server;
  return {
    imports: [...server.imports, { names: exported.kind === 'named' ? `{ ${local} }` : local, from: `./${path}` }],
    support: [server.support(isTyped(path))],
    call: (value) => `send(${request(value)})`,
    inputName: source.path.at(-1)?.replace(/^get:/, '') ?? 'the request',
    target: `${route.method} ${server.prefix}${route.path}`,
    kind: 'http',
    settles: true,
    sink: { callee: sink.callee, inputs: sink.inputs },
  };
}

/** Whether declarations in a file of this path carry types. */
export function isTyped(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path);
}

/** The route a handler is registered for: `app.get('/x', …, handler)`, or the path that a plain server compares with. */
function routeOf(fn: SyntaxNode, sink: SyntaxNode): Route | undefined {
  const call = fn.parent?.parent;
  if (call?.type !== 'call_expression') return undefined;
  const callee = call.childForFieldName('function');
  const method = callee?.type === 'member_expression' ? callee.childForFieldName('property')?.text : callee?.text;
  const receiver = callee?.childForFieldName('object')?.text ?? '';
  if (method !== undefined && verbs.includes(method)) {
    const path = literalText(call.childForFieldName('arguments')?.namedChildren[0]);
    if (path === undefined) return undefined;
    return { receiver, method: method === 'all' || method === 'use' ? 'GET' : method.toUpperCase(), path };
  }
  if (method !== 'createServer' && method !== 'on') return undefined;
  for (let node: SyntaxNode | null = sink; node !== null && node.id !== fn.id; node = node.parent) {
    if (node.type !== 'if_statement' && node.type !== 'switch_case') continue;
    const condition = node.childForFieldName('condition') ?? node.childForFieldName('value');
    const strings = condition === null ? [] : [...walk(condition)].flatMap((inner) => literalText(inner) ?? []);
    const path = strings.find((text) => text.startsWith('/'));
    if (path !== undefined) return { receiver, method: strings.find((text) => /^[A-Z]{3,7}$/.test(text)) ?? 'GET', path };
  }
  return undefined;
}

/** The arguments of `send` that put the value where the handler reads it. */
function requestFor(route: Route, path: readonly string[]): ((value: string) => string) | undefined {
  const [where, ...rest] = path;
  const name = rest.at(-1)?.replace(/^get:/, '');
  const method = `'${route.method}'`;
  if (where === 'query' && name !== undefined) {
    return (value) => `${method}, \`${route.path}?${encodeURIComponent(name)}=\${encodeURIComponent(${value})}\``;
  }
  if ((where === 'url' || where === 'originalUrl') && path.at(-1)?.startsWith('get:') === true && name !== undefined) {
    return (value) => `${method}, \`${route.path}?${encodeURIComponent(name)}=\${encodeURIComponent(${value})}\``;
  }
  if (where === 'params' && name !== undefined && route.path.includes(`:${name}`)) {
    return (value) =>
      `${method}, \`${route.path.replace(new RegExp(`:${name}(\\([^)]*\\))?[?*+]?`), () => `\${encodeURIComponent(${value})}`).replace(/:[A-Za-z_]\w*/g, '1')}\``;
  }
  if (where === 'body' && name !== undefined && route.method !== 'GET') {
    return (value) => `${method}, '${route.path}', { ${JSON.stringify(name)}: ${value} }`;
  }
  return undefined;
}
