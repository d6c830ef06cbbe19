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

  it('ends as rolled back where a watch without a clear verdict is taken back', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    world.delivery.silentAt = 100;
    await follow();
    await app.delivery.rollBack(id, 'not sure');
    assert.deepEqual(steps().slice(-4), ['watch inconclusive', 'rollout failed', 'revert waiting', 'reopened failed']);
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

  it('waits for nobody: what is under way is asked for, begun once, and can be paused or taken back meanwhile', async () => {
    await app.delivery.refresh(id);
    await approve();
    world.delivery.takesSeconds = 300;
    const begun = await app.delivery.startRollout(id);
    assert.equal(begun.phase, 'progressing');
    assert.equal(begun.weight, 0);
    assert.equal(begun.pending?.underWay?.summary, 'the workflow is at it');
    assert.equal(app.delivery.state(id)?.waitsFor, 'the workflow is at it');
    assert.deepEqual(app.delivery.state(id)?.actions, ['pause', 'abort']);
    const { nextAt } = await app.delivery.tick({ rolloutsOnly: true });
    assert.equal(nextAt, world.now + 5000);
    // Another process over the same log asks for the same one.
    world.delivery.watchedBy = undefined;
    const second = createPatchline(world.ports);
    await second.importReports();
    world.now += 299_000;
    await second.delivery.tick({ rolloutsOnly: true });
    assert.equal((await second.delivery.pause(id, 'lunch')).phase, 'paused');
    world.now += 2000;
    await second.delivery.tick({ rolloutsOnly: true });
    assert.equal(second.delivery.state(id)?.rollout?.weight, 10);
    assert.equal(second.delivery.state(id)?.rollout?.phase, 'paused');
    assert.equal((await second.delivery.promote(id)).pending?.key, `${id}-1/1/orders/step/1`);
    const back = await second.delivery.rollBack(id, 'enough');
    assert.equal(back.phase, 'rolling-back');
    assert.equal(back.pending?.action.kind, 'roll-back');
    world.now += 301_000;
    await follow(second);
    assert.equal(second.delivery.state(id)?.rollout?.phase, 'rolled-back');
    assert.deepEqual(
      world.delivery.acts,
      ['step/0', 'step/1', 'roll-back'].map((act) => `${id}-1/1/orders/${act}`),
    );
    await second.dispose();
  });

  it('gives up on what is under way for ever, and says why', async () => {
    await app.delivery.refresh(id);
    await approve();
    world.delivery.takesSeconds = 1e9;
    await app.delivery.startRollout(id);
    for (let turns = 0; turns < 2000 && app.delivery.state(id)?.rollout?.phase === 'progressing'; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    assert.match(app.delivery.state(id)?.rollout?.reason ?? '', /failed 4 times to set 10 %: No workflow answered within 600 s/);
  });

  it('takes an abort before anything has begun', async () => {
    world.policy = {
      ...policy,
      rollout: {
        ...policy.rollout!,
        freezes: [{ from: '2020-01-01T00:00', to: '2099-01-01T00:00', zone: 'UTC', reason: 'winter' }],
      },
    };
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /winter/);
    assert.equal((await app.delivery.rollBack(id, 'no')).phase, 'rolled-back');
    assert.deepEqual(world.delivery.acts, [`${id}-1/1/orders/roll-back`]);
  });

  it('pauses when the metrics cannot be asked more often in a row than is borne, and asks once more when a person goes on', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    const begun = world.now;
    world.delivery.blind = true;
    for (let turns = 0; turns < 20 && app.delivery.state(id)?.rollout?.phase === 'progressing'; turns++)
      world.now = (await app.delivery.tick({ rolloutsOnly: true })).nextAt ?? assert.fail('it stopped');
    assert.match(app.delivery.state(id)?.rollout?.paused?.why ?? '', /canary 10 % cannot be watched: .*5 .*no answer/);
    assert.ok(world.now - begun <= 60_000, 'before the bake is over');
    assert.match(app.delivery.state(id)?.waitsFor ?? '', /cannot be watched/);
    const failed = app.delivery.state(id)?.rollout?.readings.length ?? 0;
    await app.delivery.resume(id);
    assert.equal(app.delivery.state(id)?.rollout?.phase, 'paused', 'one more look, and it is still blind');
    world.delivery.blind = false;
    await app.delivery.resume(id);
    await follow();
    assert.ok((app.delivery.state(id)?.rollout?.readings.length ?? 0) > failed);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  it('says no longer that it waits for what is over', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    await app.delivery.pause(id, 'lunch');
    assert.equal(app.delivery.state(id)?.waitsFor, 'lunch');
    const said: string[] = [];
    const stop = app.runs.onDidChange(() => said.push(app.delivery.state(id)?.waitsFor ?? ''));
    await app.delivery.rollBack(id, 'enough');
    stop();
    assert.ok(said.includes('the way back of orders'), said.join(' | '));
    assert.ok(!said.includes('lunch'), said.join(' | '));
  });

  it('rolls back what was deployed and closed: the run opens again and ends as rolled back', async () => {
    await app.delivery.refresh(id);
    await approve();
    await app.delivery.startRollout(id);
    await follow();
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
    assert.deepEqual(app.delivery.state(id)?.actions, ['roll-back']);
    world.delivery.takesSeconds = 60;
    await app.delivery.rollBack(id, 'customers call');
    assert.equal(app.delivery.active()[0]?.rollout?.phase, 'rolling-back');
    world.delivery.takesSeconds = 0;
    await follow();
    assert.equal(world.delivery.weight, 0);
    assert.deepEqual(steps().slice(-5), [
      'close closed',
      'rollout waiting',
      'rollout failed',
      'revert waiting',
      'reopened failed',
    ]);
    assert.equal(app.runs.forFinding(id)?.state, 'failed');
    assert.match(world.pullRequests[1]?.body ?? '', /customers call/);
    assert.ok(world.entries.some(({ kind }) => kind === 'finding.reopened'));
    assert.deepEqual(app.delivery.state(id)?.actions, []);
    const { ended } = await app.delivery.metrics();
    assert.deepEqual([ended.deployed, ended.rolledBack], [0, 1]);
  });

  it('rolls nothing back that a later run was deployed over', async () => {
    const other = makeFinding({ id: 'pl-0000000000000002' });
    world.findings = [makeFinding(), other];
    await app.importReports();
    const deploy = async (finding: string): Promise<void> => {
      await app.delivery.refresh(finding);
      const found = (await app.delivery.approvers(finding)).find(({ by }) => by === demo) ?? assert.fail('no demo reviewer');
      if (found.refused === undefined) await app.delivery.approve(finding, found);
      await app.delivery.startRollout(finding);
      await follow();
    };
    await deploy(id);
    world.now += 1000;
    await app.prove(other.id);
    await app.openPullRequest(other.id);
    await deploy(other.id);
    assert.deepEqual(app.delivery.state(id)?.actions, []);
    await assert.rejects(
      app.delivery.rollBack(id, 'x'),
      (error) => isHumanError(error) && /was rolled out over orders in production since/.test(error.message),
    );
    assert.deepEqual(app.delivery.state(other.id)?.actions, ['roll-back']);
    await app.delivery.rollBack(other.id, 'x');
    assert.deepEqual(app.delivery.state(id)?.actions, ['roll-back'], 'it serves again');
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

  it('counts the members of a team that could be read, and nobody of one that could not', async () => {
    world.policy = { ...policy, approval: { people: { low: 1, medium: 1, high: 1 }, from: ['@acme/security'] } };
    world.delivery.approvals.push({
      kind: 'person',
      by: 'grace',
      source: 'github',
      state: 'approved',
      diffHash: (await app.delivery.refresh(id)).approval?.diffHash ?? '',
      at: new Date(world.now).toISOString(),
    });
    let { approval } = await app.delivery.refresh(id);
    assert.equal(approval?.outcome, 'waiting');
    assert.match(
      approval?.waitsFor.join() ?? '',
      /from @acme\/security \(its members could not be read, so nobody counts for it\)/,
    );
    world.delivery.teams['@acme/security'] = ['Grace'];
    ({ approval } = await app.delivery.refresh(id));
    assert.equal(approval?.outcome, 'waiting', 'within a tick the team is not asked for again');
    world.now += 6000;
    ({ approval } = await app.delivery.refresh(id));
    assert.equal(approval?.outcome, 'successful');
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
