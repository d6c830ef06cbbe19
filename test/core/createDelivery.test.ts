import assert from 'node:assert/strict';
import { isHumanError } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { approveByDemo, deliveryPolicy, followRollout, findingId as id, openDeliveryApp } from '../support/deliveryApp';
import { junitOf } from '../support/memoryDelivery';
import type { World } from '../support/memoryPorts';

describe('the second half of the way', () => {
  let world: World;
  let app: Patchline;
  beforeEach(async () => ({ world, app } = await openDeliveryApp()));
  afterEach(() => app.dispose());

  const steps = () => app.runs.forFinding(id)?.steps.map(({ name, outcome }) => `${name} ${outcome}`) ?? [];

  it('goes from checks to a closed run, each step once', async () => {
    const state = await app.delivery.refresh(id);
    assert.equal(state.ci?.outcome, 'successful');
    assert.equal(state.tests?.regression, 'passed');
    assert.equal(state.artifact?.reproducibility.verdict, 'reproducible');
    assert.match(state.waitsFor, /approve|approval/i);
    await approveByDemo(app);
    await app.delivery.startRollout(id);
    assert.equal(world.delivery.weight, 10);
    assert.equal(app.delivery.active()[0]?.attention, 'progressing');
    await followRollout(world, app);
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
    await approveByDemo(app);
    world.delivery.errors = 40;
    await app.delivery.startRollout(id);
    await followRollout(world, app);
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

  it('refuses to start while anything is missing, and names it', async () => {
    await assert.rejects(app.delivery.startRollout(id), (error) => isHumanError(error) && /1 approval/.test(error.message));
    world.delivery.check = 'failed';
    await assert.rejects(app.delivery.startRollout(id), /checks of the pull request have not passed/);
    assert.deepEqual(world.delivery.acts, []);
  });

  it('builds anew and rolls out what was merged where the base moved on meanwhile', async () => {
    await approveByDemo(app);
    const forge = await world.ports.forge();
    const merge = forge.merge.bind(forge);
    forge.merge = async (...args) => {
      const { mergeCommit: baseCommit } = await merge(...args);
      const files = { 'other.js': 'theirs' };
      const { commit } = await world.ports.sourceControl.commit({ branch: 'main', baseCommit, files, message: 'Theirs' });
      return { mergeCommit: commit };
    };
    const { plan } = await app.delivery.startRollout(id);
    assert.equal(plan.artifact.commit, app.delivery.state(id)?.pullRequest.mergeCommit);
    assert.equal(world.delivery.builds, 2);
  });

  it('starts once where two ask at the same moment', async () => {
    await approveByDemo(app);
    const [one, other] = await Promise.all([app.delivery.startRollout(id), app.delivery.startRollout(id)]);
    assert.equal(one, other);
    assert.deepEqual(steps().slice(-2), ['merge successful', 'rollout waiting']);
    await followRollout(world, app);
    assert.equal(app.runs.forFinding(id)?.state, 'closed');
  });

  it('rolls nothing out that is not what was built', async () => {
    const { artifact } = await app.delivery.refresh(id);
    await approveByDemo(app);
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
    await approveByDemo(app);
    assert.equal(app.delivery.state(id)?.approval?.outcome, 'successful');
    const test = (await app.currentTest(id)) ?? assert.fail('no test');
    await app.acceptTest({ ...test, text: `${test.text}\n// and one more` });
    await app.openPullRequest(id);
    const state = await app.delivery.refresh(id);
    assert.equal(state.approval?.outcome, 'waiting');
    assert.match(state.approval?.passedOver[0]?.why ?? '', /diff/);
  });

  it('counts the members of a team that could be read, and nobody of one that could not', async () => {
    world.policy = { ...deliveryPolicy, approval: { people: { low: 1, medium: 1, high: 1 }, from: ['@acme/security'] } };
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

  it('counts no sign-off that git’s configuration vouches for where the forge holds the reviews', async () => {
    const forge = { ...world.ports.signOffs, id: 'github', read: () => Promise.resolve([]) };
    Object.assign(world.ports, { approvals: () => Promise.resolve(forge) });
    const diffHash = (await app.delivery.refresh(id)).approval?.diffHash ?? '';
    const grace = { kind: 'person', by: 'Grace <grace@example.org>', source: 'git-config', diffHash, at: '' } as const;
    world.delivery.approvals.push({ ...grace, state: 'approved' });
    assert.equal((await app.delivery.refresh(id)).approval?.outcome, 'waiting');
    world.delivery.approvals.push({ ...grace, state: 'changes-requested' });
    assert.equal((await app.delivery.refresh(id)).approval?.outcome, 'failed', 'doubt is heard wherever it is recorded');
    world.delivery.approvals.length = 0;
    await approveByDemo(app);
    assert.equal((await app.delivery.refresh(id)).approval?.outcome, 'successful', 'demo identities are recorded there alone');
  });

  it('keeps names out of the chain', async () => {
    await approveByDemo(app);
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
