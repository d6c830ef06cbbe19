import { loggableSample } from '../analysis/loggable';
import { isCancelled, isHumanError, isVendorError, messageOf, throwIfCancelled } from '../errors';
import type { MetricSource, MetricSpec, Reading, Sample } from '../model/analysis';
import type { RolloutAction, RolloutEvent, RolloutPlan, RolloutState } from '../model/rollout';
import type { Monitor, RolloutProvider, Task } from '../ports';
import { lookWindow } from '../rollout/lookWindow';
import type { Due, RolloutSituation } from '../rollout/nextAction';
import { nextRolloutAction } from '../rollout/nextAction';

export interface RolloutWorld {
  /** The rollout as the log has it now. */
  state(): RolloutState;
  /** Appends the event and brings `state` up to date. */
  record(event: RolloutEvent, byPerson?: boolean): Promise<void>;
  /** Before the provider is told. @throws where that is somebody else's to do by now. */
  mayAct?(): Promise<void>;
  readonly provider: RolloutProvider;
  /** @throws HumanError for an id that no monitor has. */
  monitor(id: string): Monitor;
  situation(): RolloutSituation;
}

/** More decisions in one turn than any plan gives beside its steps, which may all be due at once; guards against a controller that asks for the same for ever. */
const mostDecisions = 50;

/**
 * Does everything of one rollout that is due now, one decision after the other, each appended to the log before the next is
 * taken.
 *
 * @returns when to ask again (milliseconds since the epoch; undefined: something else must happen first) and what it waits for
 * @throws CancelledError between two decisions; what was begun is finished first.
 */
export async function driveRollout(
  world: RolloutWorld,
  task: Task = {},
): Promise<{ readonly until: number | undefined; readonly why: string }> {
  const most = mostDecisions + world.state().plan.steps.length;
  for (let decisions = 0; decisions < most; decisions++) {
    throwIfCancelled(task.signal);
    const due = nextRolloutAction(world.state(), world.situation());
    if (due.due === 'wait') return { until: due.until, why: due.why };
    if (due.due === 'record') await world.record(due.event);
    else if (due.due === 'act') {
      const underWay = await act(world, due, task);
      if (underWay !== undefined) return underWay;
    } else await look(world, due, task);
  }
  throw new Error(`the rollout of ${world.state().plan.service} does not come to rest`);
}

/**
 * Tells the provider. The wish is in the log before it is told, its end after: whoever finds the one without the other knows
 * that it may or may not have happened, and tells it again under the same key.
 *
 * @returns when to ask again, where the provider has begun it and it is not done yet
 */
async function act(
  world: RolloutWorld,
  due: Extract<Due, { due: 'act' }>,
  task: Task,
): Promise<{ readonly until: number; readonly why: string } | undefined> {
  const { action, key, retry, underWay: before } = due;
  const { plan } = world.state();
  if (world.state().pending?.key !== key) await world.record({ event: 'intent', action, key });
  await world.mayAct?.();
  task.onProgress?.(`${plan.service}: ${wordOf(action, plan)}`);
  try {
    // Without the task's signal: a change of traffic that is cut off half-way is worse than one that ends a little later.
    const call = { key, retry, ...(before === undefined ? {} : { underWay: before }) };
    const { summary, log, underWay } = await world.provider.act(plan, world.state().service, action, call);
    if (underWay !== undefined) {
      // In the log before anything else: whoever goes on after a crash asks for this one and begins no other.
      if (before?.ref !== underWay.ref)
        await world.record({
          event: 'intent',
          action,
          key,
          underWay: { ref: underWay.ref, summary: summary.slice(0, 600).toWellFormed() },
        });
      return { until: world.situation().now + Math.max(1, underWay.askAgainSeconds) * 1000, why: summary };
    }
    await world.record({
      event: 'done',
      action,
      key,
      summary,
      ...(log === undefined ? {} : { log: log.slice(-4000).toWellFormed() }),
    });
  } catch (error) {
    if (isCancelled(error)) throw error;
    if (!isHumanError(error) && !isVendorError(error)) throw error;
    await world.record({ event: 'failed-action', action, key, why: messageOf(error).slice(0, 1000).toWellFormed() });
  }
  return undefined;
}

function wordOf(action: RolloutAction, plan: RolloutPlan): string {
  switch (action.kind) {
    case 'step':
      return `${plan.steps[action.step]?.name ?? 'step'}: setting ${action.weight} %`;
    case 'promote':
      return 'making the new version the only one';
    case 'roll-back':
      return 'taking all traffic back to the old version';
    case 'rehearse':
      return 'rehearsing the way back';
  }
}

async function look(world: RolloutWorld, due: Extract<Due, { due: 'look' }>, task: Task): Promise<void> {
  const state = world.state();
  const readings = await Promise.all(
    state.plan.metrics.map((metric) => read(world, metric, state.step, lookWindow(state, metric, due), task)),
  );
  throwIfCancelled(task.signal);
  const at = readings[0]?.at ?? new Date(due.to).toISOString();
  const seen = { ...state, readings: [...state.readings, ...readings], lastLookAt: at };
  const { verdicts } = world.situation().judge(seen, false);
  await world.record({ event: 'looked', readings, verdicts });
}

/**
 * Both sides of a metric over the same window; what could not be measured is a problem of the reading, never a good one. That the
 * old version cannot be measured hides nothing of the new one, and once it has no traffic left it may well be gone.
 */
async function read(
  world: RolloutWorld,
  metric: MetricSpec,
  step: number,
  window: { readonly from: string; readonly to: string },
  task: Task,
): Promise<Reading> {
  const base = { metric: metric.name, step, at: window.to, from: window.from };
  const { steps } = world.state().plan;
  const sample = async (source: MetricSource | undefined): Promise<{ readonly sample?: Sample; readonly problem?: string }> => {
    if (source === undefined) return {};
    try {
      const options = task.signal === undefined ? {} : { signal: task.signal };
      return loggableSample(await world.monitor(metric.provider).sample(metric, source, window, options));
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (!isHumanError(error) && !isVendorError(error)) throw error;
      return { problem: messageOf(error).slice(0, 500).toWellFormed() };
    }
  };
  const [canary, baseline] = await Promise.all([
    sample(metric.canary),
    sample(step >= steps.length ? undefined : metric.baseline),
  ]);
  const problem = canary.problem ?? ((steps[step]?.weight ?? 100) >= 100 ? undefined : baseline.problem);
  return {
    ...base,
    ...(canary.sample === undefined ? {} : { canary: canary.sample }),
    ...(baseline.sample === undefined ? {} : { baseline: baseline.sample }),
    ...(problem === undefined ? {} : { problem }),
  };
}
