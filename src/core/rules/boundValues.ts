import { initialiserOf, referencesTo } from '../syntax/scope';
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

function defaultOf(declaration: Declaration): SyntaxNode | undefined {
  const { nameNode, node } = declaration;
  const parent = nameNode.parent;
  // `(name = value)` and `{ name = value }`; in TypeScript the parameter's node holds the value.
  const pattern = parent !== null && /assignment_pattern$/.test(parent.type) ? parent : undefined;
  const value =
    pattern?.childForFieldName('right') ?? (node.type === 'required_parameter' ? node.childForFieldName('value') : null);
  return value ?? undefined;
}
