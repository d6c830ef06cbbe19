// @ts-check
// `npm test`: everything that can say whether Patchline works, from a bare clone. Plain Node without packages.
//   --only checks|unit|host|e2e   one part, for developers; may be given more than once
// Closes with one plain line of counts over everything; what could not run counts as failed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { checkNodeVersion } from './tryout/nodeVersion.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: string[], failures: { title: string, message: string }[] }} Counts
 * @typedef {object} Part
 * @property {string} title
 * @property {string} group the word for --only
 * @property {Part[]} [needs] what must have ended before
 * @property {boolean} [window] opens windows
 * @property {() => Promise<{ code: number, output: string, counts?: Counts }>} work
 * @property {{ seconds: number, code: number, output: string, counts?: Counts }} [result]
 */

const began = Date.now();

async function main() {
  checkNodeVersion();
  const { parseArgs } = await import('node:util');
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const groups = ['checks', 'unit', 'host', 'e2e'];
  const unknown = values.only?.find((word) => !groups.includes(word));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is only ${groups.join(', ')}.`);
  const { checkTools, ensurePackages, root } = await import('./tryout/prepare.mjs');
  const { installVscode } = await import('./vscode/install.mjs');
  const { npmProgram, run, cleanEnvironment, stopAll } = await import('./vscode/processes.mjs');
  /** @type {Promise<never> | undefined} */
  let ending;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // Whoever is impatient and asks twice must not cut short what ends the children.
      ending ??= stopAll().then(() => process.exit(130));
    });
  }

  console.log(await checkTools());
  console.log((await ensurePackages()) ? 'packages installed' : 'packages up to date');
  const { findBrowser } = await import('./vscode/browser.mjs');
  const out = path.join(root, 'out');
  const vsix = path.join(out, 'patchline.vsix');
  await mkdir(out, { recursive: true });

  const node = (/** @type {string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env = {}, timeoutMs = 1_200_000) =>
    run(process.execPath, args, { cwd: root, env: cleanEnvironment({ ...env, FORCE_COLOR: '0' }), timeoutMs });
  const tool = (/** @type {string} */ name) => path.join(root, 'node_modules', name);

  /** Runs mocha, or another program that leaves counts, with a results file of its own. */
  async function counted(/** @type {string} */ name, /** @type {string[]} */ args, /** @type {NodeJS.ProcessEnv} */ env = {}) {
    const file = path.join(out, `results-${name}.json`);
    await rm(file, { force: true });
    const result = await node(args, { ...env, PATCHLINE_TEST_RESULTS: file });
    const counts = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
    return { ...result, ...(counts === undefined ? {} : { counts }) };
  }
  const mocha = [tool('mocha/bin/mocha.js'), '--reporter', 'test/support/countReporter.cjs'];

  /** Adapters whose tests run whole projects, and those whose tests begin with repositories. */
  const makers = ['fixers', 'proof', 'testWriters'];
  const deliverers = ['forges', 'ci', 'builders', 'approvals'];
  const adapters = (/** @type {string[]} */ folders) => folders.map((folder) => `test/adapters/${folder}/**/*.test.ts`);
  const without = (/** @type {string[]} */ patterns) => patterns.map((pattern) => `--ignore=${pattern}`);
  /** Folders of tests that run otherwise, or belong to the projects that tests work on. */
  const elsewhere = ['adapters', 'checks', 'cli', 'host', 'fixtures', 'workspaces'].map((folder) => `test/${folder}/**`);
  /** @param {string} name @param {string} words @param {string[]} args @returns {Part} */
  const unit = (name, words, ...args) => ({
    title: `Tests of ${words} (mocha)`,
    group: 'unit',
    work: () => counted(name, [...mocha, ...args]),
  });
  /** @param {string} name @param {string} words @param {string[]} args @returns {Part} */
  const check = (name, words, ...args) => ({ title: `${words} (${name})`, group: 'checks', work: () => node(args) });

  /** @type {Part} */
  const fetching = {
    title: 'VS Code and browser',
    group: 'host',
    work: async () => {
      /** @type {string[]} */
      const said = [];
      const vscode = await installVscode((message) => said.push(message));
      const browser = await findBrowser((message) => said.push(message));
      return { code: 0, output: [...said, `VS Code ${vscode.version}, ${browser}`].join('\n') };
    },
  };
  /** @type {Part} */
  const packing = {
    title: 'Package (.vsix)',
    group: 'e2e',
    work: () => node([npmProgram(), 'run', 'package', '--silent', '--', '--out', vsix]),
  };
  /** @param {string} name @param {string} words @param {Part[]} needs @param {string[]} args @returns {Part} */
  const inWindow = (name, words, needs, ...args) => ({
    title: `In a real window: ${words} (mocha, Playwright)`,
    group: 'e2e',
    needs: [fetching, packing, ...needs],
    window: true,
    work: () => counted(`e2e-${name}`, [...mocha, '--timeout=180000', ...args], { PATCHLINE_VSIX: vsix }),
  });
  const resume = inWindow('resume', 'crash and hand-over', [], 'test/e2e/resume.e2e.ts');
  const way = inWindow('way', 'from the finding to a good and a bad rollout', [], 'test/e2e/way.e2e.ts');
  /** @type {Part} */
  const inHost = {
    title: 'Tests in the extension host (mocha)',
    group: 'host',
    needs: [fetching, packing],
    window: true,
    work: async () => {
      // Packing has left the build in dist; the tests come beside it.
      const built = await node(['esbuild.config.mjs', '--tests']);
      return built.code === 0 ? counted('host', ['test/host/runWeb.mjs']) : built;
    },
  };
  const named = without(['resume', 'way'].map((name) => `test/e2e/${name}.e2e.ts`));
  const small = inWindow('others', 'the package, several folders', [], ...named, 'test/e2e/*.e2e.ts');
  // Builds dist anew, which those read.
  const starting = inWindow('start', 'npm start', [resume, inHost, small], 'test/tryout/*.e2e.ts');

  /** What is long, and what others wait for, first. */
  const parts = /** @type {Part[]} */ ([
    fetching,
    packing,
    way,
    resume,
    inHost,
    small,
    starting,
    unit('makers', 'fixers, test writers and proofs', ...adapters(makers)),
    unit('deliverers', 'forges, CI, builds and approvals', ...adapters(deliverers)),
    unit('cli', 'the command line', 'test/cli/**/*.test.ts'),
    unit('adapters', 'the other adapters', ...without(adapters([...makers, ...deliverers])), 'test/adapters/**/*.test.ts'),
    unit('unit', 'everything else', ...without(elsewhere), 'test/**/*.test.ts'),
    check('oxlint', 'Types and lint', '.ci/lint.mjs'),
    check('oxfmt', 'Format', tool('oxfmt/bin/oxfmt'), '--check', '.'),
    {
      title: 'Checks of the house (mocha)',
      group: 'checks',
      work: () => counted('checks', [...mocha, '--timeout=120000', 'test/checks/**/*.test.ts']),
    },
  ]);
  const asked = parts.filter((part) => values.only === undefined || values.only.includes(part.group));
  const wanted = new Set(asked);
  for (const part of wanted) for (const need of part.needs ?? []) wanted.add(need);
  const order = parts.filter((part) => wanted.has(part));
  const report = reporter(order);
  await runAll(order, report);
  report.end();
  process.exitCode = summarise(order);
}

