import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePolicy } from '../../src/core/policy/parsePolicy';
import { isAlive, npmProgram, run } from '../vscode/processes.mjs';
import { bringDeployDown, copySample } from '../vscode/sample.mjs';
import { scenarios } from './scenarios.mjs';

interface Status {
  readonly weight: number;
  readonly digest?: string;
  readonly healthy?: boolean;
  readonly up: boolean;
  readonly port: number;
  readonly sent: { readonly canary: number; readonly baseline: number };
}

/**
 * The sample's own rollout with real processes, each test where the one before ended: the old version is the last commit, the new
 * one is packed with the bad fix.
 */
describe('the rollout of the sample project', function () {
  this.timeout(120_000);
  let temporary: string;
  let project: string;
  let artifact: string;
  let digest: string;
  let port: number;
  const everStarted = new Set<number>();

  before(async () => {
    temporary = realpathSync(mkdtempSync(path.join(tmpdir(), 'patchline-deploy-')));
    project = path.join(temporary, 'orders-service');
    await copySample('orders-service', project, { packages: true });
    const version = path.join(temporary, 'version');
    const keep = (file: string): boolean => !/[\\/](node_modules|\.git)$/.test(file);
    cpSync(project, version, { recursive: true, filter: keep });
    applyPreparedFix(version);
    const packed = await run(process.execPath, [npmProgram(), 'pack', '--silent', '--ignore-scripts'], { cwd: version });
    assert.equal(packed.code, 0, packed.output);
    artifact = path.join(version, 'orders-service-1.4.0.tgz');
    digest = `sha256:${createHash('sha256').update(readFileSync(artifact)).digest('hex')}`;
  });
  after(async () => {
    await bringDeployDown(project);
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  });

  async function call(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const all = { ...process.env, ORDERS_DEPLOY_TTL: '120', PATCHLINE_ARTIFACT: artifact, PATCHLINE_DIGEST: digest, ...env };
    const { code, output } = await run(process.execPath, [`deploy/${script}.js`, ...args], { cwd: project, env: all });
    return { code, output: output.trim() };
  }
  async function done(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const { code, output } = await call(script, args, env);
    assert.equal(code, 0, `${script}: ${output}`);
    return output;
  }
  const step = (weight: number, action = 'step') =>
    done('step', ['--port', '0', '--rate', '1'], { PATCHLINE_ACTION: action, PATCHLINE_WEIGHT: String(weight) });
  const status = async () => JSON.parse(await done('status')) as Status;
  function pids(): readonly number[] {
    const running = readdirSync(path.join(project, '.deploy/pids')).map(Number);
    for (const pid of running) everStarted.add(pid);
    return running;
  }

  /** Sends requests one after the other: who answered, and how many answers were errors of the server. */
  async function ask(route: string, count: number) {
    const seen = { canary: 0, baseline: 0, errors: 0 };
    for (let i = 0; i < count; i++) {
      const response = await fetch(`http://127.0.0.1:${port}${route}`);
      await response.arrayBuffer();
      seen[response.headers.get('x-orders-side') === 'canary' ? 'canary' : 'baseline'] += 1;
      if (response.status >= 500) seen.errors += 1;
    }
    return seen;
  }

  it('brings up what is missing at the first step, and gives the new version its share', async () => {
    assert.deepEqual(JSON.parse(await done('status')), { weight: 0, up: false });
    assert.match(await done('rollback'), /nothing runs/);
    await step(10);
    const first = await status();
    port = first.port;
    assert.deepEqual([first.weight, first.digest, first.healthy], [10, digest, true]);
    const tenth = await ask('/catalogue', 200);
    // An even spread has its share in every stretch: 20, give or take one, and one more for a request of the load.
    assert.ok(Math.abs(tenth.canary - 20) <= 2, `${tenth.canary} of 200`);
    assert.equal(tenth.errors, 0);
    const started = pids();
    await step(10);
    assert.deepEqual(pids(), started, 'told twice it is as once');
  });

  it('does not start what is not the artifact, says so, and leaves the traffic as it is', async () => {
    const wrong = `sha256:${'0'.repeat(64)}`;
    const { code, output } = await call('step', ['--port', '0'], { PATCHLINE_WEIGHT: '50', PATCHLINE_DIGEST: wrong });
    assert.equal(code, 1);
    assert.match(output, /is sha256:[0-9a-f]{64}, not sha256:0{64}: it is not started/);
    assert.equal((await call('step', ['--port', '0'])).code, 1, 'a step without a weight');
    const { weight, digest: served, healthy } = await status();
    assert.deepEqual({ weight, served, healthy }, { weight: 10, served: digest, healthy: true });
  });

  it('starts again what died', async () => {
    const state = JSON.parse(readFileSync(path.join(project, '.deploy/state.json'), 'utf8')) as Record<string, { pid: number }>;
    const died = [state['canary']?.pid ?? 0, state['baseline']?.pid ?? 0];
    for (const pid of died) process.kill(pid, 'SIGKILL');
    while (died.some(isAlive)) await new Promise((next) => setTimeout(next, 20));
    assert.equal((await status()).healthy, false);
    await step(50);
    assert.equal((await status()).healthy, true);
    const half = await ask('/orders/search?items=mouse', 100);
    assert.ok(Math.abs(half.canary - 50) <= 2, `${half.canary} of 100`);
    assert.equal(half.errors, 0, 'the bad fix answers one item');
  });

  it('rehearses the way back beside the traffic', async () => {
    const output = await done('rehearse');
    assert.match(output, /^The way back works: (1|2)\d of 40 requests went to the new version before, none of 40 after\.$/);
    assert.equal((await status()).weight, 50);
  });

  it('shows the bad fix as errors of the new version alone', async () => {
    await step(100, 'promote');
    assert.deepEqual(await ask('/orders/search?items=mouse,lamp', 10), { canary: 10, baseline: 0, errors: 10 });
    const metrics = async (side: string) => (await fetch(`http://127.0.0.1:${port}/${side}/metrics`)).text();
    assert.match(await metrics('canary'), /^http_request_errors_total\{route="GET \/orders\/search"\} [1-9]/m);
    assert.doesNotMatch(await metrics('baseline'), /^http_request_errors_total\S* [1-9]/m);
  });

  it('takes it back, also twice', async () => {
    await done('rollback');
    await done('rollback');
    const { weight, digest: served, healthy, port: same } = await status();
    assert.deepEqual({ weight, served, healthy, same }, { weight: 0, served: undefined, healthy: true, same: port });
    assert.deepEqual(await ask('/orders/search?items=mouse,lamp', 10), { canary: 0, baseline: 10, errors: 0 });
    assert.equal((await fetch(`http://127.0.0.1:${port}/canary/metrics`)).status, 503);
  });

  it('has a load that ends after its time or its requests', async () => {
    const load = (...args: string[]) => done('load', ['--url', `http://127.0.0.1:${port}`, '--rate', '100', ...args]);
    const some = JSON.parse(await load('--seconds', '30', '--count', '60')) as Record<string, number>;
    assert.deepEqual(some, { sent: 60, answered: 60, errors: 0, unreachable: 0 });
    assert.ok((JSON.parse(await load('--seconds', '0.5')) as { sent: number }).sent <= 60);
  });

  it('leaves nothing running', async () => {
    assert.ok(pids().filter(isAlive).length >= 3);
    await done('down');
    assert.deepEqual([...everStarted].filter(isAlive), []);
    assert.ok(!existsSync(path.join(project, '.deploy')));
  });

  it('ends by itself when nobody asks any more', async () => {
    await done('up', ['--port', '0', '--load', '--rate', '5'], { ORDERS_DEPLOY_TTL: '10' });
    const started = pids();
    assert.equal(started.length, 3);
    const long = new Date(Date.now() - 60_000);
    utimesSync(path.join(project, '.deploy/alive'), long, long);
    const deadline = Date.now() + 20_000;
    while (started.some(isAlive) && Date.now() < deadline) await new Promise((next) => setTimeout(next, 100));
    assert.deepEqual(started.filter(isAlive), []);
  });

  it('is what the policy says, with a port of its own in each copy', () => {
    const text = readFileSync(path.join(project, '.patchline.json'), 'utf8');
    assert.doesNotMatch(text, /7311/);
    const policy = parsePolicy(text);
    const service = policy.rollout?.services[0] ?? assert.fail('no service');
    const port = service.commands?.step.at(-1);
    assert.ok(port !== undefined && /^\d+$/.test(port));
    const urls = service.metrics.flatMap((metric) => [
      metric.canary['url'],
      ...(metric.baseline ? [metric.baseline['url']] : []),
    ]);
    for (const url of urls)
      assert.match(url ?? '', new RegExp(`^http://127\\.0\\.0\\.1:${port}/(canary|baseline)/(metrics|healthz)$`));
    for (const command of Object.values(service.commands ?? {})) {
      if (Array.isArray(command)) assert.ok(statSync(path.join(project, String(command[1]))).isFile());
    }
    for (const { reviewer } of Object.values(scenarios)) assert.ok(policy.approval?.demo?.includes(reviewer));
  });
});

/** What the prepared report suggests, carried out by hand. */
function applyPreparedFix(folder: string): void {
  const { deletedRegion: region, insertedContent } = preparedReplacement(folder);
  const file = path.join(folder, 'src/search.js');
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines[region.startLine - 1] ?? assert.fail('the place of the fix');
  lines[region.startLine - 1] = line.slice(0, region.startColumn - 1) + insertedContent.text + line.slice(region.endColumn - 1);
  writeFileSync(file, lines.join('\n'));
}

function preparedReplacement(folder: string) {
  const log = JSON.parse(readFileSync(path.join(folder, 'reports/prepared-review.sarif'), 'utf8')) as {
    runs: { results: { fixes: { artifactChanges: { replacements: Replacement[] }[] }[] }[] }[];
  };
  return log.runs[0]?.results[0]?.fixes[0]?.artifactChanges[0]?.replacements[0] ?? assert.fail('no suggested fix');
}

interface Replacement {
  readonly deletedRegion: { readonly startLine: number; readonly startColumn: number; readonly endColumn: number };
  readonly insertedContent: { readonly text: string };
}
