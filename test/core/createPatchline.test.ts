import assert from 'node:assert/strict';
import { createPatchline } from '../../src/core/createPatchline';
import { HumanError, isHumanError } from '../../src/core/errors';
import { identifyFindings } from '../../src/core/findings/identity';
import type { Finding } from '../../src/core/model/finding';
import { stageStates } from '../../src/core/runs/stageStates';
import { codeDraft } from '../support/drafts';
import { makeFinding } from '../support/findings';
import { asRows } from '../support/rowFindings';
import type { World } from '../support/memoryPorts';
import { memoryWorld } from '../support/memoryPorts';

const id = 'pl-0000000000000001';

async function opened(world: World) {
  world.findings = [makeFinding()];
  const app = createPatchline(world.ports);
  await app.importReports();
  return app;
}

describe('createPatchline', () => {
  it('imports, and importing the same again gives 0 new and 0 closed and no entry', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    const entries = world.entries.length;
    const again = await app.importReports();
    assert.deepEqual([again.added, again.closed, again.unchanged, again.total], [0, 0, 1, 1]);
    assert.equal(world.entries.length, entries);
    assert.deepEqual(app.reportNames(), ['reports/eslint.sarif']);
  });

  it('loses no finding for a policy or owners that cannot be read, says so, and refuses what goes by the policy', async () => {
    const world = memoryWorld();
    world.findings = [makeFinding()];
    const words = '.patchline.json:1:34: close brace expected.';
    let broken = true;
    const refuse = () => Promise.reject(new HumanError(words));
    const app = createPatchline({
      ...world.ports,
      policy: () => (broken ? refuse() : world.ports.policy()),
      owners: () => (broken ? Promise.reject(new HumanError('CODEOWNERS is no text.')) : world.ports.owners()),
    });
    const summary = await app.importReports();
    assert.deepEqual([summary.total, app.findings.count], [1, 1]);
    assert.deepEqual(app.triageProblems(), [words, 'CODEOWNERS is no text.']);
    await assert.rejects(app.generateFix(id), isHumanError);
    await assert.rejects(app.prove(id), isHumanError);
    broken = false;
    await app.importReports();
    assert.deepEqual(app.triageProblems(), []);
  });

  it('retired in the middle of a proof, proves and records it all the same, and ends no process', async () => {
    const world = memoryWorld();
    world.findings = [makeFinding()];
    let begun: () => void = () => undefined;
    let end: () => void = () => undefined;
    const proving = new Promise<void>((resolve) => (begun = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    let disposed = false;
    const app = createPatchline({
      ...world.ports,
      prover: {
        async prove(...args) {
          begun();
          await ended;
          return world.ports.prover.prove(...args);
        },
      },
      dispose: () => Promise.resolve(void (disposed = true)),
    });
    await app.importReports();
    const proof = app.prove(id);
    await proving;
    await app.retire();
    const next = createPatchline(world.ports);
    end();
    assert.equal((await proof).outcome, 'successful');
    assert.equal(disposed, false);
    await next.importReports();
    assert.equal((await next.currentProof(id))?.outcome, 'successful');
  });

  it('does not count as new what an earlier session saw, and keeps its first date', async () => {
    const world = memoryWorld();
    const first = await opened(world);
    const detectedAt = first.findings.get(id)?.triage.detectedAt;
    await first.dispose();
    world.now += 86_400_000;
    const second = createPatchline(world.ports);
    const summary = await second.importReports();
    assert.deepEqual([summary.added, second.findings.get(id)?.triage.detectedAt], [0, detectedAt]);
  });

  it('records the same of a finding that is read from its row as of a plain one', async () => {
    const drafts = [codeDraft({ path: 'src/ping.js', more: { detail: { file: '/r.sarif', offset: 1, length: 2 } } })];
    const logs = await Promise.all(
      [asRows(drafts), identifyFindings(drafts)].map(async (findings) => {
        const world = memoryWorld();
        world.findings = findings;
        const app = createPatchline(world.ports);
        await app.importReports();
        for (let i = 0; i < 4; i++) await app.advance(findings[0]?.id ?? '');
        return world.entries;
      }),
    );
    assert.deepEqual(logs[0], logs[1]);
    const begun = logs[0]?.find(({ kind }) => kind === 'run.started')?.body['finding'] as Finding;
    assert.deepEqual([begun.title, begun.description], [drafts[0]?.title, 'the whole of it']);
  });

  it('goes the whole way step by step, and rests at the open pull request', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    const steps: string[] = [];
    for (let i = 0; i < 6; i++) {
      const gate = await app.advance(id);
      steps.push('next' in gate ? gate.next : gate.rests);
    }
    const rest = 'Pull request #1 is open: waiting for its build and review.';
    assert.deepEqual(steps, ['patch', 'test', 'proof', 'pull-request', rest, rest]);
    const run = app.runs.forFinding(id) ?? assert.fail('no run');
    assert.deepEqual(
      run.steps.map((step) => `${step.stage}/${step.name}: ${step.outcome} by ${step.by}`),
      [
        'detection/finding: successful by Ada <ada@example.org>',
        'triage/triage: successful by Ada <ada@example.org>',
        'generation/patch: successful by Ada <ada@example.org>',
        'generation/test: successful by Ada <ada@example.org>',
        'generation/proof: successful by Ada <ada@example.org>',
        'build/pull-request: waiting by Ada <ada@example.org>',
      ],
    );
    assert.deepEqual(
      stageStates(run).map(({ stage, state }) => `${stage} ${state}`),
      [
        'detection successful',
        'triage successful',
        'generation successful',
        'build waiting',
        'testing not-reached',
        'approval not-reached',
        'rollout not-reached',
        'monitoring not-reached',
      ],
    );
    assert.equal(run.state, 'waiting');
    assert.deepEqual(world.commits[0]?.files, {
      'src/ping.js': 'good();\n',
      'test/ping.test.js': "it('bad is not called', () => {});\n",
    });
    assert.match(world.commits[0]?.message ?? '', /Patchline-Finding: pl-0000000000000001/);
  });

  it('opens one pull request however often it is asked, and records it once', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    await app.prove(id);
    await app.openPullRequest(id);
    await app.openPullRequest(id);
    assert.equal(world.pullRequests.length, 1);
    assert.equal(app.runs.forFinding(id)?.steps.filter((step) => step.name === 'pull-request').length, 1);
  });

  it('plans the test from the weak code, also when the fix is applied already', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    const patch = await app.generateFix(id);
    assert.ok(!('noFix' in patch));
    await app.acceptPatch(patch);
    world.files.set('src/ping.js', 'good();\n');
    await app.generateTest(id);
    assert.equal(world.plannedFrom, 'bad();\n');
  });

  it('shows the writer the tests of other runs, so that two pull requests never add the same file', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    await app.advance(id);
    await app.advance(id);
    world.findings = [
      makeFinding(),
      makeFinding({ id: 'pl-0000000000000002', locations: [{ path: 'src/ping.js', startLine: 9 }] }),
    ];
    await app.importReports();
    await app.generateTest('pl-0000000000000002');
    assert.deepEqual(world.taken, ['test/ping.test.js']);
    await app.generateTest(id);
    assert.deepEqual(world.taken, []);
  });

  it('opens none for a fix whose proof failed, and goes on after a new patch', async () => {
    const world = memoryWorld();
    world.proofOutcome = 'failed';
    const app = await opened(world);
    await app.prove(id);
    await assert.rejects(app.openPullRequest(id), isHumanError);
    assert.deepEqual(await app.advance(id), { rests: 'The proof failed: the fix does not do what it claims.', ok: false });
    assert.equal(app.runs.forFinding(id)?.state, 'failed');
    const patch = (await app.currentPatch(id)) ?? assert.fail('no patch');
    await app.acceptPatch({
      ...patch,
      changes: patch.changes.map((change) => ({ path: change.path, before: change.before, after: 'better();\n' })),
    });
    world.proofOutcome = 'successful';
    assert.deepEqual(await app.advance(id), { next: 'proof' });
    assert.equal((await app.currentProof(id))?.outcome, 'successful');
  });

  it('never takes could-not-check for green', async () => {
    const world = memoryWorld();
    world.proofOutcome = 'error';
    const app = await opened(world);
    await app.prove(id);
    assert.deepEqual(await app.advance(id), {
      rests: 'The proof could not be made, and could-not-check is never green.',
      ok: false,
    });
  });

  it('does not use the proof of another patch for the pull request', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    await app.prove(id);
    const patch = (await app.currentPatch(id)) ?? assert.fail('no patch');
    await app.acceptPatch({
      ...patch,
      changes: patch.changes.map((change) => ({ path: change.path, before: change.before, after: 'other();\n' })),
    });
    const { body } = await app.openPullRequest(id);
    assert.match(body, /no proof was run/);
  });

  it('records the whole finding where its report was kept in short', async () => {
    const world = memoryWorld();
    world.findings = [makeFinding({ detail: { file: 'big.sarif', offset: 1, length: 2 } })];
    const app = createPatchline(world.ports);
    await app.importReports();
    await app.advance(id);
    assert.equal(app.runs.forFinding(id)?.finding.description, 'the whole of it');
  });

  it('says why there is no fix', async () => {
    const world = memoryWorld();
    world.findings = [makeFinding({ ruleId: 'hopeless' })];
    const app = createPatchline(world.ports);
    await app.importReports();
    await assert.rejects(app.advance(id), { message: 'No fix, because it is hopeless.' });
  });

  it('runs nothing in Restricted Mode, but imports and shows', async () => {
    const world = memoryWorld();
    world.mayRun = false;
    const app = await opened(world);
    assert.equal(app.findings.count, 1);
    for (const refused of [app.generateFix(id), app.prove(id), app.openPullRequest(id)])
      await assert.rejects(refused, isHumanError);
  });

  it('keeps owners out of the chain and puts them back from the payload', async () => {
    const world = memoryWorld();
    const app = await opened(world);
    await app.advance(id);
    assert.deepEqual(app.runs.forFinding(id)?.finding.triage.owners, ['@acme/core']);
    assert.doesNotMatch(JSON.stringify(world.entries.map((entry) => entry.body)), /@acme/);
  });
});
