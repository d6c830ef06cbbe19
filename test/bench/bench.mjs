// @ts-check
// `npm run bench`: one table from the single benches, each in a process of its own. Not a test: nothing here fails on a number.
//   npm run bench -- activation      only the benches whose name contains the word
//
// A bench is a file `test/bench/NAMEBench.mjs` or `.ts` that exports `rows()`, a function (it may be async) from nothing to rows:
//   { measure, value, beside?, ratio?, aim? }   all of them words ready to be read, such as
//   { measure: 'import of 100,000 results', value: '210 ms', beside: 'JSON.parse 1,400 ms', ratio: '0.15', aim: '≤ 0.3' }
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ensurePackages } from '../tryout/prepare.mjs';
import { cleanEnvironment, run } from '../vscode/processes.mjs';

/** @typedef {{ measure: string, value: string, beside?: string, ratio?: string, aim?: string }} Row */

const here = import.meta.dirname;
const root = path.join(here, '../..');
const columns = /** @type {const} */ (['measure', 'value', 'beside', 'ratio', 'aim']);

await ensurePackages();
const built = await run(process.execPath, ['esbuild.config.mjs', '--production'], { cwd: root });
if (built.code !== 0) {
  console.error(built.output);
  process.exit(1);
}

const words = process.argv.slice(2);
const names = (await readdir(here)).filter((name) => /Bench\.(mjs|ts)$/.test(name)).sort();
/** @type {Row[]} */
const table = [];
let failed = false;
for (const name of names.filter((candidate) => words.length === 0 || words.some((word) => candidate.includes(word)))) {
  console.error(`… ${name}`);
  const args = ['--expose-gc', path.join(here, 'runOne.mjs'), path.join(here, name)];
  const result = await run(process.execPath, args, { cwd: root, env: cleanEnvironment(), timeoutMs: 600_000 });
  const rows = /^ROWS (.*)$/m.exec(result.output)?.[1];
  if (rows === undefined) {
    failed = true;
    table.push({ measure: name, value: 'could not be measured' });
    console.error(result.output);
  } else table.push(...JSON.parse(rows));
}

const widths = columns.map((column) => Math.max(column.length, ...table.map((row) => (row[column] ?? '').length)));
const line = (/** @type {readonly string[]} */ cells) =>
  `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
console.log(line(columns));
console.log(line(widths.map((width) => '-'.repeat(width))));
for (const row of table) console.log(line(columns.map((column) => row[column] ?? '')));
process.exitCode = failed ? 1 : 0;
