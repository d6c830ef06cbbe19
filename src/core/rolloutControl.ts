import type { Delivery, DeliveryState } from './delivery';
import type { DeliveryHost } from './deliveryHost';
import { judgeStep } from './analysis/judgeStep';
import { isCancelled, isHumanError, isVendorError, messageOf, HumanError } from './errors';
import { heldHost, isLeaseLost } from './heldHost';
import type { Artifact } from './model/artifact';
import type { RolloutState } from './model/rollout';
import type { PatchRun } from './model/run';
import type { Change, Lease, Task } from './ports';
import { createQueue } from './queue';
import type { RolloutSituation } from './rollout/nextAction';
import { nextRolloutAction } from './rollout/nextAction';
import { isActiveRollout } from './rollout/foldRollout';
import { finishRollouts, retryRevert, takeOthersBack } from './rolloutEnd';
import { describeLater, laterDeployment } from './rollout/laterDeployment';
import { isStuck } from './rollout/isStuck';
import { describeHeld, isTakenBack, nextService } from './rollout/nextService';
import { readingsToJudge } from './rollout/readingsToJudge';
import { plansFor, startRollout } from './rolloutStart';
import { changeOf } from './runs/changeOf';
import { currentRollout, deliverySteps, mergeOf } from './runs/deliveryState';
import type { LiveDelivery } from './runs/deliveryState';
import { latestStep } from './runs/foldRuns';
import { systemActor } from './runs/recordRun';
import { mayRollOut } from './schedule/mayRollOut';
import { driveRollout } from './stages/rollout';
import { readinessOf } from './stages/readiness';

type Api = Pick<Delivery, 'startRollout' | 'promote' | 'pause' | 'resume' | 'rollBack' | 'rehearse' | 'tick'>;

interface Beside {
  required(findingId: string): { readonly run: PatchRun; readonly change: Change };
  state(findingId: string): DeliveryState;
  refresh(findingId: string, task?: Task): Promise<DeliveryState>;
  buildArtifact(findingId: string, task?: Task & { readonly again?: boolean }): Promise<Artifact>;
  readonly live: Map<string, LiveDelivery>;
  readonly checklists: Map<string, DeliveryState['checklist']>;
}

export interface RolloutControl {
  readonly api: Api;
  /** What the rollout of a run waits for, as the controller last said. */
  waits(run: string): string | undefined;
  updateChecklist(findingId: string): Promise<void>;
  /** Lets go of the watch once the look that runs has ended, and from now on after each: another application takes it over. */
  retire(): Promise<void>;
  /** Lets go of the watch, so that another window or process takes it over at once. */
  dispose(): Promise<void>;
}

/** Milliseconds between two readings of checks and reviews that wait; doubled while nothing changes, up to the second. */
const pollMs = { first: 2_000, longest: 60_000 };
/** How long somebody else's watch is left alone before it is looked at again. */
const heldMs = 5_000;
/** The lease of whoever watches and steers the rollouts of a folder. */
export const watchLease = 'watch';

