import { argumentsOf, unwrap } from './navigate';
import { initialiserOf, resolveName } from './scope';
import type { Declaration } from './scope';
import { stringValue } from './strings';
import type { SyntaxNode } from './syntaxTree';

/** An expression that stands for a module, or something in it: `promises.readFile` of `fs`; an empty path is the module. */
export interface ModuleMember {
  /** As written, without `node:`. */
  readonly module: string;
  readonly path: readonly string[];
  /** The function was passed through `util.promisify` here. */
  readonly promisified?: Declaration;
}

/** The module a `require('x')` call or an awaited `import('x')` names. */
export function requiredModule(node: SyntaxNode): string | undefined {
  const call = unwrap(node.type === 'await_expression' ? (node.namedChildren[0] ?? node) : node);
  if (call.type !== 'call_expression') return undefined;
  const callee = call.childForFieldName('function');
  const name = argumentsOf(call)?.[0];
  if (callee === null || name === undefined || !/^(require|import)$/.test(callee.text)) return undefined;
  return stringValue(name);
}

/** The module an import statement brings in. */
export function importedModule(statement: SyntaxNode): string | undefined {
  const source =
    statement.childForFieldName('source') ??
    statement.namedChildren.find((child) => child.type === 'import_require_clause')?.childForFieldName('source');
  return source === null || source === undefined ? undefined : stringValue(source);
}

/** What an expression stands for when it comes from a module by import, require or member access; undefined where that is not clear. */
export function moduleMember(expression: SyntaxNode, depth = 0): ModuleMember | undefined {
  const node = unwrap(expression);
  if (depth > 8) return undefined;
  const required = requiredModule(node);
  if (required !== undefined) return member(required, []);
  if (node.type === 'member_expression') {
    const object = node.childForFieldName('object');
    const property = node.childForFieldName('property');
    const of = object === null ? undefined : moduleMember(object, depth + 1);
    return of === undefined || property === null ? undefined : member(of.module, [...of.path, property.text]);
  }
  if (node.type === 'call_expression') {
    const callee = node.childForFieldName('function');
    const inner = argumentsOf(node)?.[0];
    const of = callee === null ? undefined : moduleMember(callee, depth + 1);
    if (of?.module !== 'util' || of.path.at(-1) !== 'promisify' || inner === undefined) return undefined;
    const promisified = moduleMember(inner, depth + 1);
    const declaration =
      node.parent?.type === 'variable_declarator' ? resolveName(node.parent.namedChildren[0] ?? node) : undefined;
    return promisified === undefined || declaration === undefined ? undefined : { ...promisified, promisified: declaration };
  }
  if (node.type !== 'identifier') return undefined;
  const declaration = resolveName(node);
  return declaration === undefined ? undefined : declaredMember(declaration, depth + 1);
}

function declaredMember(declaration: Declaration, depth: number): ModuleMember | undefined {
  if (declaration.kind === 'import') {
    const module = importedModule(declaration.node);
    if (module === undefined) return undefined;
    const specifier = declaration.nameNode.parent;
    if (specifier?.type !== 'import_specifier') return member(module, []);
    return member(module, [specifier.childForFieldName('name')?.text ?? declaration.name]);
  }
  if (declaration.kind !== 'const' && declaration.kind !== 'var' && declaration.kind !== 'let') return undefined;
  const value = initialiserOf(declaration);
  if (value !== undefined) return moduleMember(value, depth);
  // const { exec, promises: { readFile } } = require('…')
  const whole = declaration.node.type === 'variable_declarator' ? declaration.node.childForFieldName('value') : null;
  const of = whole === null ? undefined : moduleMember(whole, depth);
  const path = of === undefined ? undefined : patternPath(declaration);
  return of === undefined || path === undefined ? undefined : member(of.module, [...of.path, ...path]);
}

/** The property path by which a destructuring pattern reaches a name. */
function patternPath(declaration: Declaration): readonly string[] | undefined {
  const path: string[] = [];
  for (let node = declaration.nameNode; node.id !== declaration.node.id;) {
    const parent: SyntaxNode | null = node.parent;
    if (parent === null || parent.type === 'array_pattern' || parent.type === 'rest_pattern') return undefined;
    if (parent.type === 'pair_pattern') path.unshift(parent.childForFieldName('key')?.text ?? '');
    else if (node.type === 'shorthand_property_identifier_pattern') path.unshift(node.text);
    node = parent;
  }
  return path;
}

function member(module: string, path: readonly string[]): ModuleMember {
  // `import fs from 'fs'` and `import * as fs`: the default export of a built-in module is the module.
  return { module: module.replace(/^node:/, ''), path: path[0] === 'default' ? path.slice(1) : path };
}
