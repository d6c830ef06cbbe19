import type { Patchline } from '../core/patchline';
import type { DeliveryState } from '../core/delivery';
import { CancelledError, HumanError, isCancelled, isHumanError, isVendorError, messageOf } from '../core/errors';
import { deliverySteps } from '../core/runs/deliveryState';
import { latestStep } from '../core/runs/foldRuns';
import type { CommandContext } from './commandLine';

/** How far `patchline run` goes. */
export const ends = ['pull-request', 'checks', 'approved', 'deployed'] as const;
export type End = (typeof ends)[number];

export type DeliveryOutcome = 'deployed' | 'rolled-back' | 'approved' | 'checked' | 'waiting' | 'failed';

export interface Delivered {
  readonly outcome: DeliveryOutcome;
  readonly ok: boolean;
  readonly because: string;
}

/** Milliseconds between two looks at checks that run; a service is asked less often the longer it takes, up to the second. */
const lookMs = { first: 500, longest: 15_000 };
/** After a look that failed, doubled with each further one. */
const failedMs = 5000;
/** Never longer than this without a look: the word of another process may have been missed, and the machine may have slept. */
const mostMs = 60_000;

/** The second half of the way, headless: waits for checks, approves where it is told to, starts the rollout and stays with it. */
export async function deliver(
  context: CommandContext,
  app: Patchline,
  id: string,
  until: Exclude<End, 'pull-request'>,
): Promise<Delivered> {
  const { signal } = context;
  const task = { signal, onProgress: (message: string) => context.say(`${id}: ${message}`) };
  const { delivery } = app;
  const builds = (): number => app.runs.forFinding(id)?.steps.filter(({ name }) => name === deliverySteps.artifact).length ?? 0;
  const before = builds();
  let state = await delivery.refresh(id, task);
  for (let wait = lookMs.first; state.ci === undefined || state.ci.outcome === 'waiting';) {
    await sleep(wait, signal);
    state = await delivery.refresh(id, { signal });
    // What runs on this machine costs nobody a request.
    if (state.ci?.provider !== 'local') wait = Math.min(wait * 1.25, lookMs.longest);
  }
  let refused: string | undefined;
  // Whoever asks again after a build that failed wants another try: what was in its way may be gone.
  if (whyBlocked(state) === undefined && state.artifact === undefined && builds() === before) {
    try {
      await delivery.buildArtifact(id, task);
      state = await delivery.refresh(id, { signal });
    } catch (error) {
      if (isCancelled(error) || !(isHumanError(error) || isVendorError(error))) throw error;
      refused = messageOf(error);
    }
  }
  const blocked = whyBlocked(state) ?? (state.artifact === undefined ? (refused ?? lastBuild(app, id)) : undefined);
  if (blocked !== undefined) return { outcome: 'failed', ok: false, because: blocked };
  if (until === 'checks') return { outcome: 'checked', ok: true, because: 'The checks passed and the artifact is built.' };
  if (state.approval?.outcome !== 'successful') state = await approve(context, app, id, state);
  if (state.approval?.outcome !== 'successful')
    return { outcome: 'waiting', ok: false, because: `It waits for ${state.waitsFor}.` };
  if (until === 'approved') return { outcome: 'approved', ok: true, because: state.approval.summary };
  await delivery.startRollout(id, task);
  return followRollout(context, app, id);
}

function whyBlocked(state: DeliveryState): string | undefined {
  if (state.ci?.outcome !== 'successful') {
    const bad = state.ci?.checks.filter(({ state: how }) => !['successful', 'skipped', 'neutral'].includes(how)) ?? [];
    return `The checks did not pass: ${bad.map(({ name, state: how }) => `${name} (${how})`).join(', ') || 'there is none'}.`;
  }
  return state.tests?.outcome === 'failed' || state.tests?.outcome === 'error' ? state.tests.summary : undefined;
}

/** What the build that failed within this run said. */
function lastBuild(app: Patchline, id: string): string {
  return latestStep(app.runs.forFinding(id), deliverySteps.artifact)?.summary ?? 'The artifact could not be built.';
}

