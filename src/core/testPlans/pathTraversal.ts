import type { SyntaxNode } from '../syntax/syntaxTree';
import { isFunction, walk } from './moduleFacts';
import type { PlanContext, PlannedTest } from './plannedTest';
import type { Reach } from './reach';
import { readPathShape } from './staticPath';
import type { PathShape } from './staticPath';
import { traceInputs } from './traceInput';

export const pathTraversalFailure = 'Patchline: path traversal:';

export interface PathContext extends PlanContext {
  /** A file that lies in the folder that the code serves, relative to that folder; for the control. */
  readonly exampleIn: (folder: string) => { readonly name: string; readonly path: string } | undefined;
}

/**
 * Attacks with paths that climb out of the folder to a canary file of the test's own: plain `../`, and `....//`, which a filter
 * that only removes `../` turns into it (CWE-22, OWASP's Path Traversal page). A file inside of the folder must stay readable.
 */
export function planPathTraversal(reach: Reach, context: PathContext): PlannedTest {
  const shape = shapeOf(reach, context.path);
  const harm = harmOf(reach.sink.callee);
  const suffix = shape.suffix.startsWith('/') ? '' : shape.suffix;
  const start = shape.prefix === '' ? '' : 'x/';
  const t = (type: string): string => (context.typescript ? type : '');
  const check =
    harm === 'read'
      ? `assert.ok(!seen.includes(secret), '${pathTraversalFailure} a file outside of the folder was read');`
      : harm === 'write'
        ? `assert.equal(fs.readFileSync(canary, 'utf8'), secret, '${pathTraversalFailure} a file outside of the folder was written');`
        : `assert.ok(fs.existsSync(canary), '${pathTraversalFailure} a file outside of the folder was removed');`;
  const attack = (step: string): string => `const { canary, secret, cleanUp } = plant();
try {
  const climb = '${step}'.repeat(40) + path.relative(path.parse(canary).root, canary).split(path.sep).join('/');
  ${harm === 'read' ? 'const seen = ' : ''}await answerOf(() => ${reach.call(`${start === '' ? 'climb' : `'${start}' + climb`}${suffix === '' ? '' : `.slice(0, ${-suffix.length})`}`)});
  ${check}
} finally {
  cleanUp();
}`;
  const cases = [
    { name: `${reach.target} stays in its folder when the name climbs with ../`, body: attack('../') },
    { name: `${reach.target} stays in its folder when the name hides its climbing as ....//`, body: attack('....//') },
  ];
  const example = shape.root === undefined || harm !== 'read' || shape.prefix !== '' ? undefined : context.exampleIn(shape.root);
  const fitting = example?.name.endsWith(suffix) === true ? example : undefined;
  if (fitting !== undefined) {
    const name = suffix === '' ? fitting.name : fitting.name.slice(0, -suffix.length);
    cases.push({
      name: `${reach.target} still gives ${fitting.name}`,
      body: `const expected = fs.readFileSync('${quoted(fitting.path)}', 'utf8');
assert.ok((await answerOf(() => ${reach.call(`'${quoted(name)}'`)})).includes(expected), 'a file inside of the folder can no longer be read');`,
    });
  }
  return {
    plan: {
      findingId: context.findingId,
      title: `${reach.target}: path traversal`,
      stem: `${context.stem}.path-traversal`,
      comment: `${context.path}: what is sent as “${reach.inputName}” must never lead out of the folder that is served (${context.ruleId}).`,
      imports: [
        { names: 'fs', from: 'node:fs' },
        { names: 'os', from: 'node:os' },
        { names: 'path', from: 'node:path' },
        ...reach.imports,
      ],
      support: [plantSupport(suffix), answerSupport(t), ...reach.support],
      cases,
    },
    strength: 'behaviour',
    expectedFailure: pathTraversalFailure,
    claim: `Sends ${reach.target} names that climb out of its folder to a file of the test's own, and shows that the file is not ${harm === 'read' ? 'read' : harm === 'write' ? 'written' : 'removed'}${fitting === undefined ? '' : `, while ${fitting.name} is still given`}.`,
  };
}

const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

function harmOf(callee: string): 'read' | 'write' | 'remove' {
  const method = callee.split('.').at(-1) ?? '';
  if (/^(?:unlink|rm|rmdir|remove|truncate)/.test(method)) return 'remove';
  if (/^(?:writeFile|appendFile|createWriteStream|outputFile|copyFile|rename|write)/.test(method)) return 'write';
  return 'read';
}

function shapeOf(reach: Reach, file: string): PathShape {
  const isInput = (node: SyntaxNode): boolean => isDirectInput(node);
  for (const input of reach.sink.inputs) {
    const shape = readPathShape(input, file, isInput);
    if (shape !== undefined) return shape;
  }
  return { prefix: '', suffix: '' };
}

/** A name or member that is itself the input, not a constant that was computed from it. */
function isDirectInput(node: SyntaxNode): boolean {
  if (node.type !== 'identifier' && node.type !== 'member_expression') return false;
  if (node.type === 'identifier' && node.parent?.type === 'member_expression') return false;
  if (traceInputs(node).length === 0) return false;
  return ![...walk(node)].some((inner) => isFunction(inner));
}

function plantSupport(suffix: string): string {
  return `/** A file outside of every folder of the project, with a content that nothing else has. */
function plant() {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'patchline-'));
  const canary = path.join(folder, 'canary${suffix === '' ? '.txt' : quoted(suffix)}');
  const secret = \`secret of \${folder}\`;
  fs.writeFileSync(canary, secret);
  return { canary, secret, cleanUp: () => fs.rmSync(folder, { recursive: true, force: true }) };
}`;
}

function answerSupport(t: (type: string) => string): string {
  return `/** Everything a call gives, as text: a value, a buffer, a stream. That the code refuses an input is as good as no answer. */
async function answerOf(call${t(': () => unknown')}) {
  try {
    const result${t(': any')} = await call();
    if (typeof result === 'string' || Buffer.isBuffer(result)) return result.toString();
    if (typeof result?.[Symbol.asyncIterator] !== 'function') return JSON.stringify(result) ?? '';
    let text = '';
    for await (const chunk of result) text += chunk;
    return text;
  } catch {
    return '';
  }
}`;
}
