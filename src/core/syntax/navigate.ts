import type { SyntaxNode } from './syntaxTree';

const functionTypes: ReadonlySet<string> = new Set([
  'function_declaration',
  'function_expression',
  'generator_function',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
]);

export function isFunction(node: SyntaxNode): boolean {
  return functionTypes.has(node.type);
}

/** Nobody nests deeper by hand; a climb costs time by the square of the depth, and hostile code may have any. */
const maxDepth = 400;

/** The node and all that hold it, inside out. */
export function* upwards(node: SyntaxNode): Generator<SyntaxNode> {
  let depth = 0;
  for (let at: SyntaxNode | null = node; at !== null && depth < maxDepth; at = at.parent, depth++) yield at;
}

/** The innermost function around the node; undefined at the top level. */
export function enclosingFunction(node: SyntaxNode): SyntaxNode | undefined {
  for (const at of upwards(node)) if (at.id !== node.id && isFunction(at)) return at;
  return undefined;
}

/** The statement of a block (or of the program) that holds the node. */
export function enclosingStatement(node: SyntaxNode): SyntaxNode | undefined {
  for (const at of upwards(node))
    if (at.parent !== null && /^(program|statement_block|switch_case|switch_default)$/.test(at.parent.type)) return at;
  return undefined;
}

export function contains(outer: SyntaxNode, inner: { readonly startIndex: number; readonly endIndex: number }): boolean {
  return outer.startIndex <= inner.startIndex && inner.endIndex <= outer.endIndex;
}

/** Arguments of a call without comments; undefined when it is no call with parentheses (a tagged template). */
export function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] | undefined {
  const list = call.childForFieldName('arguments');
  return list?.type === 'arguments' ? list.namedChildren.filter((node) => node.type !== 'comment') : undefined;
}

/**
 * What a call calls. The TypeScript grammar reads `await f<T>(x)` as a call of `await f` (and so with `void`, `!`, `typeof`): there
 * the word before belongs to the result, not to what is called. Where someone meant that, it stands in parentheses.
 */
export function calleeOf(call: SyntaxNode): SyntaxNode | null {
  const callee = call.childForFieldName('function');
  if (callee === null || !/^(await|unary)_expression$/.test(callee.type)) return callee;
  return callee.namedChildren.findLast((node) => node.type !== 'comment') ?? callee;
}

/** The expression without parentheses and TypeScript's type assertions around it. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let at = node;
  while (/^(parenthesized_expression|as_expression|satisfies_expression|non_null_expression)$/.test(at.type)) {
    const inner = at.namedChildren.find((child) => child.type !== 'comment');
    if (inner === undefined) break;
    at = inner;
  }
  return at;
}

/** A call of an object's method: its name, the object and the arguments; undefined for any other expression. */
export function methodCall(
  expression: SyntaxNode,
): { readonly name: string; readonly object: SyntaxNode; readonly args: readonly SyntaxNode[] } | undefined {
  const call = unwrap(expression);
  const callee = call.type === 'call_expression' ? call.childForFieldName('function') : null;
  const object = callee?.type === 'member_expression' ? callee.childForFieldName('object') : null;
  const args = argumentsOf(call);
  if (object === null || args === undefined) return undefined;
  return { name: callee?.childForFieldName('property')?.text ?? '', object, args };
}
