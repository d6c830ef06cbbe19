import { argumentsOf, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { initialiserOf, isConstant, resolveName } from '../syntax/scope';
import { constantValue, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { calleeText, isNumeric } from './expressionFacts';

/** The path a `path.join(…)` or `path.resolve(…)` call puts together: its arguments; undefined for any other expression. */
export function joinedArguments(
  expression: SyntaxNode,
): { readonly call: SyntaxNode; readonly args: readonly SyntaxNode[] } | undefined {
  const call = unwrap(expression);
  const callee = call.type === 'call_expression' ? call.childForFieldName('function') : null;
  const member = callee === null ? undefined : moduleMember(callee);
  if (member?.module !== 'path' && member?.module !== 'path/posix') return undefined;
  const args = argumentsOf(call);
  return args !== undefined && /^((posix|win32)\.)?(join|resolve|normalize)$/.test(member.path.join('.'))
    ? { call, args }
    : undefined;
}

/**
 * True for a folder or name that is the same whoever asks: constants, the module's own folder, configuration read at the top level.
 * @param asRoot where a root is asked for, a parameter or member that is named as one (`root`, `uploadDir`) is taken for one, too
 */
export function isFixed(expression: SyntaxNode, asRoot = false, depth = 0): boolean {
  const node = unwrap(expression);
  if (depth > 6) return false;
  if (constantValue(node) !== undefined) return true;
  if (
    /^(__dirname|__filename|import\.meta\.(dirname|filename|url)|process\.cwd\(\)|process\.env(\.\w+|\[['"]\w+['"]\])|require\.main\.filename)$/.test(
      node.text,
    )
  )
    return true;
  switch (node.type) {
    case 'identifier': {
      const declaration = resolveName(node);
      if (declaration === undefined || !isConstant(declaration)) return false;
      if (declaration.kind === 'import') return true;
      if (declaration.kind === 'parameter') return asRoot && isRootName(node.text);
      const value = initialiserOf(declaration);
      if (declaration.scope.type === 'program') return true;
      return value !== undefined && isFixed(value, asRoot, depth + 1);
    }
    case 'member_expression': {
      const object = node.childForFieldName('object');
      if (object === null) return false;
      if (object.type === 'this') return asRoot && isRootName(node.childForFieldName('property')?.text ?? '');
      // Members of a parameter (`request.…`, `options.…`) are fixed only where their name says that they are a folder.
      const base = [...leftmost(object)].at(-1);
      if (base?.type === 'this') return asRoot && isRootName(node.childForFieldName('property')?.text ?? '');
      if (base?.type === 'identifier' && resolveName(base)?.kind === 'parameter')
        return (
          asRoot &&
          isRootName(node.childForFieldName('property')?.text ?? '') &&
          !/^(req|request|ctx|context|params|query|body|event)$/i.test(base.text)
        );
      return isFixed(object, asRoot, depth + 1);
    }
    case 'call_expression': {
      const callee = node.childForFieldName('function');
      const member = callee === null ? undefined : moduleMember(callee);
      const known = member !== undefined && /^(path|os|url)$/.test(member.module);
      return known && (argumentsOf(node) ?? []).every((argument) => isFixed(argument, asRoot, depth + 1));
    }
    case 'binary_expression':
      // `process.env.DATA || './data'`
      return ['left', 'right'].every((side) => {
        const part = node.childForFieldName(side);
        return part !== null && isFixed(part, asRoot, depth + 1);
      });
    case 'template_string':
      return stringParts(node).every((part) => part.kind === 'text' || isFixed(part.node, asRoot, depth + 1));
    default:
      return false;
  }
}

function* leftmost(node: SyntaxNode): Generator<SyntaxNode> {
  for (let at: SyntaxNode | null = node; at !== null; at = at.childForFieldName('object')) yield at;
}

function isRootName(name: string): boolean {
  return /(root|dir|directory|folder|base|basepath|rootpath)$/i.test(name);
}

/** True for a part that cannot lead out of a folder: fixed, a number, or cut down to a plain name. */
export function isTame(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  if (isFixed(node) || isNumeric(node)) return true;
  const callee = node.type === 'call_expression' ? node.childForFieldName('function') : null;
  const member = callee === null ? undefined : moduleMember(callee);
  if (member?.module === 'path' && /(^|\.)(basename|extname)$/.test(member.path.join('.'))) return true;
  if (/(^|\.)(randomUUID|uuid|uuidv4|nanoid|sanitize|sanitizeFilename|sanitizeFileName)$/.test(calleeText(node))) return true;
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  const value = declaration?.kind === 'const' ? initialiserOf(declaration) : undefined;
  return (
    value !== undefined &&
    value.id !== node.id &&
    unwrap(value).type === 'call_expression' &&
    joinedArguments(value) === undefined &&
    isTame(value)
  );
}
