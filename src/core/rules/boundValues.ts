import { unwrap } from '../syntax/navigate';
import { initialiserOf, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import type { SyntaxNode } from '../syntax/syntaxTree';

/**
 * Every expression that the file gives a name: in its declaration, as a parameter's default value, by `=` and `+=`. What comes from
 * elsewhere (a call's argument, a destructured value) is not among them.
 */
export function boundValues(declaration: Declaration): readonly SyntaxNode[] {
  const first = initialiserOf(declaration) ?? defaultOf(declaration);
  const later = referencesTo(declaration).flatMap((node) => {
    const parent = node.parent;
    if (!/^(assignment_expression|augmented_assignment_expression)$/.test(parent?.type ?? '')) return [];
    const right = parent?.childForFieldName('left')?.id === node.id ? parent.childForFieldName('right') : null;
    return right === null || right === undefined ? [] : [right];
  });
  return first === undefined ? later : [first, ...later];
}

/** The values that a member of an object or array of the file can have: all of them where which one is not fixed. */
export function memberValues(member: SyntaxNode): readonly SyntaxNode[] {
  const object = unwrap(member.childForFieldName('object') ?? member);
  const declaration = object.type === 'identifier' ? resolveName(object) : undefined;
  const written = declaration === undefined ? object : unwrap(initialiserOf(declaration) ?? object);
  const name = member.childForFieldName('property')?.text;
  // `list.length` is none of its elements.
  if (written.type === 'array') return name === undefined ? written.namedChildren : [];
  if (written.type !== 'object') return [];
  return written.namedChildren.flatMap((pair) => {
    const value = pair.type === 'pair' ? pair.childForFieldName('value') : null;
    return value !== null && (name === undefined || pair.childForFieldName('key')?.text === name) ? [value] : [];
  });
}

/** What a function gives back, by each of its `return`s or as its only expression. */
export function returnedValues(fn: SyntaxNode): readonly SyntaxNode[] {
  const body = fn.childForFieldName('body');
  if (body === null) return [];
  if (body.type !== 'statement_block') return [body];
  return body.descendantsOfType('return_statement').flatMap((statement) => statement.namedChildren.slice(0, 1));
}

function defaultOf(declaration: Declaration): SyntaxNode | undefined {
  const { nameNode, node } = declaration;
  const parent = nameNode.parent;
  // `(name = value)` and `{ name = value }`; in TypeScript the parameter's node holds the value.
  const pattern = parent !== null && /assignment_pattern$/.test(parent.type) ? parent : undefined;
  const value =
    pattern?.childForFieldName('right') ?? (node.type === 'required_parameter' ? node.childForFieldName('value') : null);
  return value ?? undefined;
}
