import { passedWords } from './ci/passedWords';
import type { Delivery, DeliveryState } from './delivery';
import type { DeliveryHost } from './deliveryHost';
import { changelogLine } from './documents/changelogLine';
import { postMortem } from './documents/postMortem';
import type { ReleaseFacts } from './documents/releaseNotes';
import { releaseNotes } from './documents/releaseNotes';
import { isCancelled, isHumanError, isVendorError, messageOf, HumanError } from './errors';
import { computeMetrics } from './metrics/computeMetrics';
import type { Approval } from './model/approval';
import type { RolloutState } from './model/rollout';
import type { PatchRun } from './model/run';
import type { Approvals, Change, Task } from './ports';
import { laterDeployment } from './rollout/laterDeployment';
import type { RolloutControl } from './rolloutControl';
import { createRolloutControl } from './rolloutControl';
import { changeOf } from './runs/changeOf';
import { deliverySteps, deliveryState, mergeOf, partsOf } from './runs/deliveryState';
import type { LiveDelivery } from './runs/deliveryState';
import { latestStep } from './runs/foldRuns';
import { buildRunArtifact } from './stages/artifact';
import type { ApprovalInputs } from './stages/approval';
import { countOf } from './words';
import { approvalStep, judgeApproval, mayApproveByRule, offerApprovers, teamsAsked } from './stages/approval';
import { readTestReport } from './stages/testing';

