import type { SyntaxNode } from '../syntax/syntaxTree';
import { isFunction, literalText, walk } from './moduleFacts';
import type { ExportedAs, ModuleFacts } from './moduleFacts';
import type { Reach } from './reach';
import { parameterPattern, parametersOf } from './traceInput';
import type { InputSource } from './traceInput';
import type { Sink } from './findSink';

const verbs: readonly string[] = ['get', 'post', 'put', 'patch', 'delete', 'all', 'use'];

interface Route {
  readonly method: string;
  readonly path: string;
}

/** A handler as Node's http, Express, Connect and Koa-like routers call it: request first, then response. */
export function isHandler(fn: SyntaxNode): boolean {
  const names = parametersOf(fn).map((parameter) => parameterPattern(parameter).text);
  return /^_?req(?:uest)?$/.test(names[0] ?? '') && /^_?res(?:ponse)?$/.test(names[1] ?? '');
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
  if (source.index !== 0 || !isHandler(source.fn)) return undefined;
  const server = findServer(root, facts);
  const route = routeOf(source.fn, sink.node);
  if (server === undefined || route === undefined) return undefined;
  const request = requestFor(route, source.path);
  if (request === undefined) return undefined;
  return {
    imports: [{ names: server.exported.kind === 'named' ? `{ ${server.name} }` : server.name, from: `./${path}` }],
    support: [sendSupport(server.isFactory ? `${server.name}()` : server.name)],
    call: (value) => `send(${request(value)})`,
    inputName: source.path.at(-1)?.replace(/^get:/, '') ?? 'the request',
    target: `${route.method} ${route.path}`,
    kind: 'http',
    settles: true,
    sink: { callee: sink.callee, inputs: sink.inputs },
  };
}

interface ServerExport {
  /** Name in the test. */
  readonly name: string;
  readonly exported: ExportedAs;
  readonly isFactory: boolean;
}

const serverName = /^(?:app|server|application)$/;
const factoryName = /^(?:create|build|make)(?:App|Server|Application)$/;

/** An exported application or server, or an exported function that makes one and needs nothing for it. */
function findServer(root: SyntaxNode, facts: ModuleFacts): ServerExport | undefined {
  const factories = new Map<number, { readonly name: string; readonly exported: ExportedAs }>();
  for (const [local, exported] of facts.exports) {
    const name = exported.kind === 'named' ? exported.name : local;
    if (serverName.test(local)) return { name, exported, isFactory: false };
  }
  for (const node of walk(root)) {
    if (!isFunction(node) || parametersOf(node).some((one) => one.type === 'identifier' || one.type === 'required_parameter'))
      continue;
    const declarator = node.parent?.type === 'variable_declarator' ? node.parent : undefined;
    const local = node.childForFieldName('name')?.text ?? declarator?.childForFieldName('name')?.text;
    const exported = facts.exportedFunctions.get(node.id) ?? (local === undefined ? undefined : facts.exports.get(local));
    const name = exported?.kind === 'named' ? exported.name : local;
    if (exported !== undefined && name !== undefined && factoryName.test(name)) factories.set(node.id, { name, exported });
  }
  const first = [...factories.values()][0];
  return first === undefined ? undefined : { ...first, isFactory: true };
}

/** The route a handler is registered for: `app.get('/x', …, handler)`, or the path that a plain server compares with. */
function routeOf(fn: SyntaxNode, sink: SyntaxNode): Route | undefined {
  const call = fn.parent?.parent;
  if (call?.type !== 'call_expression') return undefined;
  const callee = call.childForFieldName('function');
  const method = callee?.type === 'member_expression' ? callee.childForFieldName('property')?.text : callee?.text;
  if (method !== undefined && verbs.includes(method)) {
    const path = literalText(call.childForFieldName('arguments')?.namedChildren[0]);
    if (path === undefined) return undefined;
    return { method: method === 'all' || method === 'use' ? 'GET' : method.toUpperCase(), path };
  }
  if (method !== 'createServer' && method !== 'on') return undefined;
  for (let node: SyntaxNode | null = sink; node !== null && node.id !== fn.id; node = node.parent) {
    if (node.type !== 'if_statement' && node.type !== 'switch_case') continue;
    const condition = node.childForFieldName('condition') ?? node.childForFieldName('value');
    const strings = condition === null ? [] : [...walk(condition)].flatMap((inner) => literalText(inner) ?? []);
    const path = strings.find((text) => text.startsWith('/'));
    if (path !== undefined) return { method: strings.find((text) => /^[A-Z]{3,7}$/.test(text)) ?? 'GET', path };
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

function sendSupport(server: string): string {
  return `/** Starts the service on a free port, sends one request and gives the answer's text. */
async function send(method, path, body) {
  const listening = await new Promise((resolve) => {
    const started = ${server}.listen(0, '127.0.0.1', () => resolve(started));
  });
  try {
    const response = await fetch(\`http://127.0.0.1:\${listening.address().port}\${path}\`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return await response.text();
  } finally {
    await new Promise((resolve) => {
      listening.close(resolve);
      listening.closeAllConnections();
    });
  }
}`;
}
