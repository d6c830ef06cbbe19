import type { TextEdit } from '../model/patch';
import { argumentsOf, calleeOf, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { initialiserOf, referencesTo, resolveName } from '../syntax/scope';
import { constantValue, isPutTogether, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { calleeText, isNumeric } from './expressionFacts';
import { isNextStatement, localString, mayMove, otherUses } from './localString';
import type { LocalString } from './localString';
import type { Match } from './pattern';
import type { Fault, Fix, Refusal, Rule, SourceFile } from './rule';
import { driverFor } from './sqlDrivers';
import type { SqlDriver } from './sqlDrivers';
import { placeholders } from './sqlPlaceholders';
import type { Placeholders } from './sqlPlaceholders';

const methods = ['query', 'execute', 'all', 'get', 'run', 'each', 'exec', 'prepare'];

/** A statement put together from expressions and given to a database (CWE-89). */
export const sqlInjection: Rule = {
  id: 'sql-injection',
  title: 'Pass values beside the statement',
  cwe: ['CWE-89', 'CWE-564', 'CWE-943'],
  languages: ['javascript', 'typescript', 'tsx'],
  answers: [
    'sql/no-unsafe-query',
    'sql-template/no-unsafe-query',
    'no-unsafe-query',
    '*sql-injection*',
    '*sqli*',
    'security-node/detect-sql-injection',
    'js/sql-injection',
    'javascript/Sqli',
    'javascript:S2077',
    'typescript:S2077',
    'jssecurity:S3649',
    'tssecurity:S3649',
  ],
  patterns: methods.map((method) => `$DB.${method}($SQL, $$$REST)`),
  constraints: {},
  reason:
    'The statement was put together from values, so a value could change what it does. The values now go to the database beside the statement, which the driver never reads as SQL.',
  builder: sqlFault,
};

function sqlFault(match: Match, file: SourceFile): Fault | undefined {
  const argument = match.one['SQL'];
  if (argument === undefined) return undefined;
  const statement = localString(argument);
  const { value, declaration } = statement;
  const text = beginningOf(value);
  if (
    text === undefined ||
    !(/^\s*(select|insert|update|delete|replace|merge|with|call|explain)\b/i.test(text) || withoutValues.test(text))
  )
    return undefined;
  if (isPutTogether(value) && !stringParts(value).some((part) => part.kind === 'expression' && isFree(part.node)))
    return undefined;
  return {
    places: [match.node, argument, value, ...(declaration ? [declaration.node] : [])],
    build: () => build(match.node, argument, statement, file),
  };
}

/** Statements that databases run as they stand: SQLite and PostgreSQL refuse placeholders in them. */
const withoutValues =
  /^\s*(pragma|create|alter|drop|set|show|use|attach|detach|vacuum|listen|notify|grant|revoke|truncate|begin)(?=\s)/i;

/** How a statement that is not constant begins: a sum or template, or a variable that begins as one and is added to. */
function beginningOf(value: SyntaxNode): string | undefined {
  if (isPutTogether(value)) {
    const [first] = stringParts(value);
    return first?.kind === 'text' ? first.value : first?.constant;
  }
  const declaration = value.type === 'identifier' ? resolveName(value) : undefined;
  const begun = declaration === undefined || declaration.kind === 'const' ? undefined : initialiserOf(declaration);
  return begun === undefined ? undefined : (constantValue(begun) ?? (isPutTogether(begun) ? beginningOf(begun) : undefined));
}

/** True unless the expression is a constant, a number, or was escaped by the driver or made for it. */
function isFree(expression: SyntaxNode): boolean {
  if (constantValue(expression) !== undefined || isNumeric(expression)) return false;
  const node = unwrap(expression);
  const callee = node.type === 'call_expression' ? node.childForFieldName('function') : null;
  if (callee !== null && /^(sqlstring|pg-format)$/.test(moduleMember(callee)?.module ?? '')) return false;
  return !/(^|\.)(escape|escapeId|escapeLiteral|escapeIdentifier)$/.test(calleeText(node)) || /^escape$/.test(calleeText(node));
}

function build(call: SyntaxNode, argument: SyntaxNode, statement: LocalString, file: SourceFile): Fix | Refusal {
  if (!isPutTogether(statement.value))
    return { because: `the statement in ${statement.value.text} is put together in several steps` };
  const driver = driverFor(file);
  if (driver === 'several')
    return { because: 'the file uses several database drivers, and how this one takes values is not clear' };
  if (driver === undefined) return { because: 'the database driver is not known, and drivers differ in how they take values' };
  const method = unwrap(calleeOf(call) ?? call).childForFieldName('property')?.text ?? '';
  const prepared = method === 'prepare' && driver.prepares;
  if (!prepared && !driver.direct.includes(method))
    return { because: `${method} of ${driver.name} takes no values beside the statement` };
  const parts = stringParts(statement.value);
  if (parts.some((part) => inBrackets(part.kind === 'text' ? part.literal : part.node, statement.value)))
    return { because: 'the statement is put together in brackets' };
  const [, plain] = withoutValues.exec(beginningOf(statement.value) ?? '') ?? [];
  if (plain !== undefined) return { because: `${plain.toUpperCase()} is a statement that takes no values beside it` };
  const { declaration } = statement;
  if (declaration !== undefined && otherUses(declaration, argument).length > 0)
    return { because: `the statement in ${declaration.name} is used in other places, too` };
  if (declaration !== undefined && !mayMove(parts, declaration, argument))
    return { because: `values in ${declaration.name} may change between the line that builds it and the call` };
  const placed = placeholders(parts, isFree, driver, file.style);
  if ('because' in placed) return placed;
  const passed = prepared ? passToStatement(call, placed) : passDirectly(call, argument, placed, driver);
  if ('because' in passed) return passed;
  return {
    title: placed.values.length === 1 ? 'Pass the value beside the statement' : 'Pass the values beside the statement',
    edits: [...placed.edits, ...passed.edits],
    notes: [`Placeholders are written for ${driver.name}.`],
  };
}

/** True when brackets between a piece and the whole would be torn by edits. */
function inBrackets(node: SyntaxNode, whole: SyntaxNode): boolean {
  for (let at = node.parent; at !== null && at.id !== whole.id && node.id !== whole.id; at = at.parent)
    if (at.type === 'parenthesized_expression') return true;
  return false;
}

type Passed = { readonly edits: readonly TextEdit[] } | Refusal;
const reason = 'The values go to the driver in the order of their placeholders.';

/** `query(text, [values])`: a new array, or into the one that is there. */
function passDirectly(call: SyntaxNode, argument: SyntaxNode, placed: Placeholders, driver: SqlDriver): Passed {
  const second = (argumentsOf(call) ?? [])[1];
  const list = placed.values.map((value) => value.code).join(', ');
  if (second === undefined) {
    if (placed.existing > 0) return { because: 'the statement has placeholders already, but no values are passed for them' };
    return { edits: [{ start: argument.endIndex, end: argument.endIndex, text: `, [${list}]`, reason }] };
  }
  if (isCallback(second)) {
    if (placed.existing > 0) return { because: 'the statement has placeholders already, but no values are passed for them' };
    return { edits: [{ start: second.startIndex, end: second.startIndex, text: `[${list}], `, reason }] };
  }
  if (second.type !== 'array') return { because: `the values passed in ${second.text.slice(0, 40)} cannot be added to` };
  const elements = second.namedChildren.filter((node) => node.type !== 'comment');
  if (elements.some((node) => node.type === 'spread_element')) return { because: 'the values passed are not known one by one' };
  return merge(elements, second.startIndex + 1, placed, driver.placeholder === '$');
}

/** `prepare(text).all(values…)`, in one chain or by way of a const that is used once. */
function passToStatement(call: SyntaxNode, placed: Placeholders): Passed {
  let object = call;
  const declarator = call.parent?.type === 'variable_declarator' ? call.parent : undefined;
  if (declarator !== undefined) {
    const name = declarator.childForFieldName('name');
    const declaration = name?.type === 'identifier' ? resolveName(name) : undefined;
    const uses = declaration?.kind === 'const' ? referencesTo(declaration) : [];
    const [use] = uses;
    if (declaration === undefined || use === undefined || uses.length !== 1)
      return { because: 'the prepared statement is used in several places' };
    if (!isNextStatement(declaration, use))
      return { because: 'the prepared statement is run in another place than it is prepared' };
    object = use;
  }
  const member = object.parent;
  const run = member?.type === 'member_expression' && member.childForFieldName('object')?.id === object.id ? member.parent : null;
  const method = member?.childForFieldName('property')?.text ?? '';
  if (run?.type !== 'call_expression' || !/^(all|get|run|iterate)$/.test(method))
    return { because: 'it is not clear where the prepared statement is run' };
  const elements = argumentsOf(run);
  const start = run.childForFieldName('arguments')?.startIndex;
  if (elements === undefined || start === undefined) return { because: 'it is not clear where the prepared statement is run' };
  if (elements.some((node) => /^(spread_element|array|object)$/.test(node.type)))
    return { because: 'the values passed are not known one by one' };
  return merge(elements, start + 1, placed, false);
}

/** Adds values among the ones that are there, by the order of the placeholders; numbered ones go to the end. */
function merge(elements: readonly SyntaxNode[], start: number, placed: Placeholders, atEnd: boolean): Passed {
  if (elements.length !== placed.existing)
    return { because: `the statement has ${placed.existing} placeholders, but ${elements.length} values are passed` };
  const edits: TextEdit[] = [];
  for (let after = 0; after <= elements.length; after++) {
    const here = placed.values.filter((value) => (atEnd ? elements.length : value.after) === after).map((value) => value.code);
    if (here.length === 0) continue;
    const before = elements[after - 1];
    if (before !== undefined) edits.push({ start: before.endIndex, end: before.endIndex, text: `, ${here.join(', ')}`, reason });
    else edits.push({ start, end: start, text: here.join(', ') + (elements.length > 0 ? ', ' : ''), reason });
  }
  return { edits };
}

function isCallback(argument: SyntaxNode): boolean {
  const node = unwrap(argument);
  if (/^(arrow_function|function_expression|generator_function)$/.test(node.type)) return true;
  if (node.type !== 'identifier') return false;
  const declaration = resolveName(node);
  if (declaration?.node.type === 'function_declaration') return true;
  const value = declaration === undefined ? undefined : initialiserOf(declaration);
  if (value !== undefined) return /^(arrow_function|function_expression)$/.test(value.type);
  return /^(cb|callback|done|next|handler|fn)$/i.test(node.text);
}
