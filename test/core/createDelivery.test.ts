import assert from 'node:assert/strict';
import { createPatchline } from '../../src/core/createPatchline';
import { isHumanError } from '../../src/core/errors';
import type { Policy } from '../../src/core/model/policy';
import type { Patchline } from '../../src/core/patchline';
import { makeFinding } from '../support/findings';
import { junitOf } from '../support/memoryDelivery';
import type { World } from '../support/memoryPorts';
import { memoryWorld } from '../support/memoryPorts';

const id = 'pl-0000000000000001';
const demo = 'Demo Reviewer (made up) <demo@patchline.invalid>';
const policy: Policy = {
  approval: { people: { low: 1, medium: 1, high: 1 }, demo: [demo] },
  rollout: {
    services: [
      {
        name: 'orders',
        provider: 'command',
        strategy: {
          kind: 'canary',
          steps: [
            { weight: 10, bakeSeconds: 60 },
            { weight: 50, bakeSeconds: 60 },
          ],
        },
        commands: { step: ['step'], rollback: ['back'] },
        metrics: [
          {
            name: 'errors',
            kind: 'ratio',
            provider: 'scrape',
            canary: { side: 'new' },
            baseline: { side: 'old' },
            threshold: { max: 0.2 },
          },
        ],
        lookSeconds: 10,
        watchSeconds: 30,
      },
    ],
  },
};

