import type { SyntaxNode } from '../syntax/syntaxTree';
import type { PlanContext, PlannedTest } from './plannedTest';
import type { Reach } from './reach';
import { recordingDriver } from './recordingDriver';
import { textAround } from './staticPath';
import { resolveName, traceInputs } from './traceInput';

export const sqlInjectionFailure = 'Patchline: SQL injection:';

/**
 * Where the function gets its database handed in, or asks a server by a driver that is known, a recording stand-in shows the
 * statement: its text must not depend on the value. Else the real database is asked: a condition that is always true must not
 * find more than a value that nobody has, and a quote in a value must not break the statement (CWE-89, the tautology and
 * error-based forms of CAPEC-66).
 */
export function planSqlInjection(reach: Reach, context: PlanContext): PlannedTest | { readonly because: string } {
  const { prefix, statement } = readStatement(reach);
  const quote = openQuote(prefix);
  const parentheses = ')'.repeat(Math.max(0, count(prefix, '(') - count(prefix, ')')));
  const nobody = quote === '' ? '-1' : 'patchline-nobody';
  const tautology = `${nobody}${quote}${parentheses} OR 1=1 -- `;
  const variant =
    quote === ''
      ? `${nobody}${parentheses} OR 2>1 -- `
      : `${nobody}${quote}${parentheses} OR ${quote}a${quote}=${quote}a${quote} -- `;
  const base = {
    findingId: context.findingId,
    title: `${reach.target}: SQL injection`,
    stem: `${context.stem}.sql-injection`,
    comment: `${context.path}: what is sent as “${reach.inputName}” must reach the database as a parameter, never as part of the statement (${context.ruleId}).`,
  };
  const t = (type: string): string => (context.typescript ? type : '');
  const { receiver } = reach;
  const driver = context.driver?.embedded === false ? recordingDriver(context.driver.name, t) : undefined;
  if (receiver !== undefined || driver !== undefined) {
    const statements = (value: string): string =>
      receiver === undefined
        ? `await statementsOf(() => ${reach.call(literal(value))})`
        : `await statementsOf((database) => ${receiver.call(literal(value), 'database')})`;
    const body = (value: string): string => `const plain = ${statements(nobody)};
const attacked = ${statements(value)};
assert.ok(plain.length > 0, 'no statement reached the database');
assert.deepEqual(attacked, plain, '${sqlInjectionFailure} the value became part of the statement');`;
    const stand = receiver === undefined ? driver : undefined;
    return {
      plan: {
        ...base,
        imports: [...(stand?.imports ?? []), ...reach.imports],
        support: [stand?.support ?? recorderSupport(t), ...reach.support],
        cases: [
          { name: `${reach.target} keeps a condition in the value out of the statement`, body: body(tautology) },
          {
            name: `${reach.target} keeps a quote in the value out of the statement`,
            body: body(quote === '' ? variant : "O'Brien"),
          },
        ],
      },
      strength: 'behaviour',
      expectedFailure: sqlInjectionFailure,
      claim:
        stand === undefined
          ? `Hands ${reach.target} a database that records its statements, and shows that their text does not depend on the value.`
          : `Lets ${context.driver?.name ?? 'the driver'} record the statements of ${reach.target} in place of sending them, and shows that their text does not depend on the value.`,
    };
  }
  if (context.driver?.embedded === false) {
    return {
      because: `${context.driver.name} asks a database server, which a test cannot count on, and how to stand in for it is not known`,
    };
  }
  if (statement !== '' && !/^\s*(?:select|with|values)\b/i.test(statement)) {
    return {
      because: 'the statement changes data and its database is not handed in, so that its effect cannot be told from outside',
    };
  }
  const count1 = (value: string): string => `await rowsOf(() => ${reach.call(literal(value))})`;
  const attack = (value: string): string => `const found = ${count1(nobody)};
const attacked = ${count1(value)};
assert.ok(attacked <= found, \`${sqlInjectionFailure} \${attacked} rows instead of \${found} were found\`);`;
  const cases = [
    { name: `${reach.target} finds nothing more for a condition that is always true`, body: attack(tautology) },
    { name: `${reach.target} finds nothing more for another such condition`, body: attack(variant) },
  ];
  if (quote !== '') {
    cases.push({
      name: `${reach.target} takes a quote in the value as data`,
      // A database that answers nobody would break on a quote as well: that is no injection.
      body: `assert.equal(await failureOf(() => ${reach.call(literal(nobody))}), undefined, 'a plain value is not answered');
assert.equal(await failureOf(() => ${reach.call(`"O'Brien"`)}), undefined, '${sqlInjectionFailure} a quote in the value broke the statement');`,
    });
  }
  cases.push({
    name: `${reach.target} still answers a plain value`,
    body: `assert.equal(await failureOf(() => ${reach.call(literal(nobody))}), undefined, 'a plain value is no longer answered');`,
  });
  return {
    plan: { ...base, imports: reach.imports, support: [rowsSupport(t), ...reach.support], cases },
    strength: 'behaviour',
    expectedFailure: sqlInjectionFailure,
    claim: `Sends ${reach.target} conditions that are always true, and shows that they find no more rows than a value nobody has, and that a quote stays data.`,
  };
}

