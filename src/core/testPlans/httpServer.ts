import type { TestPlan } from '../ports';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { isFunction, literalText, walk } from './moduleFacts';
import type { ExportedAs, ModuleFacts } from './moduleFacts';
import { parameterPattern, parametersOf } from './traceInput';

/** What a test sends requests to: something that the module exports. */
export interface HttpServer {
  readonly local: string;
  readonly exported: ExportedAs;
  /** Imports beside the module's own. */
  readonly imports: TestPlan['imports'];
  /** Declares `send(method, url, body)`, which gives the answer's text. */
  readonly support: (typed: boolean) => string;
  /** Where the routes of the handler's router lie below the server. */
  readonly prefix: string;
}

const serverName = /^(?:app|server|application)$/;
const factoryName = /^(?:create|build|make)(?:App|Server|Application)$/;
const packages: TestPlan['imports'] = [
  { names: '{ createRequire }', from: 'node:module' },
  { names: 'path', from: 'node:path' },
];

/**
 * The server through which a test reaches a handler: the exported application or server, an exported function that makes one and
 * needs nothing for it, the exported router of Express on an application of the test's own, an instance or a plugin of Fastify.
 *
 * @param receiver what the handler's route is registered on: `app`, `router`
 */
export function findServer(root: SyntaxNode, receiver: string, facts: ModuleFacts): HttpServer | undefined {
  // `require('fastify')()` as well, which leaves no name.
  const names = root.descendantsOfType('string').map(literalText);
  if (names.includes('fastify')) return findFastify(root, receiver, facts);
  return findListener(root, receiver, facts) ?? findPlugin(root, receiver, facts) ?? findRouter(root, receiver, facts);
}

function findListener(root: SyntaxNode, receiver: string, facts: ModuleFacts): HttpServer | undefined {
  const listener = (local: string, exported: ExportedAs, start: string): HttpServer => ({
    local,
    exported,
    imports: [],
    support: (typed) => listenSupport(start, '', typed),
    prefix: prefixOf(root, receiver),
  });
  for (const [local, exported] of facts.exports) {
    const name = exported.kind === 'named' ? exported.name : local;
    if (serverName.test(local)) return listener(name, exported, name);
  }
  for (const node of walk(root)) {
    if (!isFunction(node) || parametersOf(node).some((one) => one.type === 'identifier' || one.type === 'required_parameter'))
      continue;
    const declarator = node.parent?.type === 'variable_declarator' ? node.parent : undefined;
    const local = node.childForFieldName('name')?.text ?? declarator?.childForFieldName('name')?.text;
    const exported = facts.exportedFunctions.get(node.id) ?? (local === undefined ? undefined : facts.exports.get(local));
    const name = exported?.kind === 'named' ? exported.name : local;
    if (exported !== undefined && name !== undefined && factoryName.test(name)) return listener(name, exported, `${name}()`);
  }
  return undefined;
}

/** A router of Express that the module exports. */
function findRouter(root: SyntaxNode, receiver: string, facts: ModuleFacts): HttpServer | undefined {
  const exported = facts.exports.get(receiver);
  const made = initialiserOf(root, receiver);
  if (exported === undefined || made === undefined || !/^(?:new\s+)?(?:\w+\.)?Router\s*\(/.test(made.text)) return undefined;
  if (![...facts.imports.values()].includes('express')) return undefined;
  const local = exported.kind === 'named' ? exported.name : receiver;
  return {
    local,
    exported,
    imports: packages,
    support: (typed) =>
      listenSupport(
        'service',
        `  const express = createRequire(path.resolve('package.json'))('express');
  const service = express().use(express.json(), express.urlencoded({ extended: true }), ${local});
`,
        typed,
      ),
    prefix: '',
  };
}

function findFastify(root: SyntaxNode, receiver: string, facts: ModuleFacts): HttpServer | undefined {
  const exported = facts.exports.get(receiver);
  if (exported === undefined) return findPlugin(root, receiver, facts);
  const local = exported.kind === 'named' ? exported.name : receiver;
  return { local, exported, imports: [], support: (typed) => injectSupport(local, '', typed), prefix: '' };
}

/** A plugin of Fastify: an exported function that registers the route on what it is given first. */
function findPlugin(root: SyntaxNode, receiver: string, facts: ModuleFacts): HttpServer | undefined {
  if (!/^(?:fastify|instance)$/.test(receiver)) return undefined;
  for (const node of walk(root)) {
    const [first] = isFunction(node) ? parametersOf(node) : [];
    if (first === undefined || parameterPattern(first).text !== receiver) continue;
    const name = node.childForFieldName('name')?.text ?? node.parent?.childForFieldName('name')?.text;
    const exported = facts.exportedFunctions.get(node.id) ?? (name === undefined ? undefined : facts.exports.get(name));
    if (exported === undefined) continue;
    const local = exported.kind === 'named' ? exported.name : (name ?? 'plugin');
    const make = `  const service = createRequire(path.resolve('package.json'))('fastify')().register(${local});\n`;
    return { local, exported, imports: packages, support: (typed) => injectSupport('service', make, typed), prefix: '' };
  }
  return undefined;
}

/** What a name of the module's top level is first set to. */
function initialiserOf(root: SyntaxNode, name: string): SyntaxNode | undefined {
  for (const node of walk(root, (inner) => !isFunction(inner))) {
    if (node.type !== 'variable_declarator' || node.childForFieldName('name')?.text !== name) continue;
    return node.childForFieldName('value') ?? undefined;
  }
  return undefined;
}

/** `/api` of `app.use('/api', router)`. */
function prefixOf(root: SyntaxNode, router: string): string {
  for (const call of root.descendantsOfType('call_expression')) {
    if (call.childForFieldName('function')?.childForFieldName('property')?.text !== 'use') continue;
    const [first, ...rest] = call.childForFieldName('arguments')?.namedChildren ?? [];
    const path = literalText(first);
    if (path !== undefined && rest.some((one) => one.text === router)) return path.replace(/\/+$/, '');
  }
  return '';
}

const typesOf = (typed: boolean): string =>
  typed ? '(method: string, url: string, body?: unknown): Promise<string>' : '(method, url, body)';

function listenSupport(server: string, make: string, typed: boolean): string {
  return `/** Starts the service on a free port, sends one request and gives the answer's text. */
async function send${typesOf(typed)} {
${make}  const listening${typed ? ': any' : ''} = await new Promise((resolve) => {
    const started = ${server}.listen(0, '127.0.0.1', () => resolve(started));
  });
  try {
    const response = await fetch(\`http://127.0.0.1:\${listening.address().port}\${url}\`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? ${typed ? 'null' : 'undefined'} : JSON.stringify(body),
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

function injectSupport(server: string, make: string, typed: boolean): string {
  return `/** Has the service answer one request, without a port, and gives the answer's text. */
async function send${typesOf(typed)} {
${make}  const response${typed ? ': any' : ''} = await ${typed ? `(${server} as any)` : server}.inject({ method, url, ...(body === undefined ? {} : { payload: body }) });
  return response.body;
}`;
}