/** The second half of the application over its ports. */
export function createDelivery(host: DeliveryHost): Delivery & Pick<RolloutControl, 'retire' | 'dispose'> {
  const { ports } = host;
  const live = new Map<string, LiveDelivery>();
  /** One reading of a run at a time: a click and a poll at the same moment give one build, not two. */
  const reading = new Map<string, Promise<DeliveryState>>();
  /** Likewise one start: two clicks give one merge and one rollout. */
  const starting = new Map<string, Promise<RolloutState>>();

  const teams = new Map<string, { readonly at: number; readonly members: readonly string[] | undefined }>();

  function required(findingId: string): { readonly run: PatchRun; readonly change: Change } {
    const run = host.runOf(findingId);
    const change = changeOf(run);
    if (run === undefined || change === undefined)
      throw new HumanError('There is no pull request for this finding yet: open it first (Patchline: Open Pull Request).');
    return { run, change };
  }

  function state(findingId: string): DeliveryState | undefined {
    const run = host.runOf(findingId);
    return run === undefined ? undefined : stateOf(run);
  }

  function stateOf(run: PatchRun): DeliveryState | undefined {
    const rolloutWaits = control.waits(run.id);
    const rollouts = host.rolloutsOf(run.id);
    return deliveryState({
      run,
      rollouts,
      live: live.get(run.finding.id) ?? {},
      checklist: checklists.get(run.finding.id) ?? [],
      ...(rolloutWaits === undefined ? {} : { rolloutWaits }),
      wasOverlaid: laterDeployment(rollouts, host.rollouts()) !== undefined,
      now: ports.clock.now(),
    });
  }

  function required2(findingId: string): DeliveryState {
    const now = state(findingId);
    if (now === undefined) throw new HumanError('There is no pull request for this finding yet.');
    return now;
  }

  async function readChecks(findingId: string, task: Task): Promise<void> {
    const { run, change } = required(findingId);
    const ci = await ports.ci();
    const report = await ci.read(change, task);
    live.set(findingId, { ...live.get(findingId), ci: report });
    host.announce();
    const last = latestStep(run, deliverySteps.checks);
    const signature = JSON.stringify([
      report.commit,
      report.outcome,
      // While it runs, one entry says so; what each check printed and when is the provider's to show.
      report.outcome === 'waiting' ? [] : report.checks.map(({ id, attempt, state: how }) => [id, attempt, how]),
    ]);
    if (last?.data?.['signature'] === signature) return;
    const count = (how: string) => report.checks.filter((check) => check.state === how).length;
    const words: Readonly<Record<string, string>> = {
      waiting: `${ci.displayName} runs ${countOf(report.checks.length, 'check')}${report.missing.length > 0 ? `; not reported yet: ${report.missing.join(', ')}` : ''}.`,
      successful: `${passedWords(report)} (${ci.displayName}).`,
      failed: `${count('failed') + count('timed-out')} of ${report.checks.length} checks failed (${ci.displayName}).`,
      error:
        report.checks.length === 0 ? `${ci.displayName} knows no check of this commit.` : 'The checks ended without a result.',
    };
    await host.record(run, {
      stage: 'build',
      name: deliverySteps.checks,
      outcome: report.outcome,
      summary: words[report.outcome] ?? report.outcome,
      data: { report, signature },
      bySystem: true,
    });
  }

  async function readTests(findingId: string, task: Task): Promise<void> {
    const { run, change } = required(findingId);
    const { ci } = partsOf(run, live.get(findingId) ?? {});
    if (ci === undefined || ci.outcome === 'waiting') return;
    const signature = latestStep(run, deliverySteps.checks)?.data?.['signature'];
    const last = latestStep(run, deliverySteps.tests);
    if (last !== undefined && last.data?.['signature'] === signature) return;
    const made = { test: await host.testOf(findingId), patch: await host.patchOf(findingId) };
    const { step } = await readTestReport(await ports.ci(), change, made, ports.evidence, task);
    await host.record(run, { ...step, data: { ...step.data, signature } });
  }

  async function readApprovals(findingId: string, task: Task): Promise<void> {
    const inputs = await approvalInputs(findingId, task);
    if (inputs === undefined) return;
    let decision = judgeApproval(inputs);
    if (mayApproveByRule(decision, inputs.approvals)) {
      const rule = { kind: 'rule', by: 'low risk with full evidence', source: 'policy', state: 'approved' } as const;
      await ports.signOffs.approve(inputs.change, { ...rule, diffHash: inputs.change.diffHash }, task);
      decision = judgeApproval((await approvalInputs(findingId, task)) ?? inputs);
    }
    live.set(findingId, { ...live.get(findingId), approval: decision });
    const last = latestStep(inputs.run, deliverySteps.approval);
    const signature = JSON.stringify([decision.diffHash, decision.outcome, decision.counted.length, decision.requirement.people]);
    if (last?.data?.['signature'] === signature) return host.announce();
    const step = approvalStep(decision);
    await host.record(host.runOf(findingId) ?? inputs.run, { ...step, data: { ...step.data, signature } });
  }

  /** Members of each team that could be read; the runs of one tick ask for them once. */
  async function readTeams(
    provider: Approvals,
    names: readonly string[],
    task: Task,
  ): Promise<Record<string, readonly string[]>> {
    const now = ports.clock.now();
    const read: Record<string, readonly string[]> = {};
    for (const name of names) {
      let known = teams.get(name);
      if (known === undefined || now - known.at >= teamsFreshMs) {
        known = { at: now, members: await provider.teamMembers?.(name, task) };
        teams.set(name, known);
      }
      if (known.members !== undefined) read[name] = known.members;
    }
    return read;
  }

  async function approvalInputs(findingId: string, task: Task): Promise<ApprovalInputs | undefined> {
    const { run, change } = required(findingId);
    const [patch, proof] = [await host.patchOf(findingId), await host.proofOf(findingId)];
    if (patch === undefined) return undefined;
    const provider = await ports.approvals();
    const given = [
      await provider.read(change, task),
      // Where the forge holds the reviews, nobody approves past it under the name that git is configured with.
      provider.id === ports.signOffs.id ? [] : (await ports.signOffs.read(change, task)).filter(isSignOff),
    ];
    const ownersOf = await ports.owners();
    const policy = await ports.policy();
    const { ci, tests } = partsOf(run, live.get(findingId) ?? {});
    return {
      run,
      change,
      patch,
      proof,
      ci,
      tests,
      policy,
      teams: await readTeams(provider, teamsAsked(policy), task),
      owners: [...new Set(patch.changes.flatMap(({ path }) => ownersOf(path)))],
      approvals: given.flat(),
    };
  }

  async function buildArtifact(findingId: string, task: Task & { readonly again?: boolean } = {}) {
    host.requireTrust('Building the artifact');
    const { run, change } = required(findingId);
    const known = partsOf(run, live.get(findingId) ?? {}).artifact;
    if (known !== undefined && task.again !== true) return known;
    const commit = mergeOf(run)?.commit ?? change.headCommit;
    const attempt = run.steps.filter(({ name }) => name === deliverySteps.artifact).length + 1;
    const { artifact, step } = await buildRunArtifact({
      commit,
      invocation: `${run.id}/artifact/${attempt}`,
      repository: await ports.repositoryUri(),
      policy: await ports.policy(),
      builder: ports.builder,
      registry: await ports.registry(),
      evidence: ports.evidence,
      task,
    });
    await host.record(run, step);
    return artifact;
  }

  /** Builds once by itself when the checks are green; a build that failed waits for a person to ask again. */
  async function buildOnce(findingId: string, task: Task): Promise<void> {
    const { run, change } = required(findingId);
    const { ci, tests, artifact } = partsOf(run, live.get(findingId) ?? {});
    if (artifact !== undefined || ci?.outcome !== 'successful' || tests?.outcome === 'failed') return;
    if (latestStep(run, deliverySteps.artifact)?.data?.['commit'] === change.headCommit) return;
    try {
      await buildArtifact(findingId, task);
    } catch (error) {
      if (isCancelled(error) || (!isHumanError(error) && !isVendorError(error))) throw error;
      await host.record(host.runOf(findingId) ?? run, {
        stage: 'build',
        name: deliverySteps.artifact,
        outcome: isHumanError(error) ? 'failed' : 'error',
        summary: messageOf(error).slice(0, 600).toWellFormed(),
        data: { commit: change.headCommit },
        bySystem: true,
      });
    }
  }

  async function readAll(findingId: string, task: Task): Promise<DeliveryState> {
    const { run } = required(findingId);
    // Behind the merge nothing of the pull request moves any more.
    if (mergeOf(run) === undefined && run.state !== 'closed' && ports.mayRun()) {
      try {
        await readChecks(findingId, task);
        await readTests(findingId, task);
        await buildOnce(findingId, task);
        // What is asked depends on what the checks say, so reviews are judged when they have ended.
        if (live.get(findingId)?.ci?.outcome !== 'waiting') await readApprovals(findingId, task);
        const { problem: _over, ...rest } = live.get(findingId) ?? {};
        live.set(findingId, rest);
      } catch (error) {
        if (isCancelled(error) || (!isHumanError(error) && !isVendorError(error))) throw error;
        live.set(findingId, { ...live.get(findingId), problem: messageOf(error) });
        host.announce();
        // Who asked by hand is told; a poll shows it in the panel and tries again.
        throw error;
      }
    }
    await control.updateChecklist(findingId);
    return required2(findingId);
  }

  function refresh(findingId: string, task: Task = {}): Promise<DeliveryState> {
    const under = reading.get(findingId);
    if (under !== undefined) return under;
    const work = host
      .refreshRuns()
      .then(() => readAll(findingId, task))
      .finally(() => reading.delete(findingId));
    reading.set(findingId, work);
    return work;
  }

  async function releaseFacts(findingId: string): Promise<ReleaseFacts> {
    const { run, change } = required(findingId);
    const commits = await ports.sourceControl.subjects(change.baseCommit, change.headCommit, 50);
    const fix = (await host.patchOf(findingId))?.title ?? run.finding.title;
    return { run, rollouts: host.rolloutsOf(run.id), fix, commits };
  }

  const checklists = new Map<string, DeliveryState['checklist']>();
  const control = createRolloutControl(host, { required, state: required2, refresh, buildArtifact, live, checklists });

  return {
    state,
    active: () =>
      host
        .runs()
        .filter(
          (run) => run.state !== 'superseded' && run.state !== 'closed' && latestStep(run, deliverySteps.reopened) === undefined,
        )
        .flatMap((run) => stateOf(run) ?? [])
        .sort((a, b) => order[a.attention] - order[b.attention]),
    refresh,
    async rerunFailedChecks(findingId, task) {
      host.requireTrust('Running checks again');
      const { change } = required(findingId);
      await (await ports.ci()).rerunFailed(change, task);
      await refresh(findingId, task);
    },
    async checkLog(findingId, checkId, task) {
      return (await ports.ci()).log(required(findingId).change, checkId, task);
    },
    buildArtifact,
    async approvers(findingId) {
      const inputs = await approvalInputs(findingId, {});
      if (inputs === undefined) throw new HumanError('There is no patch to approve.');
      return offerApprovers(inputs, await ports.identity.current());
    },
    async approve(findingId, approver, comment, task = {}) {
      if (approver.refused !== undefined) throw new HumanError(`${approver.by} cannot approve this: ${approver.refused}.`);
      const { change } = required(findingId);
      const provider = approver.kind === 'person' && approver.source !== 'demo' ? await ports.approvals() : ports.signOffs;
      const { kind, by, source } = approver;
      await provider.approve(
        change,
        {
          kind,
          by,
          source,
          state: 'approved',
          diffHash: change.diffHash,
          ...(comment === undefined || comment === '' ? {} : { comment }),
        },
        task,
      );
      await host.refreshRuns();
      await readApprovals(findingId, task);
      await control.updateChecklist(findingId);
      const decision = state(findingId)?.approval;
      if (decision === undefined) throw new HumanError('The approval was given, but the reviews could not be read afterwards.');
      return decision;
    },
    ...control.api,
    startRollout(findingId, task) {
      const under =
        starting.get(findingId) ?? control.api.startRollout(findingId, task).finally(() => starting.delete(findingId));
      starting.set(findingId, under);
      return under;
    },
    retire: () => control.retire(),
    dispose: () => control.dispose(),
    async postMortem(findingId) {
      const { run } = required(findingId);
      return postMortem(run, host.rolloutsOf(run.id));
    },
    releaseNotes: async (findingId) => releaseNotes(await releaseFacts(findingId)),
    changelogLine: async (findingId) => changelogLine(await releaseFacts(findingId)),
    async metrics() {
      const { entries } = await ports.log.read();
      return computeMetrics(entries, host.foldLog(entries));
    },
  };
}

/** What is recorded in the run log whatever the forge is: rules, solo, demo identities, and doubts. */
function isSignOff({ kind, source, state }: Approval): boolean {
  return kind !== 'person' || source === 'demo' || state !== 'approved';
}

/** How long the members of a team are taken for known: no longer than a tick lasts. */
const teamsFreshMs = 5_000;
const order = { breach: 0, paused: 1, progressing: 2, waiting: 3, none: 4 } as const;
