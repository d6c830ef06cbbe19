import { enclosingFunction, enclosingStatement, unwrap } from '../syntax/navigate';
import { initialiserOf, isConstant, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import type { StringPart } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';

/** An argument's value where it is written: in place, or in the one local `const` that the argument names. */
export interface LocalString {
  readonly value: SyntaxNode;
  /** Set when the value stands in a declaration. */
  readonly declaration?: Declaration;
}

/** Follows an argument to the expression that makes its value; a name that is no constant of the same function stays as it is. */
export function localString(argument: SyntaxNode): LocalString {
  const node = unwrap(argument);
  if (node.type !== 'identifier') return { value: node };
  const declaration = resolveName(node);
  if (declaration?.kind !== 'const' && !(declaration !== undefined && isConstant(declaration))) return { value: node };
  const value = initialiserOf(declaration);
  if (value === undefined || enclosingFunction(value)?.id !== enclosingFunction(node)?.id) return { value: node };
  return { value: unwrap(value), declaration };
}

/** Uses of the declared string other than the argument itself and those that only print it. */
export function otherUses(declaration: Declaration, argument: SyntaxNode): readonly SyntaxNode[] {
  const used = unwrap(argument);
  return referencesTo(declaration).filter((node) => node.id !== used.id && !isPrinted(node));
}

/** True for an argument of `console.*` or of a logger's method. */
export function isPrinted(node: SyntaxNode): boolean {
  const call = [node.parent?.parent, node.parent?.parent?.parent?.parent].find((at) => at?.type === 'call_expression');
  const callee = call?.childForFieldName('function')?.text ?? '';
  return /^console\.\w+$|(^|\.)(log|logger)\.(trace|debug|info|log|warn|error)$|^debug$/.test(callee);
}

/**
 * True when the pieces may be evaluated at the argument instead of at the declaration: nothing stands between the two statements,
 * or they are names that never change.
 */
export function mayMove(parts: readonly StringPart[], declaration: Declaration, argument: SyntaxNode): boolean {
  if (isNextStatement(declaration, argument)) return true;
  return parts.every((part) => part.kind === 'text' || part.constant !== undefined || isFixedName(part.node));
}

/** True when the argument's statement follows the declaration's directly, in the same block. */
export function isNextStatement(declaration: Declaration, argument: SyntaxNode): boolean {
  const from = enclosingStatement(declaration.node);
  const to = enclosingStatement(argument);
  if (from?.parent === undefined || from.parent === null || to?.parent?.id !== from.parent.id) return false;
  const siblings = from.parent.namedChildren.filter((node) => node.type !== 'comment');
  return siblings.findIndex((node) => node.id === to.id) === siblings.findIndex((node) => node.id === from.id) + 1;
}

function isFixedName(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  return declaration !== undefined && isConstant(declaration);
}