async function approve(context: CommandContext, app: Patchline, id: string, state: DeliveryState): Promise<DeliveryState> {
  const wanted = context.options.approveAs;
  if (wanted === undefined) return state;
  const approvers = await app.delivery.approvers(id);
  const found = approvers.find(({ by, kind }) => by === wanted || (wanted === 'solo' && kind === 'solo'));
  if (found === undefined) {
    const known = approvers.map(({ by, kind }) => (kind === 'solo' ? 'solo' : `“${by}”`)).join(', ');
    throw new HumanError(`“${wanted}” is nobody who may sign off here. Known: ${known || 'nobody'}.`);
  }
  await app.delivery.approve(id, found, undefined, { signal: context.signal });
  return app.delivery.refresh(id, { signal: context.signal });
}

/** Stays with a rollout to its end, also when another process holds the watch. */
async function followRollout(context: CommandContext, app: Patchline, id: string): Promise<Delivered> {
  const { signal } = context;
  for (;;) {
    const { nextAt } = await app.delivery.tick({ signal, rolloutsOnly: true });
    const run = app.runs.forFinding(id);
    const close = latestStep(run, deliverySteps.close);
    if (close !== undefined) return { outcome: 'deployed', ok: true, because: close.summary };
    const back = latestStep(run, deliverySteps.reopened);
    if (back !== undefined) return { outcome: 'rolled-back', ok: false, because: back.summary };
    const state = app.delivery.state(id);
    if (nextAt === undefined) {
      return { outcome: 'waiting', ok: false, because: `It waits for ${state?.waitsFor ?? 'a person'}.` };
    }
    if (state?.rollout?.phase === 'paused')
      return { outcome: 'waiting', ok: false, because: `The rollout is paused: ${state.rollout.paused?.why ?? ''}` };
    await sleep(waitUntil(nextAt), signal);
  }
}

/** `patchline watch`: does what is due of every run that is under way, until none is or it is told to stop. */
export async function watch(context: CommandContext, app: Patchline): Promise<void> {
  const { signal } = context;
  let woken: () => void = () => undefined;
  // Another window may have promoted or aborted: its word is in the log, and is acted on at once.
  const stop = app.runs.onDidChange(() => woken());
  let look: Awaited<ReturnType<Patchline['delivery']['tick']>> | undefined;
  let failures = 0;
  try {
    for (;;) {
      try {
        look = await app.delivery.tick({ signal, rolloutsOnly: true });
        failures = 0;
      } catch (error) {
        // What is in production is not left alone because one look failed; where none ever succeeded nothing is known of any.
        if (isCancelled(error) || look === undefined) throw error;
        const wait = Math.min(mostMs, failedMs * 2 ** failures++);
        context.say(`The look failed (${messageOf(error)}). Trying again in ${wait / 1000} s.`);
        await sleep(wait, signal);
        continue;
      }
      const { nextAt, held } = look;
      const planned = app.delivery.active().filter(({ rollout }) => rollout !== undefined);
      for (const one of planned) context.say(`${one.findingId}: ${one.rollout?.plan.service ?? ''}: ${one.waitsFor}`);
      // One that has not begun and has no window in sight is nothing to stay for.
      if (nextAt === undefined && planned.every(({ rollout }) => rollout?.phase === 'planned')) return;
      if (held) context.say('Another process watches; this one waits.');
      await Promise.race([sleep(waitUntil(nextAt), signal), new Promise<void>((done) => (woken = done))]);
    }
  } finally {
    stop();
  }
}

/** Also because a timer of more than 24 days goes off at once (Node: setTimeout). */
function waitUntil(nextAt: number | undefined): number {
  return nextAt === undefined ? mostMs : Math.min(mostMs, Math.max(50, nextAt - Date.now()));
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      resolve();
    }
    function aborted(): void {
      clearTimeout(timer);
      reject(new CancelledError());
    }
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}