/** Starting, steering and watching rollouts: the only part that acts on production. */
export function createRolloutControl(host: DeliveryHost, beside: Beside): RolloutControl {
  const { ports } = host;
  /** With how many events the rollouts had when it was said: what happened since has ended the waiting, or changed it. */
  const waiting = new Map<string, { readonly why: string; readonly events: number }>();
  const polls = new Map<string, { readonly at: number; readonly every: number; readonly seen: string; readonly steps: number }>();
  let lease: Lease | undefined;
  const held = heldHost(host, async () => (await lease?.isHeld()) ?? false);
  /** One start after the other; the lease keeps those of other processes out. */
  const starts = createQueue();
  let retired = false;
  let ticking: Promise<{ readonly nextAt: number | undefined; readonly held: boolean }> | undefined;

  const eventsOf = (run: string): number => host.rolloutsOf(run).reduce((sum, { events }) => sum + events.length, 0);

  function sayWaiting(run: string, why: string): void {
    waiting.set(run, { why, events: eventsOf(run) });
  }

  function waits(run: string): string | undefined {
    const said = waiting.get(run);
    return said?.events === eventsOf(run) ? said.why : undefined;
  }

  function rolloutOf(findingId: string): RolloutState {
    const { run } = beside.required(findingId);
    const rollout = currentRollout(host.rolloutsOf(run.id));
    if (rollout === undefined) throw new HumanError('No rollout of this patch was started (Patchline: Start Rollout).');
    return rollout;
  }

  /** @throws HumanError where no step is under way: a late click brings nothing back that has ended or is taken back. */
  function atSteps(findingId: string, act: string): RolloutState {
    const rollout = rolloutOf(findingId);
    if (rollout.phase === 'progressing' || rollout.phase === 'paused') return rollout;
    throw new HumanError(`There is no step to ${act}: the rollout is not in the midst of its steps.`);
  }

  async function situation(): Promise<RolloutSituation> {
    const now = ports.clock.now();
    return {
      now,
      calendar: await calendar(now),
      judge: (state, atEnd) => judgeStep(state.plan, state.step, readingsToJudge(state), atEnd || undefined),
    };
  }

  /** A policy that cannot be read lets nothing go on; the metrics are looked at and the way back is open all the same. */
  async function calendar(now: number): Promise<RolloutSituation['calendar']> {
    try {
      return mayRollOut((await ports.policy()).rollout, now);
    } catch (error) {
      if (!isHumanError(error)) throw error;
      return { allowed: false, why: `Nothing goes on meanwhile: ${error.message}`, until: now + heldMs };
    }
  }

  /** Drives the services of one run in their order; a service waits for those before it. */
  async function driveRun(run: PatchRun, task: Task): Promise<number | undefined> {
    // Services that were done go back in the reverse order, after the one that failed.
    if (isTakenBack(host.rolloutsOf(run.id))) await takeOthersBack(held, host.rolloutsOf(run.id));
    const due = nextService(host.rolloutsOf(run.id));
    if (due === undefined) {
      await finishRollouts(held, run, task);
      return undefined;
    }
    const { plan } = due;
    const current = () =>
      host.rolloutsOf(run.id).find((one) => one.plan.service === plan.service && one.plan.attempt === plan.attempt) ?? due;
    const asked = await situation();
    const { until, why } = await driveRollout(
      {
        state: current,
        record: (event) => held.recordRollout(plan, event, systemActor),
        mayAct: () => held.mayAct(),
        provider: ports.rollout(plan.provider),
        monitor: (id) => ports.monitor(id),
        situation: () => ({ ...asked, now: ports.clock.now() }),
      },
      task,
    );
    const rollouts = host.rolloutsOf(run.id);
    sayWaiting(run.id, isStuck(current()) ? `${why} ${describeHeld(rollouts)}`.trim() : why);
    if (nextService(rollouts)?.plan.service !== plan.service) return driveRun(host.runOf(run.finding.id) ?? run, task);
    host.announce();
    return until;
  }

  function underWay(run: PatchRun): boolean {
    if (run.state === 'superseded' || latestStep(run, deliverySteps.reopened) !== undefined) return false;
    if (run.state === 'closed' && !host.rolloutsOf(run.id).some(isActiveRollout)) return false;
    return latestStep(run, deliverySteps.rollout) !== undefined && host.rolloutsOf(run.id).length > 0;
  }

  /** Checks and reviews that wait are read with a back-off; the same answer again doubles the time until the next. */
  async function poll(run: PatchRun, task: Task): Promise<number> {
    const now = ports.clock.now();
    const known = polls.get(run.id);
    // What somebody else wrote about the run (an approval) is taken up at once.
    if (known?.steps === run.steps.length && now < known.at) return known.at;
    let seen: string;
    try {
      const state = await beside.refresh(run.finding.id, task);
      seen = JSON.stringify([
        state.ci?.checks.map(({ id, state: how }) => [id, how]),
        state.approval?.outcome,
        state.artifact?.uri,
      ]);
    } catch (error) {
      if (isCancelled(error) || (!isHumanError(error) && !isVendorError(error))) throw error;
      seen = messageOf(error);
    }
    const every = known !== undefined && known.seen === seen ? Math.min(known.every * 2, pollMs.longest) : pollMs.first;
    const at = ports.clock.now() + every;
    polls.set(run.id, { at, every, seen, steps: host.runOf(run.finding.id)?.steps.length ?? 0 });
    return at;
  }

  /** What rollouts wait for that another process drives: the log tells it as well. */
  async function sayFromLog(rolling: readonly PatchRun[]): Promise<void> {
    const asked = await situation();
    for (const run of rolling) {
      const rollout = nextService(host.rolloutsOf(run.id));
      const due = rollout === undefined ? undefined : nextRolloutAction(rollout, asked);
      if (due?.due === 'wait') sayWaiting(run.id, due.why);
    }
    host.announce();
  }

  function toLookAfter() {
    const rolling = host.runs().filter(underWay);
    const open = host
      .runs()
      .filter(
        (run) =>
          run.state !== 'superseded' &&
          run.state !== 'closed' &&
          changeOf(run) !== undefined &&
          !rolling.includes(run) &&
          mergeOf(run) === undefined &&
          latestStep(run, deliverySteps.reopened) === undefined,
      );
    return { rolling, open };
  }

  async function tickOnce(task: Task & { readonly rolloutsOnly?: boolean }) {
    if (lease !== undefined && !(await lease.isHeld())) await letGo();
    await host.refreshRuns();
    let { rolling, open } = toLookAfter();
    if (!ports.mayRun() || (rolling.length === 0 && (open.length === 0 || task.rolloutsOnly === true))) {
      await letGo();
      return { nextAt: undefined, held: false };
    }
    const nothing = { nextAt: ports.clock.now() + heldMs, held: true };
    if (lease === undefined) {
      lease = await ports.leases.take(watchLease);
      if (lease === undefined) {
        await sayFromLog(rolling);
        return nothing;
      }
      // Its last holder may have written until it let go.
      await host.refreshRuns();
      ({ rolling, open } = toLookAfter());
    }
    const next: number[] = [];
    let fault: { readonly error: unknown } | undefined;
    for (const run of rolling) {
      try {
        const at = await driveRun(run, task);
        if (at !== undefined) next.push(at);
        await updateChecklist(run.finding.id);
      } catch (error) {
        if (isCancelled(error)) throw error;
        if (isLeaseLost(error)) {
          await letGo();
          return nothing;
        }
        // A fault of ours is told once the others were looked after: it must not keep anybody from watching them.
        if (!isHumanError(error) && !isVendorError(error)) fault ??= { error };
        sayWaiting(run.id, messageOf(error));
        host.announce();
        next.push(ports.clock.now() + heldMs);
      }
    }
    if (fault !== undefined) throw fault.error;
    if (task.rolloutsOnly !== true) for (const run of open) next.push(await poll(run, task));
    return { nextAt: next.length === 0 ? undefined : Math.min(...next), held: false };
  }

  async function letGo(): Promise<void> {
    const own = lease;
    lease = undefined;
    await own?.release();
  }

  /** After a person's word: done here at once, or by whoever holds the watch. */
  async function goOn(findingId: string, task: Task = {}): Promise<RolloutState> {
    await tick({ ...task, rolloutsOnly: true });
    return rolloutOf(findingId);
  }

  async function tick(task: Task & { readonly rolloutsOnly?: boolean } = {}) {
    // One at a time: what was asked meanwhile is seen by the next.
    while (ticking !== undefined) await ticking.catch(() => undefined);
    ticking = tickOnce(task).finally(async () => {
      if (retired) await letGo();
      ticking = undefined;
    });
    return ticking;
  }

  async function updateChecklist(findingId: string): Promise<void> {
    const run = host.runOf(findingId);
    if (run === undefined) return;
    beside.checklists.set(findingId, await readinessOf(host, run, beside.live.get(findingId) ?? {}));
    host.announce();
  }

  async function person(findingId: string, event: Parameters<DeliveryHost['recordRollout']>[1]): Promise<void> {
    await host.recordRollout(rolloutOf(findingId).plan, event, await ports.identity.current());
  }

  const api: Api = {
    async startRollout(findingId, task = {}) {
      host.requireTrust('Starting a rollout');
      await starts(() => startRollout(host, { ...beside, underWay }, findingId, task));
      return goOn(findingId, task);
    },
    async promote(findingId, task) {
      host.requireTrust('Promoting a rollout');
      if (rolloutOf(findingId).phase === 'completed') {
        await host.record(beside.required(findingId).run, {
          stage: 'monitoring',
          name: deliverySteps.close,
          outcome: 'closed',
          summary: 'Deployed and closed by hand: the watch gave no clear verdict.',
        });
        return goOn(findingId, task);
      }
      const { step, verdicts } = atSteps(findingId, 'promote');
      const skipsAnalysis = !verdicts.every(({ phase }) => phase === 'successful');
      await person(findingId, { event: 'promoted', step, skipsAnalysis });
      return goOn(findingId, task);
    },
    async pause(findingId, why = 'paused by hand') {
      atSteps(findingId, 'pause');
      await person(findingId, { event: 'paused', why, byPerson: true });
      return goOn(findingId);
    },
    async resume(findingId) {
      host.requireTrust('Resuming a rollout');
      atSteps(findingId, 'resume');
      await person(findingId, { event: 'resumed' });
      return goOn(findingId);
    },
    async rollBack(findingId, why, task) {
      host.requireTrust('Rolling back');
      const { run } = beside.required(findingId);
      if (await retryRevert(host, run, task ?? {})) return goOn(findingId, task);
      const rollouts = host.rolloutsOf(run.id);
      const later = laterDeployment(rollouts, host.rollouts());
      if (later !== undefined)
        throw new HumanError(
          `This cannot be rolled back any more: ${describeLater(later, host.runs())}. Roll that back, or revert by a new patch.`,
        );
      const begun = rollouts.filter(({ phase, pending }) => phase !== 'planned' || pending !== undefined);
      // What was completed goes back too, the last first; the controller then takes all of them. Nothing begun yet: it never will be.
      for (const one of begun.length > 0 ? begun.toReversed() : rollouts.slice(0, 1)) {
        if (one.phase === 'rolled-back') continue;
        await host.recordRollout(one.plan, { event: 'aborted', why, byPerson: true }, await ports.identity.current());
      }
      if (run.state === 'closed')
        await host.record(run, {
          stage: 'rollout',
          name: deliverySteps.rollout,
          outcome: 'waiting',
          summary: `Open again to be rolled back after it was deployed and closed: ${why}`.slice(0, 600).toWellFormed(),
        });
      return goOn(findingId, task);
    },
    async rehearse(findingId, task = {}) {
      host.requireTrust('Rehearsing the way back');
      const { run } = beside.required(findingId);
      const policy = await ports.policy();
      const paths = [...new Set((await host.patchOf(findingId))?.changes.map(({ path }) => path) ?? [])];
      const [first] = await plansFor(host, run, beside.state(findingId).artifact, policy, paths, task);
      if (first === undefined)
        throw new HumanError('There is no rollout to rehearse: describe one under rollout in .patchline.json.');
      const { plan, service } = first;
      const key = `${run.id}/${plan.attempt}/${plan.service}/rehearse`;
      let ok = true;
      let summary: string;
      try {
        ({ summary } = await ports
          .rollout(plan.provider)
          .act(plan, service, { kind: 'rehearse' }, { ...task, key, retry: false }));
      } catch (error) {
        if (isCancelled(error) || (!isHumanError(error) && !isVendorError(error))) throw error;
        [ok, summary] = [false, messageOf(error)];
      }
      await host.record(run, {
        stage: 'rollout',
        name: deliverySteps.rehearsal,
        outcome: ok ? 'successful' : 'failed',
        summary: summary.slice(0, 600).toWellFormed(),
        data: { service: plan.service, ok },
      });
      await updateChecklist(findingId);
      return { ok, summary };
    },
    tick,
  };

  async function retire(): Promise<void> {
    retired = true;
    while (ticking !== undefined) await ticking.catch(() => undefined);
    await letGo();
  }

  return { api, waits, updateChecklist, retire, dispose: letGo };
}
