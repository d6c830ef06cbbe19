// @ts-check
// `npm test`: everything that can say whether Patchline works, from a bare clone. Plain Node without packages.
//   --only checks|unit|host|e2e   one part, for developers; may be given more than once
// Closes with one plain line of counts over everything; what could not run counts as failed.
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { checkNodeVersion } from './tryout/nodeVersion.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: string[], failures: { title: string, message: string }[] }} Counts
 * @typedef {object} Part
 * @property {string} title
 * @property {string} group the word for --only
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

  /** Folders of tests that run otherwise, or belong to the projects that tests work on. */
  const elsewhere = ['adapters', 'checks', 'host', 'fixtures', 'workspaces'];

  /** Adapters whose tests run whole projects: the other lane has time for them. */
  const makers = ['fixers', 'proof', 'testWriters'].map((folder) => `test/adapters/${folder}/**/*.test.ts`);

  /** @type {Part[]} */
  const reading = [
    { title: 'Type check (tsc)', group: 'checks', work: () => node([tool('typescript/bin/tsc'), '--noEmit', '-p', '.']) },
    { title: 'Lint (eslint)', group: 'checks', work: () => node([tool('eslint/bin/eslint.js'), '.', '--max-warnings=0']) },
    { title: 'Format (prettier)', group: 'checks', work: () => node([tool('prettier/bin/prettier.cjs'), '--check', '.']) },
  ];
  /** @type {Part[]} */
  const running = [
    {
      title: 'Package (.vsix)',
      group: 'e2e',
      work: () => node([npmProgram(), 'run', 'package', '--silent', '--', '--out', vsix]),
    },
    {
      title: 'Checks of the house (mocha)',
      group: 'checks',
      work: () => counted('checks', [...mocha, '--timeout=120000', 'test/checks/**/*.test.ts']),
    },
    {
      title: 'Tests of the adapters (mocha)',
      group: 'unit',
      work: () => counted('adapters', [...mocha, ...makers.map((folder) => `--ignore=${folder}`), 'test/adapters/**/*.test.ts']),
    },
  ];
  reading.push({
    title: 'Tests of fixers, test writers and proofs (mocha)',
    group: 'unit',
    work: () => counted('makers', [...mocha, ...makers]),
  });
  reading.push({
    title: 'Unit tests of everything else (mocha)',
    group: 'unit',
    work: () => counted('unit', [...mocha, ...elsewhere.map((folder) => `--ignore=test/${folder}/**`), 'test/**/*.test.ts']),
  });
  /** @type {Part[]} */
  const fetching = [
    {
      title: 'VS Code and browser',
      group: 'host',
      work: async () => {
        /** @type {string[]} */
        const said = [];
        const vscode = await installVscode((message) => said.push(message));
        const browser = await findBrowser((message) => said.push(message));
        return { code: 0, output: [...said, `VS Code ${vscode.version}, ${browser}`].join('\n') };
      },
    },
  ];
  // Here VS Code is needed, which the network brings meanwhile.
  running.push({
    title: 'Tests in the extension host (mocha)',
    group: 'host',
    work: async () => {
      await fetched;
      for (const args of [['--production'], ['--tests']]) {
        const built = await node(['esbuild.config.mjs', ...args]);
        if (built.code !== 0) return built;
      }
      return counted('host', ['test/host/runWeb.mjs']);
    },
  });
  const window = (/** @type {string} */ name, /** @type {string[]} */ files) =>
    counted(`e2e-${name}`, [...mocha, '--timeout=180000', ...files], { PATCHLINE_VSIX: vsix });
  // The other half takes as long; in it `npm start`, which builds anew, comes behind what looks at the build.
  const halfOfTheWindows = ['test/e2e/way.e2e.ts', 'test/e2e/resume.e2e.ts'];
  /** @type {Part[]} */
  const inWindows = [
    {
      title: 'End to end in real windows, first half (mocha, Playwright)',
      group: 'e2e',
      work: () => window('first', halfOfTheWindows),
    },
    {
      title: 'End to end in real windows, second half (mocha, Playwright)',
      group: 'e2e',
      work: () => {
        const others = halfOfTheWindows.map((file) => `--ignore=${file}`);
        return window('second', [...others, 'test/{e2e,tryout}/**/*.e2e.ts']);
      },
    },
  ];

  const chosen = (/** @type {Part[]} */ parts) =>
    parts.filter((part) => values.only === undefined || values.only.includes(part.group));
  const order = [...chosen(reading), ...chosen(running), ...chosen(fetching), ...chosen(inWindows)];
  const report = reporter(order);
  // Two lanes for the two cores, while the network brings VS Code; then two windows at a time, which often wait.
  const fetched = inTurn(chosen(fetching), report);
  await Promise.all([fetched, ...[reading, running].map((lane) => inTurn(chosen(lane), report))]);
  await Promise.all(chosen(inWindows).map((part) => inTurn([part], report)));
  report.end();
  process.exitCode = summarise(order);
}

/** @param {Part[]} parts @param {ReturnType<typeof reporter>} report */
async function inTurn(parts, report) {
  for (const part of parts) {
    const started = Date.now();
    report.started(part);
    const result = await part
      .work()
      .catch((error) => ({ code: 1, output: error instanceof Error ? error.message : String(error) }));
    part.result = { ...result, seconds: (Date.now() - started) / 1000 };
    report.done();
  }
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
