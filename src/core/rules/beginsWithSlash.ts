import { argumentsOf, methodCall, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import { constantValue, isPutTogether, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { boundValues } from './boundValues';

const maxValues = 6;

/**
 * True where an expression visibly begins with a slash: a request's path (RFC 9112, 3.2.1: the origin form is an absolute path), the
 * path of a parsed URL (URL Standard, `pathname`), text that does, and what only cuts or decodes such a value behind its beginning.
 */
export function beginsWithSlash(expression: SyntaxNode, depth = 0): boolean {
  const node = unwrap(expression);
  if (depth > 6) return false;
  const again = (inner: SyntaxNode | null | undefined): boolean =>
    inner !== null && inner !== undefined && beginsWithSlash(inner, depth + 1);
  const constant = constantValue(node);
  if (constant !== undefined) return constant.startsWith('/');
  switch (node.type) {
    case 'member_expression':
      return isUrlPath(node.childForFieldName('object')?.text ?? '', node.childForFieldName('property')?.text ?? '');
    case 'identifier':
      return isSlashed(resolveName(node), again);
    case 'ternary_expression':
      return again(node.childForFieldName('consequence')) && again(node.childForFieldName('alternative'));
    case 'subscript_expression': {
      // `request.url.split('?')[0]`
      const object = node.childForFieldName('object');
      const split = object === null ? undefined : methodCall(object);
      const separator = split?.args[0];
      const index = node.childForFieldName('index')?.text;
      return (
        split?.name === 'split' &&
        index === '0' &&
        separator !== undefined &&
        /^[?#]$/.test(constantValue(separator) ?? '') &&
        again(split.object)
      );
    }
    case 'call_expression': {
      const callee = node.childForFieldName('function');
      const member = callee === null ? undefined : moduleMember(callee);
      if (/^decodeURI(Component)?$/.test(callee?.text ?? '') || /^path(\/posix)?\.(posix\.)?normalize$/.test(named(member)))
        return again(argumentsOf(node)?.[0]);
      const method = methodCall(node);
      return /^(toString|toLowerCase|toUpperCase|trim|trimEnd)$/.test(method?.name ?? '') && again(method?.object);
    }
    default:
      if (isPutTogether(node) || node.type === 'template_string') {
        const [first] = stringParts(node);
        return first?.kind === 'text' ? first.value.startsWith('/') : again(first?.node.id === node.id ? null : first?.node);
      }
      return (
        node.type === 'binary_expression' &&
        /^(\|\||\?\?)$/.test(node.childForFieldName('operator')?.text ?? '') &&
        again(node.childForFieldName('left')) &&
        again(node.childForFieldName('right'))
      );
  }
}

function named(member: { readonly module: string; readonly path: readonly string[] } | undefined): string {
  return member === undefined ? '' : [member.module, ...member.path].join('.');
}

function isUrlPath(object: string, property: string): boolean {
  if (property === 'pathname') return true;
  return (
    /^(url|originalUrl|path)$/.test(property) && /(^|\.)(req|request|ctx|context|incoming|incomingMessage)(\.raw)?$/i.test(object)
  );
}

function isSlashed(declaration: Declaration | undefined, again: (inner: SyntaxNode) => boolean): boolean {
  if (declaration === undefined) return false;
  const values = boundValues(declaration);
  // More than anybody writes by hand, and names may be bound to each other in circles.
  if (values.length > maxValues) return false;
  const pattern = declaration.nameNode.parent;
  // `const { pathname } = new URL(…)`, `const { url } = request`, `const { pathname: name } = …`
  const taken = declaration.nameNode.type === 'shorthand_property_identifier_pattern' || pattern?.type === 'pair_pattern';
  if (taken && declaration.node.type === 'variable_declarator') {
    const key = pattern?.type === 'pair_pattern' ? (pattern.childForFieldName('key')?.text ?? '') : declaration.name;
    return isUrlPath(declaration.node.childForFieldName('value')?.text ?? '', key) && values.every(again);
  }
  return declaration.node.type === 'variable_declarator' && values.length > 0 && values.every(again);
}
