import { calleeOf, isFunction, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { initialiserOf, resolveName } from '../syntax/scope';
import { constantValue, isPutTogether, stringParts, stringValue } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { boundValues, memberValues, returnedValues } from './boundValues';

const escapedAlready = 'the value is escaped already, and beside the statement its escapes would become a part of it';
const listOfValues = 'a list is put into the statement, and each of its values would need a placeholder';
const ownQuotes = 'the value brings quotes of its own, and beside the statement they would become a part of it';

/** Further steps than this nobody writes from a value to where it is used. */
const maxSteps = 12;

/**
 * Why an expression is no plain value that may go to the database beside the statement; undefined where nothing speaks against
 * it. Looked at is all that it can be: both sides of a choice, what a name is given anywhere, what a function of the file gives
 * back. A value that was made to be read as SQL (escaped, in quotes of its own, a keyword, a column's name) means something else
 * when it is passed.
 * @param quote the quote of the statement that it stands in; empty where it stands there by itself
 */
export function valueError(expression: SyntaxNode, quote: string): string | undefined {
  return look(expression, { quote, seen: new Set() }, 0);
}

interface Look {
  readonly quote: string;
  readonly seen: Set<number>;
}

function look(expression: SyntaxNode, at: Look, step: number): string | undefined {
  const node = unwrap(expression);
  if (at.seen.has(node.id)) return undefined;
  at.seen.add(node.id);
  if (step > maxSteps) return 'where the value comes from is not clear';
  const first = (nodes: readonly (SyntaxNode | null | undefined)[]): string | undefined => {
    for (const one of nodes) {
      const error = one === null || one === undefined ? undefined : look(one, at, step + 1);
      if (error !== undefined) return error;
    }
    return undefined;
  };
  const fixed = constantValue(node);
  if (fixed !== undefined) return textError(fixed, at.quote);
  if (isPutTogether(node))
    return (
      stringParts(node)
        .map((part) => (part.kind === 'text' ? textError(part.value, at.quote) : undefined))
        .find((error) => error !== undefined) ??
      first(stringParts(node).map((part) => (part.kind === 'expression' ? part.node : undefined)))
    );
  switch (node.type) {
    case 'ternary_expression':
      return first([node.childForFieldName('consequence'), node.childForFieldName('alternative')]);
    case 'binary_expression':
      return /^(\|\||&&|\?\?|\+)$/.test(node.childForFieldName('operator')?.text ?? '')
        ? first([node.childForFieldName('left'), node.childForFieldName('right')])
        : undefined;
    case 'await_expression':
    case 'sequence_expression':
      return first([node.namedChildren.at(-1)]);
    case 'assignment_expression':
    case 'augmented_assignment_expression':
      return first([node.childForFieldName('right')]);
    case 'array':
      return listOfValues;
    case 'member_expression':
    case 'subscript_expression':
      return first(memberValues(node)) ?? nameError(node.childForFieldName('property')?.text ?? '', at.quote);
    case 'identifier': {
      const declaration = resolveName(node);
      return (declaration === undefined ? undefined : first(boundValues(declaration))) ?? nameError(node.text, at.quote);
    }
    case 'call_expression':
      return callError(node) ?? first(resultsOf(node));
    default:
      return undefined;
  }
}

/** A fixed text that the value is or holds. */
function textError(text: string, quote: string): string | undefined {
  if (quote !== '') return text.includes(quote) || text.includes('\\') ? ownQuotes : undefined;
  if (/^\s*[-+]?\d*(\.\d+)?\s*$/.test(text)) return undefined;
  if (/['"`]/.test(text)) return ownQuotes;
  return `“${text.trim().slice(0, 40)}” is SQL where it stands, and placeholders stand for values only`;
}

/** What names say, where nothing else is known: of a parameter, of a member. */
function nameError(name: string, quote: string): string | undefined {
  if (/escaped|quoted|saniti[sz]ed/i.test(name)) return escapedAlready;
  return quote === '' &&
    (/(^|_)(sql|columns?|cols?|tables?|where|clauses?|conditions?|conds?|subquery)$/i.test(name) || pieceOfSql.test(name))
    ? `${name} is by its name a piece of SQL, and placeholders stand for values only`
    : undefined;
}

const pieceOfSql = /[a-z\d](S(ql|QL)|Col(umn)?s?|Tables?|Where|Clauses?|Cond(ition)?s?|Subquery)$/;

/** A call that escapes its argument, quotes it or makes a list of it. */
function callError(call: SyntaxNode): string | undefined {
  const callee = unwrap(calleeOf(call) ?? call);
  const name = callee.childForFieldName('property')?.text ?? callee.text;
  const args = call.childForFieldName('arguments')?.namedChildren ?? [];
  if (/^(join|map)$/.test(name)) return listOfValues;
  const module = moduleMember(callee)?.module ?? '';
  if (/^(sqlstring|pg-format)$/.test(module)) return escapedAlready;
  // What is made for a page, an address or a regular expression is a value like any other; so is what the global function gives.
  if (/html|xml|reg_?exp?|ur[il]|json|csv/i.test(`${module} ${name}`)) return undefined;
  if (callee.type === 'identifier' && /^(un)?escape$/.test(name) && resolveName(callee) === undefined) return undefined;
  if (/escape|quote|literal|slashes|saniti[sz]e/i.test(name) || /^esc|_esc$|Esc$/.test(name)) return escapedAlready;
  if (name === 'format' && /\?|%[sLI]/.test((args[0] === undefined ? undefined : stringValue(args[0])) ?? ''))
    return escapedAlready;
  return /^(replace|replaceAll|split)$/.test(name) && writesEscapes(name, args) ? escapedAlready : undefined;
}

/** True for `replace(/'/g, "''")` and its like: quotes or backslashes are written, or a quote is replaced by what is not known. */
function writesEscapes(method: string, [pattern, replacement]: readonly SyntaxNode[]): boolean {
  const replaces = /['"`\\]/.test(
    pattern === undefined ? '' : pattern.type === 'regex' ? pattern.text.slice(1) : (stringValue(pattern) ?? ''),
  );
  if (method === 'split') return pattern !== undefined && /['"]/.test(stringValue(pattern) ?? '');
  const written = replacement === undefined ? undefined : constantValue(replacement);
  return written === undefined ? replaces : /['\\]/.test(written) || (replaces && /["`$]/.test(written));
}

/** What a call can give back of what it is given: the string it is a method of, or the results of a function of the file. */
function resultsOf(call: SyntaxNode): readonly (SyntaxNode | null)[] {
  const callee = unwrap(calleeOf(call) ?? call);
  const args = (call.childForFieldName('arguments')?.namedChildren ?? []).filter((node) => node.type !== 'comment');
  if (callee.type === 'member_expression') {
    const object = callee.childForFieldName('object');
    const method = callee.childForFieldName('property')?.text ?? '';
    if (method === 'concat') return [object, ...args];
    return /^(trim\w*|to\w+Case|toString|valueOf|slice|substr(ing)?|normalize|pad\w+|replace(All)?|repeat|at)$/.test(method)
      ? [object]
      : // Whatever it does, an argument that was escaped for it stays escaped.
        args.filter(isEscaping);
  }
  if (callee.type !== 'identifier') return [];
  const declaration = resolveName(callee);
  const value = declaration === undefined ? undefined : initialiserOf(declaration);
  const fn = value === undefined ? declaration?.node : unwrap(value);
  return [
    ...(callee.text === 'String' ? args : args.filter(isEscaping)),
    ...(fn !== undefined && isFunction(fn) ? returnedValues(fn) : []),
  ];
}

function isEscaping(argument: SyntaxNode): boolean {
  const node = unwrap(argument);
  return node.type === 'call_expression' && callError(node) === escapedAlready;
}