const count = (text: string, character: string): number => text.split(character).length - 1;

const literal = (value: string): string => (value.includes("'") ? `"${value.replaceAll('"', '\\"')}"` : `'${value}'`);

function readStatement(reach: Reach): { readonly prefix: string; readonly statement: string } {
  const isInput = (node: SyntaxNode): boolean => node.type === 'identifier' && traceInputs(node).length > 0;
  for (const input of reach.sink.inputs) {
    const binding = input.type === 'identifier' ? resolveName(input.text, input) : undefined;
    const expression = binding?.kind === 'value' ? binding.value : input;
    if (expression.type !== 'template_string' && expression.type !== 'binary_expression') continue;
    const { prefix } = textAround(expression, isInput);
    const start = expression.text.replace(/^[`'"(\s]+/, '');
    return { prefix, statement: start };
  }
  return { prefix: '', statement: '' };
}

/** The quote that is open at the end of an SQL text: `'`, `"` or none; doubled quotes close and open again. */
function openQuote(sql: string): string {
  let open = '';
  for (const character of sql) {
    if (open === '' && (character === "'" || character === '"')) open = character;
    else if (character === open) open = '';
  }
  return open;
}

function recorderSupport(t: (type: string) => string): string {
  return `/** Calls the code with a database that answers nothing and records the text of every statement. */
async function statementsOf(call${t(': (database: any) => unknown')}) {
  const statements${t(': string[]')} = [];
  const answer = Object.assign([], { rows: [], rowCount: 0, changes: 0 });
  const database${t(': any')} = new Proxy(() => answer, {
    get: (_target, name) => {
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return (...args${t(': any[]')}) => {
        const statement = typeof args[0] === 'string' ? args[0] : (args[0]?.sql ?? args[0]?.text);
        if (typeof statement === 'string') statements.push(statement);
        const done = args.at(-1);
        if (typeof done === 'function') done(null, answer);
        return name === 'prepare' ? database : answer;
      };
    },
  });
  try {
    await call(database);
  } catch (error) {
    // What the code makes of an empty answer is another matter.
    if (statements.length === 0) throw error;
  }
  return statements;
}`;
}

function rowsSupport(t: (type: string) => string): string {
  return `/** How many rows a call finds; what is refused or breaks finds none. */
async function rowsOf(call${t(': () => unknown')}) {
  try {
    let result${t(': any')} = await call();
    if (typeof result === 'string') result = JSON.parse(result);
    const rows = result?.rows ?? result?.data ?? result?.results ?? result;
    return Array.isArray(rows) ? rows.length : rows === null || rows === undefined ? 0 : 1;
  } catch {
    return 0;
  }
}

/** Why a call fails; undefined when it does not. */
async function failureOf(call${t(': () => unknown')}) {
  try {
    await call();
    return undefined;
  } catch (error) {
    return String(error);
  }
}`;
}
