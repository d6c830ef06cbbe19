import { argumentsOf, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { initialiserOf, isConstant, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import { stringValue } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import type { Refusal } from './rule';

const shellAgain = 'with a shell in them the arguments would be joined into one command again';

/**
 * Why the options of a call cannot be handed on: with `shell` in them `execFile` joins its arguments by blanks and gives them to a
 * shell (Node.js documentation, child_process.execFile). Undefined where they are known to hold none, or are a callback.
 * @param rest the arguments behind the command
 * @param mayBeCallback false where the function takes no callback (`execSync`, promisified): a name there stands for options
 */
export function refuseOptions(rest: readonly SyntaxNode[], mayBeCallback: boolean): Refusal | undefined {
  if (rest.some((node) => node.type === 'spread_element')) return { because: 'the options come out of a spread argument' };
  const [second] = rest;
  if (second === undefined) return undefined;
  const node = unwrap(second);
  if (/^(arrow_function|function_expression|generator_function|undefined|null)$/.test(node.type)) return undefined;
  if (node.type === 'object') return refuseObject(node);
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  const value = declaration === undefined ? undefined : initialiserOf(declaration);
  const object = value === undefined ? undefined : unwrap(value);
  if (declaration !== undefined && object?.type === 'object') {
    if (!isConstant(declaration) || !isOnlyRead(declaration))
      return { because: `the options in ${declaration.name} may be changed elsewhere, and ${shellAgain}` };
    return refuseObject(object);
  }
  if (mayBeCallback && rest.length === 1 && isCallback(node, declaration, object)) return undefined;
  return { because: `what the options in ${node.text.slice(0, 40)} hold is not known, and ${shellAgain}` };
}

function refuseObject(object: SyntaxNode): Refusal | undefined {
  for (const member of object.namedChildren) {
    if (member.type === 'comment') continue;
    if (member.type === 'spread_element')
      return { because: `what ${member.text.slice(0, 40)} adds to the options is not known, and ${shellAgain}` };
    const key = member.childForFieldName('key') ?? member.childForFieldName('name') ?? member;
    if (key.type === 'computed_property_name')
      return { because: `which option ${key.text.slice(0, 40)} sets is not known, and ${shellAgain}` };
    if ((stringValue(key) ?? key.text) === 'shell') return { because: 'the options ask for a certain shell' };
  }
  return undefined;
}

/** True where a name's object is only handed to child_process, or read: nothing can put a shell into it. */
function isOnlyRead(declaration: Declaration): boolean {
  return referencesTo(declaration).every((node) => {
    const parent = node.parent;
    if (parent?.type === 'arguments' && parent.parent !== null) {
      const callee = parent.parent.childForFieldName('function');
      return callee !== null && moduleMember(callee)?.module === 'child_process';
    }
    if (parent?.type === 'spread_element') return true;
    if (parent?.type !== 'member_expression' || parent.parent === null) return false;
    const use = parent.parent;
    return (
      !(/^(augmented_)?assignment_expression$/.test(use.type) && use.childForFieldName('left')?.id === parent.id) &&
      !/^(update_expression|unary_expression|member_expression|subscript_expression|call_expression)$/.test(use.type)
    );
  });
}

const callbackName =
  /^(_?(cb|callback|done|next|fn|handler|listener|print|resolve|reject|respond|reply|finish|end|log|debug|warn|error|on[A-Z]\w*)|\w+(Callback|Cb|Handler|Listener|Done))$/;

function isCallback(node: SyntaxNode, declaration: Declaration | undefined, value: SyntaxNode | undefined): boolean {
  if (value !== undefined) return /^(arrow_function|function_expression)$/.test(value.type);
  if (/^(generator_)?function_declaration$/.test(declaration?.node.type ?? '')) return true;
  if (node.type === 'identifier') return callbackName.test(node.text);
  if (node.type === 'member_expression') return callbackName.test(node.childForFieldName('property')?.text ?? '');
  // A bound function.
  const callee = node.type === 'call_expression' && argumentsOf(node) !== undefined ? node.childForFieldName('function') : null;
  return callee?.type === 'member_expression' && callee.childForFieldName('property')?.text === 'bind';
}
