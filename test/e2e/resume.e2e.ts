import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scenarios } from '../sample/scenarios.mjs';
import { isAlive, run } from '../vscode/processes.mjs';
import { bringDeployDown, copySample } from '../vscode/sample.mjs';
import { openWindow } from './driver';
import type { EditorWindow } from './driver';
import { doneKeys, readLog, rolloutEvents, stepsOf } from './recordedRun';

const root = path.join(import.meta.dirname, '../..');
const good = scenarios['good'] ?? assert.fail();

/** What the sample's rollout has running, as it notes it. */
interface Deploy {
  readonly weight: number;
  readonly promoted: boolean;
  readonly canary: { readonly pid: number; readonly digest: string } | null;
  readonly baseline: { readonly pid: number };
  readonly proxy: { readonly pid: number };
}

/**
 * One rollout whose extension host crashes, whose window is closed, whose own process crashes, and whose server ends: every test
 * begins where the one before ended.
 */
describe('a rollout outlives what watches it', function () {
  this.timeout(240_000);
  let temporary: string;
  let cli: string;
  let folder: string;
  let atStart: Deploy;
  /** The window that came first, and what its server is ended by; the other one on the same folder. */
  let first: EditorWindow;
  let second: EditorWindow;
  /** The process id of each window's extension host. */
  let hostOfFirst: number;
  let hostOfSecond: number;

  const log = () => readLog(folder);
  const closed = async () => stepsOf(await log(), good.rule).includes('close');
  const deploy = async () => JSON.parse(await readFile(path.join(folder, '.deploy/state.json'), 'utf8')) as Deploy;
  const weight = async () => (existsSync(path.join(folder, '.deploy/state.json')) ? (await deploy()).weight : 0);
  /** Nobody's between the end of one holder and the beginning of the next. */
  const lease = async () => {
    const text = await readFile(path.join(folder, '.git/patchline/leases/watch.lease'), 'utf8').catch(() => '{"pid":0}');
    return (JSON.parse(text === '' ? '{"pid":0}' : text) as { pid: number }).pid;
  };
  const comes = async (seen: () => Promise<boolean>, seconds: number): Promise<boolean> => {
    const deadline = Date.now() + seconds * 1000;
    while (!(await seen())) {
      if (Date.now() >= deadline) return false;
      await new Promise((next) => setTimeout(next, 100));
    }
    return true;
  };
  const wait = async (what: string, seen: () => Promise<boolean>, seconds = 60) =>
    assert.ok(await comes(seen, seconds), `${what}: not seen within ${seconds} s`);
  /** Processes of `patchline watch` on this folder. */
  const watchers = () =>
    execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => / watch --workspace /.test(line) && line.includes(folder))
      .map((line) => Number.parseInt(line, 10));

  before(async function () {
    this.timeout(240_000);
    temporary = await mkdtemp(path.join(tmpdir(), 'patchline-resume-'));
    // A copy: another test builds the checkout anew meanwhile.
    await cp(path.join(root, 'dist'), path.join(temporary, 'dist'), { recursive: true });
    cli = path.join(temporary, 'dist/cli.js');
    folder = path.join(temporary, 'orders-service');
    await copySample('orders-service', folder, { packages: true });
    await changeSteps(folder);
    const imported = await patchline('import', ...good.reports);
    const finding = (imported.findings ?? []).find(
      ({ ruleId, locations }) => ruleId === good.rule && locations[0]?.path === good.path,
    );
    const until = ['--until', 'approved', '--approve-as', good.reviewer];
    const { outcome } = await patchline('run', '--finding', finding?.id ?? assert.fail('the finding'), ...until);
    assert.equal(outcome, 'approved');
    first = await openWindow({ folder });
    await first.openContainer('Patchline');
    await first.until('the patch', async () => (await first.rows('Patches')).length > 0, 60);
    [hostOfFirst = assert.fail('no extension host')] = first.extensionHosts();
    second = await first.another();
    await wait('two extension hosts', () => Promise.resolve(first.extensionHosts().length === 2), 30);
    hostOfSecond = first.extensionHosts().find((pid) => pid !== hostOfFirst) ?? assert.fail('no second host');
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await first.keepForFailure(`${this.currentTest.title} 1`).catch(() => undefined);
    await second.keepForFailure(`${this.currentTest.title} 2`).catch(() => undefined);
  });
  after(async () => {
    await second.close();
    await first.close();
    // A watch whose rollout never ends, in a test that failed, would stay for ever.
    for (const pid of watchers()) process.kill(pid, 'SIGTERM');
    await wait('the end of every watch', () => Promise.resolve(watchers().length === 0), 30);
    await bringDeployDown(folder);
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  });

  async function patchline(command: string, ...args: readonly string[]) {
    const all = [cli, command, ...args, '--workspace', folder, '--json'];
    const { output } = await run(process.execPath, all, { cwd: folder, timeoutMs: 180_000 });
    const json = output.slice(output.search(/^\{/m));
    return JSON.parse(json) as {
      readonly outcome?: string;
      readonly findings?: readonly { id: string; ruleId: string; locations: readonly { path: string }[] }[];
    };
  }

  /** Waits until the window's status bar follows the rollout. */
  const follows = (window: EditorWindow, what: string) =>
    window.until(`the rollout in the status bar of ${what}`, async () =>
      (await window.statusBar()).some((text) => /orders: step/.test(text)),
    );
  const looks = async () => rolloutEvents(await log(), 'looked').length;

  it('goes on after the extension host that has it was killed in the middle of a step', async () => {
    await first.runCommand('Patchline: Start Rollout');
    const button = first.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Merge and Start Rollout' });
    await button.click({ timeout: 60_000 });
    await wait('10 % of the traffic', async () => (await weight()) === 10);
    atStart = await deploy();
    await follows(second, 'the second window');
    await wait('a look', async () => (await looks()) > 0);
    const killed = await lease();
    assert.ok([hostOfFirst, hostOfSecond].includes(killed), 'one of the two has the watch');
    process.kill(killed, 'SIGKILL');
    const hosts = () => first.extensionHosts().filter((pid) => pid !== killed);
    const isBack = () => Promise.resolve(hosts().length === 2);
    // VS Code starts a host again by itself, but not always on a busy machine: then it asks for what a person does here.
    if (!(await comes(isBack, 20))) await (killed === hostOfFirst ? first : second).reload();
    await wait('another extension host', isBack);
    await wait('the watch taken over', async () => hosts().includes(await lease()), 30);
    const [back = assert.fail()] = hosts().filter((pid) => pid !== hostOfFirst && pid !== hostOfSecond);
    if (killed === hostOfFirst) hostOfFirst = back;
    else hostOfSecond = back;
    await follows(first, 'the first window');
    await first.screenshot('resume-1-back');
    assert.deepEqual(watchers(), []);
  });

  it('goes on when the window that has it is closed, and the other has it when nobody else is left', async () => {
    const seen = await looks();
    await wait('a look after the change of hands', async () => (await looks()) > seen);
    const had = await lease();
    const [closing, staying, host] = had === hostOfFirst ? [first, second, hostOfSecond] : [second, first, hostOfFirst];
    await closing.page.context().close();
    // The window that goes leaves a process behind, since it cannot know of others: who comes first has it.
    await wait('the watch taken over', async () => [host, ...watchers()].includes(await lease()));
    for (const pid of watchers()) process.kill(pid, 'SIGKILL');
    await wait('the watch of the other window', async () => (await lease()) === host);
    await follows(staying, 'the window that stays');
    await staying.screenshot('resume-2-other');
    assert.equal(await closed(), false, 'it was under way');
  });

  it('is handed to a process of its own when the server is told to end, which ends with the rollout', async () => {
    const seen = await looks();
    await wait('a look after the change of hands', async () => (await looks()) > seen);
    await first.stopServer();
    assert.equal(await closed(), false, 'it was under way');
    assert.equal(first.extensionHosts().length, 0);
    await wait('a watch of its own', () => Promise.resolve(watchers().length === 1), 10);
    await wait('the end', closed, 120);
    await wait('the end of the watch', () => Promise.resolve(watchers().length === 0), 20);
  });

  it('was done once, by one at a time, and the new version serves everybody', async () => {
    const entries = await log();
    const done = doneKeys(entries).map((key) => key.split('/').slice(3).join('/'));
    assert.deepEqual(done, ['step/0', 'step/1', 'step/2', 'promote']);
    for (const event of ['planned', 'completed', 'watched']) assert.equal(rolloutEvents(entries, event).length, 1, event);
    const names = stepsOf(entries, good.rule);
    for (const name of ['merge', 'rollout', 'watch', 'close'])
      assert.equal(names.filter((one) => one === name).length, name === 'rollout' ? 2 : 1, `${name} in ${names.join()}`);
    // One look after the other: two who watch would look twice within a moment.
    const looked = rolloutEvents(entries, 'looked').map(({ body }) => (body['readings'] as { at: string }[])[0]?.at);
    assert.equal(new Set(looked).size, looked.length);
    const now = await deploy();
    assert.deepEqual([now.weight, now.promoted, now.canary?.digest], [100, true, atStart.canary?.digest]);
    // Told twice or begun anew, a version would be another process.
    assert.deepEqual([now.canary?.pid, now.proxy.pid], [atStart.canary?.pid, atStart.proxy.pid]);
    for (const chain of await chainsOf(folder)) {
      const { code, output } = await run(process.execPath, [cli, 'log', 'verify', chain]);
      assert.equal(code, 0, output);
    }
    await bringDeployDown(folder);
    assert.deepEqual([atStart.canary?.pid ?? 0, atStart.baseline.pid, atStart.proxy.pid].filter(isAlive), []);
  });
});

/**
 * Steps that last longer than a change of hands takes on a slow machine: one that ends without a look is inconclusive, and waits
 * for a person. How long the whole is watched does not count here.
 */
async function changeSteps(folder: string): Promise<void> {
  const file = path.join(folder, '.patchline.json');
  let text = await readFile(file, 'utf8');
  for (const [old, now] of [
    ['"weight": 10, "bakeSeconds": 8', '"weight": 10, "bakeSeconds": 40'],
    ['"weight": 50, "bakeSeconds": 8', '"weight": 50, "bakeSeconds": 25'],
    ['"weight": 100, "bakeSeconds": 4', '"weight": 100, "bakeSeconds": 15'],
    ['"watchSeconds": 10', '"watchSeconds": 3'],
  ] as const) {
    assert.ok(text.includes(old), old);
    text = text.replace(old, now);
  }
  await writeFile(file, text);
  execFileSync('git', ['commit', '--quiet', '--all', '--message', 'Longer steps'], { cwd: folder });
}

async function chainsOf(folder: string): Promise<readonly string[]> {
  const log = path.join(folder, '.git/patchline/log');
  const names = await readdir(log);
  return names.filter((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name)).map((name) => path.join(log, name));
}
