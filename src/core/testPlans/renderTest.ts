import type { ProjectFacts, TestPlan } from '../ports';
import { applyTestStyle, readTestStyle } from './testStyle';
import type { TestStyle } from './testStyle';

/** What differs between the frameworks of the describe/it family. */
export interface FrameworkWords {
  /** Names to import, and from where; undefined where the framework's functions are globals. */
  readonly importFrom?: { readonly names: readonly string[]; readonly from: string };
  /** `describe`-like function around the cases. */
  readonly suite: string;
  readonly test: string;
  /** Opens a pending case: gives the text in place of `test('name', async () => {`. */
  readonly pending: (name: string) => string;
}

/** The text of a test file for a plan, in the style of the project's own tests. `path` is where the file will lie. */
export function renderTest(plan: TestPlan, project: ProjectFacts, path: string, words: FrameworkWords): string {
  const style = styleFor(project, path);
  const head = style.imports || project.typescript || path.endsWith('.mjs') ? [] : ["'use strict';", ''];
  const imports = [
    // By name: only with `esModuleInterop` does TypeScript take a default import of what Node exports as one value.
    project.typescript ? { names: '{ strict as assert }', from: 'node:assert' } : { names: 'assert', from: 'node:assert/strict' },
    ...(words.importFrom === undefined
      ? []
      : [{ names: `{ ${words.importFrom.names.join(', ')} }`, from: words.importFrom.from }]),
    ...plan.imports,
  ].map((one) => importLine(one.names, specifier(one.from, path, style), style, project.typescript));
  const cases = plan.cases.map((one) => {
    const open = one.pending === true ? words.pending(text(one.name)) : `${words.test}(${text(one.name)}, async () => {`;
    return `${open}\n${indent(one.body)}\n});`;
  });
  const parts = [
    [...head, ...new Set(imports)].join('\n'),
    comment(plan.comment),
    ...(plan.support ?? []),
    `${words.suite}(${text(plan.title)}, () => {\n${indent(cases.join('\n\n'))}\n});`,
  ];
  return applyTestStyle(`${parts.filter((part) => part !== '').join('\n\n')}\n`, style);
}

function styleFor(project: ProjectFacts, path: string): TestStyle {
  const style = readTestStyle(project.example?.text, project.moduleKind);
  if (path.endsWith('.mjs') || path.endsWith('.mts')) return { ...style, imports: true, extensions: true };
  if (path.endsWith('.cjs')) return { ...style, imports: false };
  // Without a loader Node takes `import` in ES modules alone, and `require` in CommonJS alone.
  if (project.typescript) return { ...style, imports: true };
  return style;
}

const text = (value: string): string => (value.includes("'") ? JSON.stringify(value) : `'${value}'`);

const indent = (code: string): string =>
  code
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');

/** A comment in lines of at most 120 characters; the words come from reports, so nothing in them may end the line. */
function comment(words: string): string {
  const lines: string[] = [];
  for (const word of words.replace(/[\p{Cc}\u2028\u2029]/gu, ' ').split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 114) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `// ${line}`).join('\n');
}

function importLine(names: string, from: string, style: TestStyle, typescript: boolean): string {
  if (!style.imports) return `const ${names} = require('${from}');`;
  const builtin = from.startsWith('node:') && !names.startsWith('{');
  return `import ${typescript && builtin ? `* as ${names}` : names} from '${from}';`;
}

/** `./src/x.js` (from the workspace root) as seen from the test file; packages and built-in modules stay. */
export function specifier(from: string, testPath: string, style: Pick<TestStyle, 'extensions'>): string {
  if (!from.startsWith('./')) return from;
  const here = testPath.split('/').slice(0, -1);
  const there = from.slice(2).split('/');
  let shared = 0;
  while (shared < here.length && shared < there.length - 1 && here[shared] === there[shared]) shared += 1;
  const up = here.length - shared;
  const path = `${up === 0 ? './' : '../'.repeat(up)}${there.slice(shared).join('/')}`;
  if (!style.extensions)
    return path.replace(/\.(?:[cm]?[jt]s|[jt]sx)$/, (extension) => (/^\.[cm]/.test(extension) ? extension : ''));
  // TypeScript's own rule for ES modules: the specifier names the file that will be emitted.
  return path
    .replace(/\.tsx?$/, '.js')
    .replace(/\.mts$/, '.mjs')
    .replace(/\.cts$/, '.cjs');
}
