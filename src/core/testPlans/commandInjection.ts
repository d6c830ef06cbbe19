import type { PlanContext, PlannedTest } from './plannedTest';
import type { Reach } from './reach';
import { textAround } from './staticPath';
import { traceInputs } from './traceInput';
import type { SyntaxNode } from '../syntax/syntaxTree';

export const commandInjectionFailure = 'Patchline: command injection:';

/**
 * Attacks with a second command that creates a canary file, once behind the value and once within it (`$(…)`), and checks that a
 * plain value still reaches the program as an argument. The program itself is replaced by a recorder on PATH, so that the test
 * needs neither the program nor a network (CWE-78; the inputs follow the examples of CAPEC-88).
 */
export function planCommandInjection(reach: Reach, context: PlanContext): PlannedTest {
  const { program, quote } = readCommand(reach);
  const benign = benignValue(reach.inputName);
  const t = (type: string): string => (context.typescript ? type : '');
  const wait = reach.settles ? '' : '  await new Promise((resolve) => setTimeout(resolve, 1500));\n';
  const attack = (value: string): string => `const { canary, cleanUp } = prepare();
try {
${indent(`await settle(() => ${reach.call(value)});\n${wait.trim()}`.trim())}
  assert.equal(fs.existsSync(canary), false, '${commandInjectionFailure} the input started a command of its own');
} finally {
  cleanUp();
}`;
  const cases = [
    {
      name: `${reach.target} takes what follows a command separator as data`,
      body: attack(
        `\`${benign}${quote}\${separator} echo patchline > "\${canary}"${quote === '' ? '' : ` ${separatorLiteral} echo ${quote}`}\``,
      ),
    },
    {
      name: `${reach.target} takes a command substitution as data`,
      body: attack(
        quote === "'"
          ? `\`${benign}' | echo patchline > "\${canary}" | echo '\``
          : `process.platform === 'win32' ? \`${benign} | echo patchline > "\${canary}"\` : \`${benign}$(echo patchline > '\${canary}')\``,
      ),
    },
  ];
  if (program !== undefined) {
    cases.push({
      name: `${reach.target} still hands a plain value to ${program}`,
      body: `const { log, inPlace, cleanUp } = prepare();
try {
  if (!inPlace) return; // Programs are found elsewhere: on Windows, and under Jest, which keeps its environment from them.
  await settle(() => ${reach.call(`'${benign}'`)});
${wait}  const seen = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\\n') : [];
  assert.ok(seen.includes('${benign}'), 'the plain value did not reach ${program} as an argument of its own');
} finally {
  cleanUp();
}`,
    });
  }
  return {
    plan: {
      findingId: context.findingId,
      title: `${reach.target}: command injection`,
      stem: `${context.stem}.command-injection`,
      comment: `${context.path}: what is sent as “${reach.inputName}” must reach the program as an argument; no shell may read it as a command (${context.ruleId}).`,
      imports: [
        ...(program === undefined ? [] : [{ names: '{ spawnSync }', from: 'node:child_process' }]),
        { names: 'fs', from: 'node:fs' },
        { names: 'os', from: 'node:os' },
        { names: 'path', from: 'node:path' },
        ...reach.imports,
      ],
      support: [
        "const separator = process.platform === 'win32' ? '&' : ';';",
        prepareSupport(program),
        settleSupport(t),
        ...reach.support,
      ],
      cases,
    },
    strength: 'behaviour',
    expectedFailure: commandInjectionFailure,
    claim: `Sends ${reach.target} values that carry a second command, and shows that the command does not run${program === undefined ? '' : ` while a plain value still reaches ${program}`}.`,
  };
}

const separatorLiteral = '${separator}';

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');

/** The program of the command and the quote that is open where the value stands. */
function readCommand(reach: Reach): { readonly program?: string; readonly quote: string } {
  const command = reach.sink.inputs[0];
  if (command === undefined) return { quote: '' };
  const isInput = (node: SyntaxNode): boolean => node.type === 'identifier' && traceInputs(node).length > 0;
  const expression = initialiser(command, isInput);
  const { prefix } = textAround(expression, isInput);
  const open = [...prefix].reduce((quote, character) => {
    if (quote !== '') return character === quote ? '' : quote;
    return character === "'" || character === '"' ? character : '';
  }, '');
  const program = /^\s*([A-Za-z][\w.-]*)(?:\s|$)/.exec(prefix)?.[1];
  return { ...(program === undefined || shellWords.has(program) ? {} : { program }), quote: open };
}

/** Words that the shell itself understands: no program of that name is looked up on PATH. */
const shellWords = new Set([
  'cd',
  'echo',
  'export',
  'set',
  'source',
  'exec',
  'eval',
  'test',
  'printf',
  'if',
  'for',
  'while',
  'sh',
  'bash',
  'node',
  'env',
]);

function initialiser(node: SyntaxNode, isInput: (node: SyntaxNode) => boolean): SyntaxNode {
  if (node.type !== 'identifier' || !isInput(node)) return node;
  for (let scope = node.parent; scope !== null; scope = scope.parent) {
    for (const statement of scope.namedChildren) {
      for (const declarator of statement.namedChildren) {
        if (declarator.type !== 'variable_declarator' || declarator.childForFieldName('name')?.text !== node.text) continue;
        return declarator.childForFieldName('value') ?? node;
      }
    }
  }
  return node;
}

/** A harmless value that a check of the input would let through, guessed from the name. */
export function benignValue(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  if (/ip|addr|host|server|target|domain/i.test(last)) return '127.0.0.1';
  if (/url|uri|link/i.test(last)) return 'http://127.0.0.1/';
  if (/branch|ref|tag|revision/i.test(last)) return 'main';
  if (/file|path|name/i.test(last)) return 'file.txt';
  if (/dir|folder/i.test(last)) return 'folder';
  if (/port|count|size|width|height|id$/i.test(last)) return '1';
  return 'value';
}

function prepareSupport(program: string | undefined): string {
  const recorder =
    program === undefined
      ? ''
      : `  const log = path.join(folder, 'arguments.txt');
  if (process.platform !== 'win32') {
    const script = \`#!/bin/sh\\nfor each in "$@"; do printf '%s\\\\n' "$each" >> '\${log}'; done\\n\`;
    fs.writeFileSync(path.join(folder, '${program}'), script, { mode: 0o755 });
    process.env.PATH = \`\${folder}\${path.delimiter}\${before}\`;
  }
`;
  const place =
    program === undefined
      ? ''
      : `
    log,
    inPlace: spawnSync('sh', ['-c', 'command -v ${program}']).stdout?.toString().trim() === path.join(folder, '${program}'),`;
  return `/** A folder for the canary that an injected command would create${program === undefined ? '' : `, and a stand-in for ${program} that only records its arguments`}. */
function prepare() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchline-'));
  const before = process.env.PATH ?? '';
${recorder}  return {
    canary: path.join(folder, 'canary.txt'),${place}
    cleanUp: () => {
      process.env.PATH = before;
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}`;
}

function settleSupport(t: (type: string) => string): string {
  return `/** Waits until a call is over, with the process it may have started. That the code refuses an input is as good as any answer. */
async function settle(call${t(': () => unknown')}) {
  try {
    const result${t(': any')} = await call();
    if (typeof result?.once === 'function' && result.exitCode === null) await new Promise((resolve) => result.once('close', resolve));
  } catch {
    // Refused.
  }
}`;
}