describe('the second half of the way', () => {
  let world: World;
  let app: Patchline;

  beforeEach(async () => {
    world = memoryWorld();
    world.policy = policy;
    world.findings = [makeFinding()];
    app = createPatchline(world.ports);
    await app.importReports();
    await app.prove(id);
    await app.openPullRequest(id);
  });
  afterEach(() => app.dispose());

  const steps = () => app.runs.forFinding(id)?.steps.map(({ name, outcome }) => `${name} ${outcome}`) ?? [];

  async function approve(): Promise<void> {
    const found = (await app.delivery.approvers(id)).find(({ by }) => by === demo);
    await app.delivery.approve(id, found ?? assert.fail('no demo reviewer'));
  }

  /** Lets time pass as the controller asks. */
  async function follow(again: Patchline = app): Promise<void> {
    for (let turns = 0; turns < 200; turns++) {
      const { nextAt } = await again.delivery.tick({ rolloutsOnly: true });
      if (nextAt === undefined) return;
      world.now = Math.max(world.now, nextAt);
    }
    assert.fail('the rollout never ends');
  }

  it('goes from checks to a closed run, each step once', async () => {
    const state = await app.delivery.refresh(id);
    assert.equal(state.ci?.outcome, 'successful');
    assert.equal(state.tests?.regression, 'passed');
    assert.equal(state.artifact?.reproducibility.verdict, 'reproducible');
    assert.match(state.waitsFor, /approve|approval/i);
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    assert.equal(world.delivery.weight, 10);
    assert.equal(app.delivery.active()[0]?.attention, 'progressing');
    await follow();
    assert.equal(world.delivery.weight, 100);
    assert.deepEqual(steps().slice(5), [
      'pull-request waiting',
      'checks successful',
      'test-report successful',
      'artifact successful',
      'approval waiting',
      'approval successful',
      'merge successful',
      'rollout waiting',
      'rollout successful',
      'watch successful',
      'close closed',
    ]);
    assert.equal(world.delivery.builds, 1, 'the merge has the same tree, so nothing is built again');
    assert.deepEqual(app.delivery.active(), []);
    assert.equal((await app.delivery.metrics()).ended.deployed, 1);
    assert.match(await app.delivery.releaseNotes(id), /merged as/);
  });

  it('takes a bad version back, reverts it and opens the finding again; the next attempt supersedes this one', async () => {
    await app.delivery.refresh(id);
    await approve();
    world.delivery.errors = 40;
    await app.delivery.startRollout(id);
    await follow();
    assert.equal(world.delivery.weight, 0);
    assert.deepEqual(steps().slice(-3), ['rollout failed', 'revert waiting', 'reopened failed']);
    const revert = world.pullRequests[1] ?? assert.fail('no revert');
    assert.match(revert.branch, /revert/);
    assert.match(revert.body, /40/);
    assert.ok(world.entries.some(({ kind }) => kind === 'finding.reopened'));
    assert.match(await app.delivery.postMortem(id), /Measurements[\s\S]*errors/);
    // A report that was made with the fix in the files no longer lists it; production has the flaw all the same.
    const detected = app.findings.get(id)?.triage.detectedAt;
    world.findings = [];
    await app.importReports();
    assert.equal(app.findings.get(id)?.triage.detectedAt, detected, 'its clock runs on');
    await app.prove(id);
    assert.deepEqual(
      app.runs.all().map(({ id: run, state }) => `${run} ${state}`),
      [`${id}-1 superseded`, `${id}-2 active`],
    );
  });

  it('goes on where a crash left it, and tells the provider nothing twice', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    world.now += 5000;
    await app.delivery.tick({ rolloutsOnly: true });
    // Another process over the same log; the first one is gone without a word, and its lease with it.
    world.delivery.watchedBy = undefined;
    const second = createPatchline(world.ports);
    await second.importReports();
    await follow(second);
    assert.equal(second.runs.forFinding(id)?.state, 'closed');
    assert.equal(new Set(world.delivery.acts).size, world.delivery.acts.length);
    assert.ok(world.delivery.acts.every((act) => !act.endsWith('again')));
    await second.dispose();
  });

  it('leaves the acting to whoever holds the watch, and its word reaches them by the log', async () => {
    await app.delivery.refresh(id);
    await approve();
    world.delivery.watchedBy = 'process 1';
    const state = await app.delivery.startRollout(id);
    assert.equal(state.phase, 'planned');
    assert.deepEqual(world.delivery.acts, []);
    assert.equal((await app.delivery.tick()).held, true);
  });

  it('does not close by itself what the watch could not judge: a person does, and it says so', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    world.delivery.silentAt = 100;
    await follow();
    assert.deepEqual(steps().slice(-2), ['rollout successful', 'watch inconclusive']);
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /no clear verdict/);
    assert.deepEqual(app.delivery.state(id)?.actions, ['promote', 'roll-back']);
    await app.delivery.promote(id);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  it('lets go of the watch when it ends, so that the next takes over at once', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    assert.equal(world.delivery.watchedBy, 'us');
    await app.dispose();
    assert.equal(world.delivery.watchedBy, undefined);
  });

  it('pauses, resumes, promotes and rolls back by hand, and says who did', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    assert.equal((await app.delivery.pause(id, 'lunch')).phase, 'paused');
    assert.equal(app.delivery.active()[0]?.attention, 'paused');
    assert.equal((await app.delivery.resume(id)).phase, 'progressing');
    assert.equal((await app.delivery.promote(id)).weight, 50);
    assert.equal((await app.delivery.rollBack(id, 'it feels wrong')).phase, 'rolled-back');
    assert.equal(world.delivery.weight, 0);
    const told = world.entries.filter(({ body }) => ['paused', 'promoted', 'aborted'].includes(String(body['event'])));
    assert.deepEqual([...new Set(told.map(({ identity }) => identity))], ['Ada <ada@example.org>']);
  });

  it('refuses to start while anything is missing, and names it', async () => {
    await assert.rejects(app.delivery.startRollout(id), (error) => isHumanError(error) && /1 approval/.test(error.message));
    world.delivery.check = 'failed';
    await assert.rejects(app.delivery.startRollout(id), /checks of the pull request have not passed/);
    assert.deepEqual(world.delivery.acts, []);
  });

  it('rolls nothing out that is not what was built', async () => {
    const { artifact } = await app.delivery.refresh(id);
    await approve();
    world.delivery.blobs.delete(artifact?.digest.sha256 ?? '');
    await assert.rejects(app.delivery.startRollout(id), /no longer in the registry/);
    assert.deepEqual(world.delivery.acts, []);
  });

  it('blocks a patch that breaks a test, and one whose regression test did not run', async () => {
    world.delivery.junit.head = junitOf({ works: false, 'bad is not called': true });
    const state = await app.delivery.refresh(id);
    assert.deepEqual(state.tests?.broken, ['t › works']);
    assert.equal(state.artifact, undefined, 'nothing is built of it');
  });

  it('says how many of the changed lines the tests ran, where the checks measured it', async () => {
    world.delivery.coverage = { files: [{ path: 'src/ping.js', length: 'good();\n'.length, ran: [[0, 7]] }], transformed: false };
    const state = await app.delivery.refresh(id);
    assert.match(state.tests?.summary ?? '', /the regression test passes\. 1 of 1 changed line was run\.$/);
    assert.equal((await app.delivery.metrics()).changedLineCoverage, 1);
    const step = app.runs.forFinding(id)?.steps.find(({ name }) => name === 'test-report');
    assert.ok(step?.evidence.some(({ name }) => name === 'changed-lines.json'));
  });

  it('says why changed lines were not measured, and makes up no figure', async () => {
    world.delivery.coverage = { files: [{ path: 'src/ping.js', length: 99, ran: [[0, 99]] }], transformed: false };
    const state = await app.delivery.refresh(id);
    assert.match(state.tests?.summary ?? '', /Lines of src\/ping\.js were not measured: it ran in another form/);
    assert.equal((await app.delivery.metrics()).changedLineCoverage, null);
  });

  it('runs failed checks again and records both attempts', async () => {
    world.delivery.check = 'failed';
    assert.match((await app.delivery.refresh(id)).waitsFor, /check “test”/);
    await app.delivery.rerunFailedChecks(id);
    assert.equal(app.delivery.state(id)?.ci?.checks[0]?.attempt, 2);
    assert.deepEqual(
      steps().filter((step) => step.startsWith('checks')),
      ['checks failed', 'checks successful'],
    );
  });

  it('voids an approval when the diff changes', async () => {
    await app.delivery.refresh(id);
    await approve();
    assert.equal(app.delivery.state(id)?.approval?.outcome, 'successful');
    const test = (await app.currentTest(id)) ?? assert.fail('no test');
    await app.acceptTest({ ...test, text: `${test.text}\n// and one more` });
    await app.openPullRequest(id);
    const state = await app.delivery.refresh(id);
    assert.equal(state.approval?.outcome, 'waiting');
    assert.match(state.approval?.passedOver[0]?.why ?? '', /diff/);
  });

  it('keeps names out of the chain', async () => {
    await app.delivery.refresh(id);
    await approve();
    assert.ok(!JSON.stringify(world.entries.map(({ body }) => body)).includes('Demo Reviewer'));
  });

  it('shows a problem of reading and polls on', async () => {
    world.delivery.unreachable = true;
    const { nextAt } = await app.delivery.tick();
    assert.ok(nextAt !== undefined && nextAt > world.now);
    assert.equal(app.delivery.state(id)?.problem, 'no answer');
    world.delivery.unreachable = false;
    world.now = nextAt;
    await app.delivery.tick();
    assert.equal(app.delivery.state(id)?.problem, undefined);
    assert.equal(app.delivery.state(id)?.ci?.outcome, 'successful');
  });

  it('does nothing in Restricted Mode', async () => {
    world.mayRun = false;
    assert.deepEqual(await app.delivery.tick(), { nextAt: undefined, held: false });
    await assert.rejects(app.delivery.startRollout(id), /Trust the workspace/);
  });
});
