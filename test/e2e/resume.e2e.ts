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
 * A rollout whose window crashes, is closed, or has a second one beside it. Each begins with the same approved patch, at the same
 * place, so that nothing has to be proven twice.
 */
describe('a rollout outlives what watches it', function () {
  this.timeout(240_000);
  let temporary: string;
  let cli: string;
  let folder: string;
  let approved: string;
  let window: EditorWindow | undefined;

  const opened = (): EditorWindow => window ?? assert.fail('no window is open');
  const log = () => readLog(folder);
  const closed = async () => stepsOf(await log(), good.rule).includes('close');
  const deploy = async () => JSON.parse(await readFile(path.join(folder, '.deploy/state.json'), 'utf8')) as Deploy;
  const weight = async () => (existsSync(path.join(folder, '.deploy/state.json')) ? (await deploy()).weight : 0);
  /** Nobody's between the end of one holder and the beginning of the next. */
  const lease = async () => {
    const text = await readFile(path.join(folder, '.git/patchline/leases/watch.lease'), 'utf8').catch(() => '{"pid":0}');
    return (JSON.parse(text === '' ? '{"pid":0}' : text) as { pid: number }).pid;
  };
  const wait = async (what: string, seen: () => Promise<boolean>, seconds = 60) => {
    const deadline = Date.now() + seconds * 1000;
    while (!(await seen())) {
      assert.ok(Date.now() < deadline, `${what}: not seen within ${seconds} s`);
      await new Promise((next) => setTimeout(next, 100));
    }
  };
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
    approved = path.join(temporary, 'approved');
    await copySample('orders-service', folder, { packages: true });
    await shortenWatch(folder);
    const imported = await patchline('import', ...good.reports);
    const finding = (imported.findings ?? []).find(
      ({ ruleId, locations }) => ruleId === good.rule && locations[0]?.path === good.path,
    );
    const until = ['--until', 'approved', '--approve-as', good.reviewer];
    const { outcome } = await patchline('run', '--finding', finding?.id ?? assert.fail('the finding'), ...until);
    assert.equal(outcome, 'approved');
    await cp(folder, approved, { recursive: true, verbatimSymlinks: true });
  });
  beforeEach(async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await cp(approved, folder, { recursive: true, verbatimSymlinks: true });
    window = await openWindow({ folder });
    await window.openContainer('Patchline');
    await window.until('the patch', async () => (await opened().rows('Patches')).length > 0, 60);
  });

  async function start(): Promise<Deploy> {
    const window = opened();
    await window.runCommand('Patchline: Start Rollout');
    const button = window.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Merge and Start Rollout' });
    await button.click({ timeout: 60_000 });
    await wait('10 % of the traffic', async () => (await weight()) === 10);
    return deploy();
  }
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window?.keepForFailure(this.currentTest.title).catch(() => undefined);
    await window?.close();
    window = undefined;
    // A watch whose rollout never ends, in a test that failed, would stay for ever.
    if (this.currentTest?.state === 'failed') for (const pid of watchers()) process.kill(pid, 'SIGTERM');
    await wait('the end of every watch', () => Promise.resolve(watchers().length === 0), 30);
    await bringDeployDown(folder);
  });
  after(async () => {
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

  /** The end of every one of these: all was done once, by one at a time, and the new version serves everybody. */
  async function assertDoneOnce(before: Deploy): Promise<void> {
    const entries = await log();
    const done = doneKeys(entries).map((key) => key.split('/').slice(3).join('/'));
    assert.deepEqual(done, ['step/0', 'step/1', 'step/2', 'promote']);
    for (const event of ['planned', 'completed', 'watched']) assert.equal(rolloutEvents(entries, event).length, 1, event);
    const names = stepsOf(entries, good.rule);
    for (const name of ['merge', 'rollout', 'watch', 'close'])
      assert.equal(names.filter((one) => one === name).length, name === 'rollout' ? 2 : 1, `${name} in ${names.join()}`);
    // One look after the other: two who watch would look twice within a moment.
    const looks = rolloutEvents(entries, 'looked').map(({ body }) => (body['readings'] as { at: string }[])[0]?.at);
    assert.equal(new Set(looks).size, looks.length);
    const now = await deploy();
    assert.deepEqual([now.weight, now.promoted, now.canary?.digest], [100, true, before.canary?.digest]);
    // Told twice or begun anew, a version would be another process.
    assert.deepEqual([now.canary?.pid, now.proxy.pid], [before.canary?.pid, before.proxy.pid]);
    for (const chain of await chainsOf(folder)) {
      const { code, output } = await run(process.execPath, [cli, 'log', 'verify', chain]);
      assert.equal(code, 0, output);
    }
  }

  it('goes on after its extension host was killed in the middle of a step', async () => {
    const before = await start();
    const [host = assert.fail('no extension host')] = opened().extensionHosts();
    await wait('a look', async () => rolloutEvents(await log(), 'looked').length > 0);
    process.kill(host, 'SIGKILL');
    await wait(
      'another extension host',
      () =>
        Promise.resolve(
          opened()
            .extensionHosts()
            .some((pid) => pid !== host),
        ),
      30,
    );
    await wait(
      'the watch taken over',
      async () =>
        opened()
          .extensionHosts()
          .includes(await lease()),
      30,
    );
    await opened().until('the rollout in the status bar', async () =>
      (await opened().statusBar()).some((text) => /orders: step/.test(text)),
    );
    await opened().screenshot('resume-1-back');
    await wait('the end', closed, 90);
    assert.deepEqual(watchers(), []);
    await assertDoneOnce(before);
  });

  it('is watched by one of two windows, and by another when that one is closed', async () => {
    const second = await opened().another();
    await wait('two extension hosts', () => Promise.resolve(opened().extensionHosts().length === 2), 30);
    try {
      const before = await start();
      await second.until('the rollout in the other window', async () =>
        (await second.statusBar()).some((text) => /orders: step/.test(text)),
      );
      const first = await lease();
      assert.ok(opened().extensionHosts().includes(first), 'one of the two has the watch');
      await opened().page.context().close();
      await second.screenshot('resume-2-second');
      await wait('the end', closed, 90);
      await assertDoneOnce(before);
    } catch (error) {
      await second.keepForFailure('the second window');
      throw error;
    } finally {
      await second.close();
    }
  });

  it('is handed to a process of its own when the server is told to end, which ends with the rollout', async () => {
    const before = await start();
    await opened().stopServer();
    assert.equal(await closed(), false, 'it was under way');
    assert.equal(opened().extensionHosts().length, 0);
    await wait('a watch of its own', () => Promise.resolve(watchers().length === 1), 10);
    await wait('the end', closed, 90);
    await assertDoneOnce(before);
    await wait('the end of the watch', () => Promise.resolve(watchers().length === 0), 20);
    await bringDeployDown(folder);
    assert.deepEqual([before.canary?.pid ?? 0, before.baseline.pid, before.proxy.pid].filter(isAlive), []);
  });
});

/**
 * What counts here is who watches, not for how long: the time after 100 % is cut short. The first step lasts longer than a change
 * of hands takes on a slow machine: a step that ends without a look is inconclusive, and waits for a person.
 */
async function shortenWatch(folder: string): Promise<void> {
  const file = path.join(folder, '.patchline.json');
  const text = await readFile(file, 'utf8');
  const short = text
    .replace('"watchSeconds": 10', '"watchSeconds": 3')
    .replace('"weight": 10, "bakeSeconds": 8', '"weight": 10, "bakeSeconds": 20');
  assert.match(short, /"bakeSeconds": 20[^]*"watchSeconds": 3/);
  await writeFile(file, short);
  execFileSync('git', ['commit', '--quiet', '--all', '--message', 'Watch for a shorter time'], { cwd: folder });
}

async function chainsOf(folder: string): Promise<readonly string[]> {
  const log = path.join(folder, '.git/patchline/log');
  const names = await readdir(log);
  return names.filter((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name)).map((name) => path.join(log, name));
}
