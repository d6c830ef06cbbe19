import { argumentsOf, isFunction, methodCall, unwrap } from '../syntax/navigate';
import { initialiserOf, referencesTo, resolveName } from '../syntax/scope';
import { constantValue, isPutTogether, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { boundValues, memberValues, returnedValues } from './boundValues';
import { isNumeric } from './expressionFacts';
import type { Refusal } from './rule';

/** Where a value stands in a command line. */
export interface ValuePlace {
  /** The quotes around it; empty where there are none. */
  readonly quote: '' | '"' | "'";
  /** True where nothing but values makes up the word: one that is empty is then no argument at all. */
  readonly alone: boolean;
}

/** What was looked at already: names may be bound to each other in circles, and to many values. */
interface Walk {
  readonly seen: Set<string>;
  readonly depth: number;
}

const maxDepth = 12;

/**
 * Why a value does not visibly mean the same as one argument as it does in a command line that a shell reads: a text that it may be
 * bound to in this file holds blanks or nothing, or was quoted for the shell. What comes from elsewhere is taken for one word.
 */
export function refuseValue(
  expression: SyntaxNode,
  place: ValuePlace,
  walk: Walk = { seen: new Set(), depth: 0 },
): Refusal | undefined {
  const node = unwrap(expression);
  if (!isNew(node, place.alone ? 'alone' : 'part', walk) || isNumeric(node)) return undefined;
  const again = (inner: SyntaxNode | null | undefined, where = place): Refusal | undefined =>
    inner === null || inner === undefined ? undefined : refuseValue(inner, where, deeper(walk));
  const constant = constantValue(node);
  if (constant !== undefined) return refuseText(constant, node, place);
  if (isPutTogether(node)) {
    const parts = stringParts(node);
    const alone = place.alone && parts.every((part) => part.kind === 'expression' || part.value === '');
    return firstOf(parts, (part) =>
      part.kind === 'text' ? refuseText(part.value, node, { ...place, alone: false }) : again(part.node, { ...place, alone }),
    );
  }
  switch (node.type) {
    case 'ternary_expression':
      return again(node.childForFieldName('consequence')) ?? again(node.childForFieldName('alternative'));
    case 'binary_expression': {
      const operator = node.childForFieldName('operator')?.text ?? '';
      if (operator === '&&' && place.alone) return { because: `${short(node)} may be no text at all` };
      return again(node.childForFieldName('left')) ?? again(node.childForFieldName('right'));
    }
    case 'array':
      return firstOf(node.namedChildren, (element) => again(element));
    case 'spread_element':
    case 'await_expression':
      return again(node.namedChildren[0]);
    case 'identifier': {
      const declaration = resolveName(node);
      return declaration === undefined ? undefined : firstOf(boundValues(declaration), (value) => again(value));
    }
    case 'member_expression':
    case 'subscript_expression':
      return firstOf(memberValues(node), (value) => again(value));
    case 'call_expression':
      return refuseCall(node, place, walk);
    default:
      return undefined;
  }
}

/**
 * The list of `list.join(' ')`, whose elements can become arguments of their own; undefined where the expression is nothing of the
 * kind, a refusal where an element would not be the one word that it looks like.
 */
export function joinedList(expression: SyntaxNode): { readonly list: string } | Refusal | undefined {
  const method = methodCall(unwrap(expression));
  const separator = method?.args[0];
  if (method?.name !== 'join' || separator === undefined || constantValue(separator) !== ' ') return undefined;
  return refuseElements(method.object, { seen: new Set(), depth: 0 }) ?? { list: method.object.text };
}

function refuseElements(list: SyntaxNode, walk: Walk): Refusal | undefined {
  const node = unwrap(list);
  const element: ValuePlace = { quote: '', alone: true };
  if (!isNew(node, 'list', walk)) return undefined;
  if (node.type === 'array')
    return firstOf(node.namedChildren, (one) =>
      one.type === 'spread_element' && one.namedChildren[0] !== undefined
        ? refuseElements(one.namedChildren[0], deeper(walk))
        : refuseValue(one, element, deeper(walk)),
    );
  if (node.type === 'ternary_expression')
    return firstOf([node.childForFieldName('consequence'), node.childForFieldName('alternative')], (side) =>
      side === null ? undefined : refuseElements(side, deeper(walk)),
    );
  if (node.type === 'identifier') {
    const declaration = resolveName(node);
    if (declaration === undefined) return undefined;
    const added = referencesTo(declaration).flatMap((use) => {
      const call = use.parent?.type === 'member_expression' ? use.parent.parent : null;
      const method = call === null ? undefined : methodCall(call);
      return method !== undefined && /^(push|unshift)$/.test(method.name) && method.object.id === use.id ? method.args : [];
    });
    return (
      firstOf(boundValues(declaration), (value) => refuseElements(value, deeper(walk))) ??
      firstOf(added, (value) =>
        value.type === 'spread_element'
          ? refuseElements(value.namedChildren[0] ?? value, deeper(walk))
          : refuseValue(value, element, deeper(walk)),
      )
    );
  }
  const method = methodCall(node);
  if (method === undefined) return undefined;
  if (/^(map|flatMap|from)$/.test(method.name)) return firstOf(method.args, (argument) => refuseResult(argument, element, walk));
  if (method.name === 'concat')
    return (
      refuseElements(method.object, deeper(walk)) ?? firstOf(method.args, (argument) => refuseElements(argument, deeper(walk)))
    );
  return /^(filter|slice|sort|reverse|toSorted)$/.test(method.name) ? refuseElements(method.object, deeper(walk)) : undefined;
}

function refuseText(text: string, node: SyntaxNode, { quote, alone }: ValuePlace): Refusal | undefined {
  if (text === '')
    return alone ? { because: 'a value in the command may be empty, and a shell then gives no argument' } : undefined;
  if (quote === '') {
    if (/['"\\]/.test(text)) return quotedAlready(node);
    if (/\s/.test(text)) return { because: `${short(node)} may hold several words, and a shell gives each as an argument` };
    return /^[\w@%+=:,./-]+$|[^\0-\x7f]/.test(text)
      ? undefined
      : { because: `${short(node)} may hold what a shell gives a meaning (${text.slice(0, 20)})` };
  }
  const special = quote === '"' ? /["\\$`]/ : /'/;
  return special.test(text) ? quotedAlready(node) : undefined;
}

function quotedAlready(node: SyntaxNode): Refusal {
  return { because: `${short(node)} is quoted or escaped for the shell already, and a program would get that as part of it` };
}

function refuseCall(call: SyntaxNode, place: ValuePlace, walk: Walk): Refusal | undefined {
  const method = methodCall(call);
  const callee = call.childForFieldName('function');
  const name = method?.name ?? callee?.text ?? '';
  if (callee?.text === 'JSON.stringify') return place.quote === "'" ? undefined : quotedAlready(call);
  if (/(quote|escape)/i.test(name) && !/^(un|decode)/i.test(name)) return quotedAlready(call);
  if (callee?.text === 'String')
    return firstOf(argumentsOf(call) ?? [], (argument) => refuseValue(argument, place, deeper(walk)));
  if (method?.name === 'join') {
    const [separator] = method.args;
    const text = separator === undefined ? ',' : constantValue(separator);
    if (text === undefined || /['"\\]/.test(text) || (place.quote === '' && /\s/.test(text)))
      return { because: `${short(call)} puts several words together, and how they are to be split is not known` };
    return undefined;
  }
  if (method !== undefined && /^replace(All)?$/.test(method.name)) {
    const [pattern, replacement] = method.args;
    const written = replacement === undefined ? '' : (constantValue(replacement) ?? replacement.text);
    const escapes = pattern !== undefined && /['"`]/.test(pattern.type === 'regex' ? pattern.text : pattern.text.slice(1, -1));
    if (escapes || /['"\\]/.test(written)) return quotedAlready(call);
  }
  if (method !== undefined && /^(replace(All)?|trim(Start|End)?|to(String|LowerCase|UpperCase)|normalize)$/.test(method.name))
    return refuseValue(method.object, place, deeper(walk));
  // A function of this file: what it gives back.
  return callee?.type === 'identifier' ? refuseResult(callee, place, walk) : undefined;
}

/** Looks at what a function gives back: one that is written there, or a name for one of this file. */
function refuseResult(expression: SyntaxNode, place: ValuePlace, walk: Walk): Refusal | undefined {
  const node = unwrap(expression);
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  if (node.type === 'identifier' && /(quote|escape)/i.test(node.text)) return quotedAlready(node);
  const fn = isFunction(node) ? node : declaration === undefined ? undefined : (initialiserOf(declaration) ?? declaration.node);
  if (fn === undefined || !isFunction(fn)) return undefined;
  return firstOf(returnedValues(fn), (value) => refuseValue(value, place, deeper(walk)));
}

function isNew(node: SyntaxNode, as: string, { seen, depth }: Walk): boolean {
  const key = `${node.id} ${as}`;
  if (depth > maxDepth || seen.has(key)) return false;
  seen.add(key);
  return true;
}

function deeper({ seen, depth }: Walk): Walk {
  return { seen, depth: depth + 1 };
}

function firstOf<T>(items: readonly T[], refuse: (item: T) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const refused = refuse(item);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function short(node: SyntaxNode): string {
  return node.text.replace(/\s+/g, ' ').slice(0, 60);
}
