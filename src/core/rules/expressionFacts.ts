import { unwrap } from '../syntax/navigate';
import { initialiserOf, resolveName } from '../syntax/scope';
import type { SyntaxNode } from '../syntax/syntaxTree';

const arithmetic: ReadonlySet<string> = new Set(['-', '*', '/', '%', '**', '|', '&', '^', '<<', '>>', '>>>']);

/** True where an expression can only be a number: it cannot carry an attack, and it is no string. */
export function isNumeric(expression: SyntaxNode, depth = 0): boolean {
  const node = unwrap(expression);
  switch (node.type) {
    case 'number':
      return true;
    case 'unary_expression':
      return /^[-+~]/.test(node.text);
    case 'binary_expression':
      return arithmetic.has(node.childForFieldName('operator')?.text ?? '');
    case 'call_expression':
      return /^(Number|parseInt|parseFloat|Number\.(parseInt|parseFloat)|Math\.\w+|Date\.now)$/.test(
        node.childForFieldName('function')?.text ?? '',
      );
    case 'identifier': {
      const declaration = resolveName(node);
      if (declaration === undefined || depth > 4) return false;
      const type = declaration.node.childForFieldName('type')?.text;
      if (type !== undefined && declaration.kind !== 'var') return /^:\s*number$/.test(type);
      const value = declaration.kind === 'const' ? initialiserOf(declaration) : undefined;
      return value !== undefined && isNumeric(value, depth + 1);
    }
    default:
      return false;
  }
}

/** Names the function a call calls, as written; empty for anything else. */
export function calleeText(expression: SyntaxNode): string {
  const node = unwrap(expression);
  return node.type === 'call_expression' ? (node.childForFieldName('function')?.text ?? '') : '';
}
