// @ts-check
// Import of a generated SARIF log on the worker thread, beside JSON.parse(readFileSync) of the same file; and of ten times as many
// results, where JSON.parse gives up. Each run is a process of its own, the two ways in turn; the median counts, as ratio of
// the two, since walls alone say more about the machine.
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateSarif } from './sarifGenerator.mjs';

/** @typedef {{ wall: number, cpu: number, rss: number, idleRss: number, longest: number, results: number, error?: string }} Run */

const root = path.join(import.meta.dirname, '../..');
const mebibyte = 1024 * 1024;
const rounds = Number(process.env['PATCHLINE_BENCH_ROUNDS'] ?? 3);

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
/** @param {number} bytes */
const size = (bytes) => `${Math.round(bytes / mebibyte)} MiB`;
/** @param {number} ms */
const time = (ms) => `${Math.round(ms).toLocaleString('en')} ms`;

/**
 * @param {string} driver
 * @param {string} way
 * @param {string} file
 * @returns {Promise<Run>}
 */
async function runOnce(driver, way, file) {
  const { stdout } = await promisify(execFile)(process.execPath, [driver, way, file], { maxBuffer: mebibyte });
  return JSON.parse(stdout);
}

export async function rows() {
  const folder = await mkdtemp(path.join(tmpdir(), 'patchline-import-'));
  try {
    // The client in one bundle, the worker as it ships beside it.
    for (const name of ['ingestWorker.js', 'cvss4Calculator.js'])
      await cp(path.join(root, 'dist', name), path.join(folder, name));
    await build({
      entryPoints: { importDriver: path.join(root, 'test/bench/importDriver.ts') },
      outdir: folder,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      mainFields: ['module', 'main'],
      conditions: ['node', 'require'],
      define: { 'import.meta.url': '__bundleUrl' },
      banner: { js: "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
      logLevel: 'error',
    });
    const driver = path.join(folder, 'importDriver.js');
    const small = path.join(folder, '100k.sarif');
    const smallSize = generateSarif(small, 100_000);
    /** @type {Run[]} */
    const imports = [];
    /** @type {Run[]} */
    const parses = [];
    for (let round = 0; round < rounds; round++) {
      parses.push(await runOnce(driver, 'parse', small));
      imports.push(await runOnce(driver, 'import', small));
    }
    await rm(small);
    const large = path.join(folder, '1m.sarif');
    const largeSize = generateSarif(large, 1_000_000);
    const million = await runOnce(driver, 'import', large);
    const refused = await runOnce(driver, 'parse', large);
    for (const run of [...imports, million]) if (run.error !== undefined) throw new Error(run.error);

    const ours = median(imports.map(({ wall }) => wall));
    const theirs = median(parses.map(({ wall }) => wall));
    const ourCpu = median(imports.map(({ cpu }) => cpu));
    const theirCpu = median(parses.map(({ cpu }) => cpu));
    return [
      {
        measure: `import of 100,000 SARIF results (${size(smallSize)}), ids included`,
        value: time(ours),
        beside: `JSON.parse(readFileSync) ${time(theirs)}`,
        ratio: (ours / theirs).toFixed(2),
        aim: '≤ 0.3',
      },
      {
        measure: '… processor time of both threads',
        value: time(ourCpu),
        beside: `JSON.parse(readFileSync) ${time(theirCpu)}`,
        ratio: (ourCpu / theirCpu).toFixed(2),
      },
      {
        measure: '… peak memory of the process',
        value: size(median(imports.map(({ rss }) => rss))),
        beside: `JSON.parse ${size(median(parses.map(({ rss }) => rss)))}; Node alone ${size(median(imports.map(({ idleRss }) => idleRss)))}`,
        aim: '≤ 150 MiB',
      },
      {
        measure: '… longest block of the main thread',
        value: time(median(imports.map(({ longest }) => longest))),
        beside: `JSON.parse ${time(median(parses.map(({ longest, wall }) => Math.max(longest, wall))))}`,
        aim: '≤ 16 ms',
      },
      {
        measure: `import of ${million.results.toLocaleString('en')} results (${size(largeSize)})`,
        value: `${time(million.wall)}, peak ${size(million.rss)}`,
        beside: `JSON.parse: ${refused.error ?? `${time(refused.wall)}, peak ${size(refused.rss)}`}`,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
