// @ts-check
// What activation loads: size of dist/extension.js, and the time of its `require` in plain Node with a stand-in for `vscode`,
// in a fresh process each time; beside one bundle that loads everything at once.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '../..');
const repeats = 9;

/** Requires the file with a `vscode` of which every member is a class, an object and a function at once; prints milliseconds. */
const measure = `
const Module = require('node:module');
const target = process.argv[1];
// Bundles copy what they import member by member and leave the rest to its prototype: so that answers, too.
const get = (of, name) => (name === 'prototype' ? of.prototype : name === Symbol.toPrimitive ? () => '' : anything);
const fallback = new Proxy({}, { get });
const anything = new Proxy(class {}, { get, apply: () => anything, getPrototypeOf: () => fallback });
const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? anything : load(request, ...rest));
const began = process.hrtime.bigint();
require(target);
console.log(Number(process.hrtime.bigint() - began) / 1e6);
process.exit(0);
`;

const timeOf = (/** @type {string} */ file) =>
  Number(execFileSync(process.execPath, ['-e', measure, file], { encoding: 'utf8' }));
const median = (/** @type {number[]} */ values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** @returns {Promise<import('./bench.mjs').Row[]>} */
export async function rows() {
  const temporary = await mkdtemp(path.join(tmpdir(), 'patchline-bench-'));
  try {
    const eager = path.join(temporary, 'eager.js');
    const parts = ['src/extension.ts', 'src/editor/features.ts', 'src/adapters/engine.ts'].filter((file) =>
      existsSync(path.join(root, file)),
    );
    await build({
      stdin: { contents: parts.map((file) => `export * from './${file}';`).join('\n'), resolveDir: root },
      outfile: eager,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['vscode'],
      mainFields: ['module', 'main'],
      conditions: ['node', 'require'],
      define: { 'import.meta.url': '__bundleUrl' },
      banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
      logLevel: 'error',
    });
    const empty = path.join(temporary, 'empty.js');
    await writeFile(empty, 'exports.activate = () => undefined;');
    const own = path.join(root, 'dist/extension.js');
    /** @type {Record<string, number[]>} */
    const times = { own: [], eager: [], empty: [] };
    for (let turn = 0; turn < repeats; turn += 1) {
      times.own?.push(timeOf(own));
      times.eager?.push(timeOf(eager));
      times.empty?.push(timeOf(empty));
    }
    const [ownTime, eagerTime, emptyTime] = [times.own, times.eager, times.empty].map((values) => median(values ?? []));
    const [ownSize, eagerSize] = [(await stat(own)).size, (await stat(eager)).size];
    return [
      {
        measure: 'size of what activation loads',
        value: kilobytes(ownSize),
        beside: `all at once ${kilobytes(eagerSize)}`,
        ratio: (ownSize / eagerSize).toFixed(3),
        aim: '≤ 50 kB',
      },
      {
        measure: `its load time (require, cold process, median of ${repeats})`,
        value: `${ownTime?.toFixed(1)} ms`,
        beside: `all at once ${eagerTime?.toFixed(1)} ms, empty ${emptyTime?.toFixed(1)} ms`,
        ratio: ((ownTime ?? 0) / (eagerTime ?? 1)).toFixed(3),
        aim: '≤ 10 ms',
      },
    ];
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