/**
 * Runs the parts: first those without windows, one more at a time than there are processors, since they often wait; then windows,
 * two at a time, for beside anything else they are too slow, and all together take longer. Among the parts that may begin the first
 * of the list does.
 * @param {Part[]} parts @param {ReturnType<typeof reporter>} report
 */
async function runAll(parts, report) {
  const atOnce = Math.min(availableParallelism(), 4) + 1;
  const mostWindows = 2;
  /** @type {Map<Part, Promise<void>>} */
  const running = new Map();
  const waiting = new Set(parts);
  const mayBegin = (/** @type {Part} */ part) => {
    if (part.needs?.some((need) => waiting.has(need) || running.has(need)) === true) return false;
    if (part.window !== true) return running.size < atOnce;
    return running.size < mostWindows && [...waiting].every((one) => one.window === true);
  };
  while (waiting.size + running.size > 0) {
    const next = [...waiting].find(mayBegin);
    if (next === undefined) {
      await Promise.race(running.values());
      continue;
    }
    waiting.delete(next);
    running.set(
      next,
      runPart(next, report).then(() => void running.delete(next)),
    );
  }
}

/** @param {Part} part @param {ReturnType<typeof reporter>} report */
async function runPart(part, report) {
  const started = Date.now();
  report.started(part);
  const result = await part
    .work()
    .catch((error) => ({ code: 1, output: error instanceof Error ? error.message : String(error) }));
  part.result = { ...result, seconds: (Date.now() - started) / 1000 };
  report.done();
}

/** Prints each part under its heading, in order, as soon as all before it are done; says in between what is under way. */
function reporter(/** @type {Part[]} */ order) {
  let printed = 0;
  /** @type {Set<Part>} */
  const open = new Set();
  const pulse = setInterval(() => {
    const busy = [...open].filter((part) => part.result === undefined).map((part) => part.title);
    console.log(`… ${busy.join(', ')} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  }, 20_000);
  const done = () => {
    for (let part = order[printed]; part?.result !== undefined; part = order[(printed += 1)]) {
      const { passed, failed } = countsOf(part);
      console.log(
        `\n== ${part.title}: ${failed === 0 ? `${passed} passed` : `${failed} FAILED`} (${part.result.seconds.toFixed(1)} s)`,
      );
      const text = part.result.output.trim();
      if (text !== '') console.log(text);
    }
  };
  return { started: (/** @type {Part} */ part) => void open.add(part), done, end: () => clearInterval(pulse) };
}

/**
 * A part without counts of its own is one check. A part that counts but left none, or ran nothing, could not run: that is a failure.
 * @param {Part} part
 */
function countsOf(part) {
  const { result } = part;
  if (result === undefined) return { passed: 0, failed: 1, skipped: [] };
  const counting = /mocha/.test(part.title);
  if (!counting) return { passed: result.code === 0 ? 1 : 0, failed: result.code === 0 ? 0 : 1, skipped: [] };
  const counts = result.counts;
  if (counts === undefined) return { passed: 0, failed: 1, skipped: [] };
  // Green counts with a bad exit code: something broke outside of the tests.
  const broken = counts.failed === 0 && (result.code !== 0 || counts.passed === 0);
  return { passed: counts.passed, failed: counts.failed + (broken ? 1 : 0), skipped: counts.skipped };
}

/** @param {Part[]} order */
function summarise(order) {
  const totals = order.map(countsOf);
  const passed = totals.reduce((sum, counts) => sum + counts.passed, 0);
  const failed = totals.reduce((sum, counts) => sum + counts.failed, 0);
  const skipped = totals.flatMap((counts) => counts.skipped);
  console.log('');
  for (const [index, part] of order.entries()) {
    const seconds = part.result?.seconds.toFixed(1) ?? '-';
    console.log(
      `${totals[index]?.failed === 0 ? 'ok    ' : 'FAILED'}  ${part.title} (${totals[index]?.passed} passed, ${seconds} s)`,
    );
  }
  for (const title of skipped) console.log(`skipped: ${title}`);
  console.log(`\nafter ${((Date.now() - began) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
