import { calleeOf } from '../syntax/navigate';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { isFunction, literalText, walk } from './moduleFacts';

/** Where a value comes from: a parameter of a function, and the way from it (`query`, `host`; `get:host` for `.get('host')`). */
export interface InputSource {
  readonly fn: SyntaxNode;
  readonly index: number;
  readonly path: readonly string[];
}

/** What a name stands for at a place. */
export type Binding =
  | { readonly kind: 'parameter'; readonly fn: SyntaxNode; readonly index: number; readonly path: readonly string[] }
  | { readonly kind: 'value'; readonly value: SyntaxNode; readonly path: readonly string[] };

const maximumDepth = 24;

/**
 * The function parameters that an expression is computed from, nearest first. Local constants are followed to their
 * initialisers; what is reassigned, comes from loops or from other modules is not followed.
 */
export function traceInputs(expression: SyntaxNode, path: readonly string[] = [], depth = 0): readonly InputSource[] {
  if (depth > maximumDepth || isFunction(expression)) return [];
  const go = (node: SyntaxNode | null, further: readonly string[] = path) =>
    node === null ? [] : traceInputs(node, further, depth + 1);
  switch (expression.type) {
    case 'identifier':
    case 'shorthand_property_identifier': {
      const binding = resolveName(expression.text, expression);
      if (binding === undefined) return [];
      if (binding.kind === 'parameter') return [{ fn: binding.fn, index: binding.index, path: [...binding.path, ...path] }];
      return go(binding.value, [...binding.path, ...path]);
    }
    case 'member_expression': {
      const property = expression.childForFieldName('property')?.text;
      return go(expression.childForFieldName('object'), property === undefined ? path : [property, ...path]);
    }
    case 'subscript_expression': {
      const key = literalText(expression.childForFieldName('index'));
      return go(expression.childForFieldName('object'), key === undefined ? path : [key, ...path]);
    }
    case 'call_expression': {
      const callee = calleeOf(expression);
      const args = expression.childForFieldName('arguments')?.namedChildren ?? [];
      if (callee?.type === 'member_expression') {
        const method = callee.childForFieldName('property')?.text;
        const object = callee.childForFieldName('object');
        const key = literalText(args[0]);
        if (method === 'get' && key !== undefined && args.length === 1) return go(object, [`get:${key}`, ...path]);
        return [...args.flatMap((arg) => go(arg)), ...go(object)];
      }
      return args.flatMap((arg) => go(arg));
    }
    case 'pair':
      return go(expression.childForFieldName('value'));
    default:
      return expression.namedChildren.flatMap((child) => go(child));
  }
}

/** Finds what a name means where it is used: the nearest enclosing function's parameters and declarations first. */
export function resolveName(name: string, from: SyntaxNode): Binding | undefined {
  for (let scope: SyntaxNode | null = from.parent; scope !== null; scope = scope.parent) {
    if (isFunction(scope)) {
      const own = parameterNamed(scope, name);
      if (own !== undefined) return { kind: 'parameter', fn: scope, index: own.index, path: own.path };
    }
    if (scope.type === 'statement_block' || scope.type === 'program') {
      const declared = declarationIn(scope, name);
      if (declared !== undefined) return declared;
    }
  }
  return undefined;
}

/** The parameters of a function as they stand, without parentheses. */
export function parametersOf(fn: SyntaxNode): readonly SyntaxNode[] {
  const single = fn.childForFieldName('parameter');
  if (single !== null) return [single];
  const list = fn.childForFieldName('parameters');
  return list === null ? [] : list.namedChildren.filter((child) => child.type !== 'comment');
}

/** The pattern a parameter binds, without TypeScript's wrapping, decorators and default. */
export function parameterPattern(parameter: SyntaxNode): SyntaxNode {
  const inner = parameter.childForFieldName('pattern') ?? parameter.childForFieldName('left');
  return inner === null || inner.id === parameter.id ? parameter : parameterPattern(inner);
}

/** Whether a call may leave the parameter out. */
export function hasDefault(parameter: SyntaxNode): boolean {
  return (
    parameter.type === 'assignment_pattern' ||
    parameter.type === 'optional_parameter' ||
    parameter.childForFieldName('value') !== null
  );
}

/** The type that TypeScript declares of a parameter, as written; undefined where there is none. */
export function declaredType(parameter: SyntaxNode): string | undefined {
  return parameter.childForFieldName('type')?.text.replace(/^:\s*/, '');
}

function parameterNamed(fn: SyntaxNode, name: string): { readonly index: number; readonly path: readonly string[] } | undefined {
  for (const [index, parameter] of parametersOf(fn).entries()) {
    const path = pathInPattern(parameterPattern(parameter), name);
    if (path !== undefined) return { index, path };
  }
  return undefined;
}

/** The way from the whole value to the name that a pattern binds; undefined where the pattern does not bind it. */
function pathInPattern(pattern: SyntaxNode, name: string): readonly string[] | undefined {
  if (pattern.type === 'identifier' || pattern.type === 'shorthand_property_identifier_pattern') {
    return pattern.text === name ? (pattern.type === 'identifier' ? [] : [name]) : undefined;
  }
  if (pattern.type === 'assignment_pattern' || pattern.type === 'object_assignment_pattern') {
    const left = pattern.childForFieldName('left');
    return left === null ? undefined : pathInPattern(left, name);
  }
  if (pattern.type === 'pair_pattern') {
    const key = pattern.childForFieldName('key')?.text;
    const value = pattern.childForFieldName('value');
    const inner = value === null ? undefined : pathInPattern(value, name);
    return inner === undefined || key === undefined ? undefined : [key, ...inner];
  }
  if (pattern.type === 'object_pattern') {
    for (const member of pattern.namedChildren) {
      const path = pathInPattern(member, name);
      if (path !== undefined) return path;
    }
  }
  return undefined;
}

function declarationIn(scope: SyntaxNode, name: string): Binding | undefined {
  // Functions and classes of the scope have names of their own inside: not this scope's.
  const enter = (node: SyntaxNode) => node.id === scope.id || (!isFunction(node) && node.type !== 'class_body');
  for (const node of walk(scope, enter)) {
    if (node.type !== 'variable_declarator') continue;
    const pattern = node.childForFieldName('name');
    const value = node.childForFieldName('value');
    if (pattern === null || value === null) continue;
    const path = pathInPattern(pattern, name);
    if (path !== undefined) return { kind: 'value', value, path };
  }
  return undefined;
}
