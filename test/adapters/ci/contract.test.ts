import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAllProcesses } from '../../../src/adapters/clients/process';
import { ci as registry } from '../../../src/adapters/registry';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { Change, Ci } from '../../../src/core/ports';
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
  /** How often the check was run. */
  runs(check: 'good' | 'turns'): number;
  /** What must hold after every case. */
  check(): void;
  dispose(): Promise<void>;
}

const document = '<testsuites><testsuite name="s"><testcase name="x"/></testsuite></testsuites>';

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
      runs: (check) => (existsSync(`${file(check)}head`) ? readFileSync(`${file(check)}head`, 'utf8').length : 0),
      check: () => undefined,
      dispose: async () => {
        await killAllProcesses();
        await project.dispose();
      },
    };
  },
};

/** What only GitHub's provider reads. */
const noGitHub = { apiUrl: 'http://127.0.0.1:9', token: () => Promise.resolve(undefined) };

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
      const report = await readUntil(harness.ci, harness.change, ({ outcome }) => outcome === 'successful');
      assert.deepEqual([...report.checks].map(({ name, state, attempt }) => [name, state, attempt]).sort(), [
        ['good', 'successful', 1],
        ['turns', 'successful', 2],
      ]);
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

    it('takes commit ids and nothing else', async () => {
      for (const headCommit of ['HEAD', '--help', '../x', '']) {
        await assert.rejects(harness.ci.read({ ...harness.change, headCommit }), isHumanError, headCommit);
      }
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
