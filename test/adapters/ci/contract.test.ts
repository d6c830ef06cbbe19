import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAllProcesses } from '../../../src/adapters/clients/process';
import { ci as registry } from '../../../src/adapters/registry';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { Change, Ci } from '../../../src/core/ports';
import type { SeedRun } from '../../support/githubDelivery';
import { GitHubServer } from '../../support/githubServer';
import { makeZip } from '../../support/zip';
import { CheckedProject, hasEnded, readUntil } from '../../support/checkedProject';

/**
 * The world behind a provider: a change whose head has the checks `good`, which passes, and `turns`, which fails until `mend` was
 * called and then passes when it is run again. `good` leaves a JUnit document on head and base.
 */
interface Harness {
  readonly ci: Ci;
  readonly change: Change;
  /** From now on `turns` passes. */
  mend(): void;
  /** What a service does by itself once it was asked to run again. */
  afterRerun(): void;
  /** How often the check was run. */
  runs(check: 'good' | 'turns'): number;
  /** What must hold after every case. */
  check(): void;
  dispose(): Promise<void>;
}

const document = '<testsuites><testsuite name="s"><testcase name="x"/></testsuite></testsuites>';

/** Each provider takes the options of all, and looks at its own. */
const noGitHub = { apiUrl: 'http://127.0.0.1:9', token: () => Promise.resolve(undefined) };
const noLocal = {
  dataFolder: '',
  cache: '',
  npm: () => undefined,
  mayRun: () => false,
  clock: { now: () => Date.UTC(2026, 0, 5, 9) },
};

const harnesses: Readonly<Record<string, () => Promise<Harness>>> = {
  local: async () => {
    const project = new CheckedProject();
    const file = (name: string): string => join(project.dataFolder, name);
    const script = (name: string, more: string): readonly string[] => [
      'node',
      '-e',
      `const fs = require('fs'); const side = fs.readFileSync('side', 'utf8'); fs.appendFileSync(${JSON.stringify(file(name))} + side, 'x'); ${more}`,
    ];
    project.commit({ side: 'base' }, { side: 'head' });
    const options = project.options({
      jobs: [
        { name: 'good', command: script('good', `fs.writeFileSync('good.xml', '${document}')`), junit: ['good.xml'] },
        { name: 'turns', command: script('turns', `process.exit(fs.existsSync(${JSON.stringify(file('mended'))}) ? 0 : 1)`) },
      ],
    });
    const entry = registry['local'];
    assert.ok(entry);
    return {
      ci: entry.create({ ...noGitHub, ...options }),
      change: project.change,
      mend: () => writeFileSync(file('mended'), ''),
      afterRerun: () => undefined,
      runs: (check) => (existsSync(`${file(check)}head`) ? readFileSync(`${file(check)}head`, 'utf8').length : 0),
      check: () => assert.equal(project.repo.git('status', '--porcelain'), ''),
      dispose: async () => {
        await killAllProcesses();
        await project.dispose();
      },
    };
  },
  'github-actions': async () => {
    const server = await GitHubServer.start();
    const { delivery } = server;
    server.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    const seed = (branch: string): string => {
      const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
      const commit = server.git('-c', 'user.name=R', '-c', 'user.email=r@x', 'commit-tree', emptyTree, '-m', branch);
      server.git('update-ref', `refs/heads/${branch}`, commit);
      return commit;
    };
    const [baseCommit, headCommit] = [seed('main'), seed('fix')];
    server.openPull('fix', 'main', 'fix');
    const run: SeedRun = { id: 10, sha: headCommit, suite: 10, conclusion: 'failure' };
    delivery.runs.push(run, { id: 20, sha: baseCommit, suite: 20 });
    delivery.checkRuns.push(
      { sha: headCommit, name: 'good', suite: 10 },
      { sha: headCommit, name: 'turns', suite: 10, conclusion: 'failure' },
    );
    for (const id of [10, 20])
      delivery.artifacts.push({ id, run: id, name: 'junit', zip: makeZip([{ name: 'good.xml', content: document }]) });
    for (const id of [1, 2]) delivery.logs.set(id, 'said');
    const entry = registry['github-actions'];
    assert.ok(entry);
    let mended = false;
    return {
      ci: entry.create({
        ...noLocal,
        root: '/workspace',
        apiUrl: server.apiUrl,
        repository: `${server.owner}/${server.name}`,
        token: () => Promise.resolve(server.token),
        secondMs: 5,
        paceAs: randomUUID(),
        paceWrites: false,
      }),
      change: { run: 'r', number: 1, branch: 'fix', base: 'main', headCommit, baseCommit, diffHash: 'd' },
      mend: () => {
        mended = true;
      },
      afterRerun: () => {
        Object.assign(run, { status: 'completed', conclusion: mended ? 'success' : 'failure' });
        delivery.checkRuns.push({ sha: headCommit, name: 'turns', suite: 10, conclusion: mended ? 'success' : 'failure' });
      },
      runs: (check) => delivery.checkRuns.filter(({ name }) => name === check).length,
      check: () => assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description"),
      dispose: () => server.stop(),
    };
  },
};

