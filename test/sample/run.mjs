// @ts-check
// `npm run sample -- good|bad`: from a bare clone to a patch of the sample project that is rolled out for real, headless.
//   good  the SQL injection in src/orders.js: reaches 100 %
//   bad   the prepared fix of src/search.js: raises the error rate at the first canary step and is taken back
// Stages as they happen on stderr, one JSON document on stdout. Exit 0: it went as it should; 1: it did not; 2: bad usage.
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkNodeVersion } from '../tryout/nodeVersion.mjs';
import { judge, scenarios } from './scenarios.mjs';

const mostMinutes = 15;
const say = (/** @type {string} */ text) => console.error(text);

/** What to do at the end, the last first. @type {(() => Promise<unknown>)[]} */
const endings = [];
/** @type {Promise<void> | undefined} */
let ended;

/** Ends every process, whatever happened; once. */
function endAll() {
  ended ??= (async () => {
    for (const end of [...endings].reverse()) await end().catch((error) => say(String(error)));
  })();
  return ended;
}

/** @returns {Promise<number>} exit code */
async function main() {
  checkNodeVersion();
  const name = process.argv[2] ?? '';
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario === undefined || process.argv.length > 3) {
    say('Usage: npm run sample -- good|bad');
    return 2;
  }
  const { checkTools, ensureBuild, ensurePackages, root } = await import('../tryout/prepare.mjs');
  const { isAlive, stopAll } = await import('../vscode/processes.mjs');
  const { bringDeployDown, copySample } = await import('../vscode/sample.mjs');
  endings.push(stopAll);
  say(await checkTools());
  say(`packages: ${(await ensurePackages()) ? 'installed' : 'up to date'}`);
  say(`extension: ${(await ensureBuild()) ? 'built' : 'up to date'}`);

  // Outside of the checkout, so that the sample finds no packages but its own; kept, since the document names what lies there,
  // until the next run.
  const id = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const folders = path.join(tmpdir(), `patchline-sample-${id}`);
  for (const old of await readdir(folders).catch(() => [])) {
    if (!isAlive(Number(old.split('-')[1]))) await rm(path.join(folders, old), { recursive: true, force: true, maxRetries: 5 });
  }
  const folder = path.join(folders, `${name}-${process.pid}`, 'orders-service');
  await copySample('orders-service', folder, { packages: true, say });
  endings.unshift(() => bringDeployDown(folder));
  say(`sample project: ${folder}`);

  const cli = path.join(root, 'dist/cli.js');
  const imported = await runCli([cli, 'import', ...scenario.reports, '--workspace', folder, '--json'], folder);
  const finding = findFinding(imported.document, scenario);
  say(`finding: ${finding}, ${scenario.path}`);
  const run = [
    'run',
    '--workspace',
    folder,
    '--finding',
    finding,
    '--json',
    '--until',
    'deployed',
    '--approve-as',
    scenario.reviewer,
  ];
  const { code, document } = await runCli([cli, ...run], folder);
  const verdict = judge(scenario, code, document);
  console.log(JSON.stringify(verdict.document));
  for (const line of verdict.problems) say(line);
  say(verdict.problems.length === 0 ? `As it should: ${String(verdict.document.outcome)}.` : 'Not as it should.');
  return verdict.problems.length === 0 ? 0 : 1;
}

/**
 * Runs a command of the terminal with what it says on stderr passed on.
 * @param {string[]} args @param {string} cwd
 * @returns {Promise<{ code: number, document: any }>} exit code and the JSON document of stdout; undefined where there is none
 */
async function runCli(args, cwd) {
  const { start, stop } = await import('../vscode/processes.mjs');
  const child = start(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => void stop(child), mostMinutes * 60_000);
  let out = '';
  child.stdout?.on('data', (data) => (out += String(data)));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  clearTimeout(timer);
  try {
    return { code: Number(code), document: JSON.parse(out) };
  } catch {
    return { code: Number(code), document: undefined };
  }
}

/** @param {any} document @param {import('./scenarios.mjs').Scenario} scenario @returns {string} */
function findFinding(document, scenario) {
  const found = (document?.findings ?? []).find(
    (/** @type {any} */ one) => one.ruleId === scenario.rule && one.locations?.[0]?.path === scenario.path,
  );
  if (found === undefined) throw new Error(`${scenario.rule} in ${scenario.path} is not in the sample's reports.`);
  return found.id;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    say('Stopping …');
    void endAll().then(() => process.exit(130));
  });
}
void main()
  .catch((error) => {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  })
  .then(async (code) => {
    await endAll();
    process.exitCode = code;
  });