describe('every checks provider', () => {
  it('of the registry has a harness here', () => {
    assert.deepEqual(Object.keys(registry).sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, start] of Object.entries(harnesses)) {
  describe(`checks ${id}`, function () {
    this.timeout(240_000);
    let harness: Harness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(async () => {
      await harness.ci.cancel(harness.change);
      await harness.dispose();
    });

    const end = () => readUntil(harness.ci, harness.change, hasEnded);

    it('reads the checks of the head, each by the attempt that counts, and runs nothing twice', async () => {
      const report = await end();
      assert.deepEqual([report.provider, report.commit, report.outcome], [id, harness.change.headCommit, 'failed']);
      assert.ok(!Number.isNaN(Date.parse(report.readAt)));
      assert.deepEqual([...report.checks].map(({ name, state, attempt }) => [name, state, attempt]).sort(), [
        ['good', 'successful', 1],
        ['turns', 'failed', 1],
      ]);
      for (const { startedAt, completedAt } of report.checks)
        assert.ok(Date.parse(startedAt ?? '') <= Date.parse(completedAt ?? ''));
      await harness.ci.read(harness.change);
      assert.deepEqual([harness.runs('good'), harness.runs('turns')], [1, 1]);
      harness.check();
    });

    it('runs again what failed, and only that', async () => {
      await end();
      harness.mend();
      await harness.ci.rerunFailed(harness.change);
      harness.afterRerun();
      const report = await readUntil(harness.ci, harness.change, ({ outcome }) => outcome === 'successful');
      assert.deepEqual(report.checks.map(({ name, state }) => [name, state]).sort(), [
        ['good', 'successful'],
        ['turns', 'successful'],
      ]);
      assert.equal(report.checks.find(({ name }) => name === 'turns')?.attempt, 2);
      assert.deepEqual([harness.runs('good'), harness.runs('turns')], [1, 2]);
      harness.check();
    });

    it('gives logs of its own checks and of no others', async () => {
      const report = await end();
      for (const { id: check, hasLog } of report.checks)
        if (hasLog) assert.equal(typeof (await harness.ci.log(harness.change, check)), 'string');
      for (const other of ['', '../record', 'no-such-check']) {
        assert.equal(await harness.ci.log(harness.change, other).catch(askedWrongly), undefined, other);
      }
    });

    it('gives the test documents of head and base', async () => {
      await end();
      for (const side of ['head', 'base'] as const) {
        const documents = await harness.ci.testDocuments(harness.change, side);
        assert.deepEqual(
          documents.map(({ text }) => text),
          [document],
          side,
        );
        assert.ok(documents.every(({ name }) => name !== ''));
      }
      harness.check();
    });

    it('stops when it is cancelled, and cancelling twice is as once', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(harness.ci.read(harness.change, { signal }), isCancelled);
      await assert.rejects(harness.ci.rerunFailed(harness.change, { signal }), isCancelled);
      await assert.rejects(harness.ci.testDocuments(harness.change, 'head', { signal }), isCancelled);
      await harness.ci.cancel(harness.change);
      await harness.ci.cancel(harness.change);
      harness.check();
    });

    it('says what it is', () => {
      assert.equal(harness.ci.id, id);
      assert.equal(registry[id]?.provider.id, id);
      assert.match(harness.ci.url, /^https:/);
      assert.ok(harness.ci.capabilities.includes('checks'));
    });
  });
}

/** An id that the provider cannot have given may be refused in words. */
function askedWrongly(error: unknown): undefined {
  assert.ok(isHumanError(error), String(error));
  return undefined;
}
