import { cleanLine } from '../../core/findings/cleanText';
import type { MetricPhase, MetricVerdict } from '../../core/model/analysis';
import type { RecordedRolloutEvent, RolloutAction, RolloutPhase, RolloutPlan, RolloutState } from '../../core/model/rollout';
import type { PanelOutcome, PanelRollout, PanelVerdict } from '../../webview/protocol';
import { isUnwatched, metricTitle, phaseWords, secondsWords, stepWords } from '../delivery/deliveryWords';

/** Newest events that are shown; all of them stand in the run log. */
const mostEvents = 30;

/** After so long an action that was begun and has not ended is worth a warning. */
const pendingMs = 30_000;

export const phaseOutcomes: Readonly<Record<RolloutPhase, PanelOutcome>> = {
  planned: 'waiting',
  progressing: 'waiting',
  paused: 'inconclusive',
  'rolling-back': 'failed',
  'rolled-back': 'failed',
  degraded: 'failed',
  watching: 'successful',
  completed: 'successful',
};

/** The rollout step by step, as the log has it; `services` are all of a patch that touches several. `now` in milliseconds since the epoch. */
export function rolloutPanel(rollout: RolloutState, services: readonly RolloutState[], now: number): PanelRollout {
  const { plan } = rollout;
  const clock = clockOf(rollout);
  return {
    outcome: phaseOutcomes[rollout.phase],
    summary: `${sentence(stepWords(rollout))}, ${rollout.weight} % of the traffic.`,
    phase: phaseWords[rollout.phase],
    service: cleanLine(plan.service, 120),
    environment: cleanLine(plan.environment, 120),
    provider: plan.provider,
    artifact: cleanLine(`${plan.artifact.name} · SHA-256 ${plan.artifact.sha256.slice(0, 16)}…`, 200),
    weight: rollout.weight,
    steps: plan.steps.map((step) => ({
      name: cleanLine(step.name, 120),
      weight: step.weight,
      state: stepState(rollout, step.index),
      detail: `${step.bakeSeconds === 0 ? 'no bake time' : `bakes ${secondsWords(step.bakeSeconds)}`}${step.pause ? ', then a person goes on' : ''}`,
    })),
    ...(clock === undefined ? {} : { clock }),
    notes: notesOf(rollout, now),
    wayBack: cleanLine(plan.wayBack, 300),
    rehearsal:
      rollout.rehearsal === undefined
        ? 'not rehearsed'
        : cleanLine(
            `${rollout.rehearsal.ok ? 'rehearsed' : 'the rehearsal failed'} ${rollout.rehearsal.at.slice(0, 16).replace('T', ' ')} UTC: ${rollout.rehearsal.summary}`,
            300,
          ),
    services:
      services.length < 2
        ? []
        : services.map((one) => cleanLine(`${one.plan.service}: ${phaseWords[one.phase]}, ${one.weight} %`, 160)),
    verdicts: verdictsOf(rollout).map((verdict) => ({
      title: metricTitle(plan.metrics, verdict.metric),
      outcome: verdict.phase,
      message: cleanLine(verdict.message, 400),
    })),
    events: rollout.events
      .slice(-mostEvents)
      .toReversed()
      .map((event) => ({
        at: event.at,
        by: cleanLine(event.by, 120),
        text: cleanLine(describeEvent(event, plan), 500),
        entry: `${event.entry.n} of ${event.entry.chain.slice(0, 8)}`,
      })),
    cut: Math.max(0, rollout.events.length - mostEvents),
  };
}

/** How monitoring stands, for the stage's box: it begins with the traffic and ends with the watch after 100 %. */
export function monitoringOutcome(rollout: RolloutState): PanelOutcome {
  if (rollout.breach !== undefined) return 'failed';
  const watched = rollout.events.findLast((event) => event.what.event === 'watched')?.what;
  if (watched?.event === 'watched') return watched.outcome;
  const phases = rollout.verdicts.map((verdict) => verdict.phase);
  const bad = (['failed', 'error', 'inconclusive'] as const satisfies readonly MetricPhase[]).find((one) => phases.includes(one));
  return bad ?? (rollout.step < 0 ? 'not-reached' : 'waiting');
}

/** What is said in the banner; the measurement itself, never only that there is one. */
export function breachVerdict({ breach, plan }: RolloutState): PanelVerdict | undefined {
  return breach === undefined
    ? undefined
    : { title: metricTitle(plan.metrics, breach.metric), outcome: breach.phase, message: cleanLine(breach.message, 400) };
}

/** The newest verdict of each metric; a breach stays the word on its own. */
function verdictsOf({ verdicts, breach }: RolloutState): readonly MetricVerdict[] {
  return breach === undefined ? verdicts : [breach, ...verdicts.filter((verdict) => verdict.metric !== breach.metric)];
}

function stepState({ phase, step }: RolloutState, index: number): PanelRollout['steps'][number]['state'] {
  if (index < step || phase === 'watching' || phase === 'completed') return 'over';
  if (index > step) return 'ahead';
  return phase === 'rolled-back' || phase === 'rolling-back' ? 'back' : 'current';
}

/** The bake time of the current step, or the watch after 100 %, where one runs. */
function clockOf(rollout: RolloutState): PanelRollout['clock'] {
  const { plan, step, stepSince } = rollout;
  const current = plan.steps[step];
  if (rollout.phase === 'watching') {
    const since = rollout.events.findLast((event) => event.what.event === 'completed')?.at ?? stepSince;
    return since === undefined ? undefined : timeFrom('The metrics are watched after 100 %', since, plan.watchSeconds);
  }
  if (rollout.phase !== 'progressing' || current === undefined || stepSince === undefined || current.bakeSeconds === 0)
    return undefined;
  return timeFrom(`Bake time of ${cleanLine(current.name, 80)}`, stepSince, current.bakeSeconds);
}

function timeFrom(title: string, from: string, seconds: number): PanelRollout['clock'] {
  const start = Date.parse(from);
  return Number.isNaN(start) ? undefined : { title, from, to: new Date(start + seconds * 1000).toISOString() };
}

function notesOf(rollout: RolloutState, now: number): readonly string[] {
  const { paused, pending, lastFailure, failedTries, reason } = rollout;
  const notes = [
    ...(isUnwatched(rollout, now)
      ? ['Nobody watches this rollout: no look at it is recorded lately. Refresh to go on watching.']
      : []),
    ...(paused === undefined ? [] : [`Paused${paused.byPerson ? ' by a person' : ''}: ${paused.why}`]),
    // What was begun a moment ago is being done right now, as every step is.
    ...(pending === undefined || now - Date.parse(pending.since) < pendingMs
      ? []
      : [`${sentence(describeAction(pending.action))} was begun; whether it happened is not known yet.`]),
    ...(failedTries > 0 && lastFailure !== undefined
      ? [`${failedTries === 1 ? 'The last try' : `The last ${failedTries} tries`} failed: ${lastFailure}`]
      : []),
    ...(reason === undefined ? [] : [`Taken back because: ${reason}`]),
  ];
  return notes.map((note) => cleanLine(note, 500));
}

function describeAction(action: RolloutAction): string {
  switch (action.kind) {
    case 'step':
      return `step ${action.step + 1}, weight ${action.weight} %`;
    case 'promote':
      return 'promotion';
    case 'roll-back':
      return 'the way back';
    case 'rehearse':
      return 'the rehearsal of the way back';
  }
}

/** One event as one sentence. */
export function describeEvent({ what }: Pick<RecordedRolloutEvent, 'what'>, plan: RolloutPlan): string {
  switch (what.event) {
    case 'planned':
      return `Planned: ${what.plan.steps.length} steps to ${what.plan.environment} by ${what.plan.provider}`;
    case 'intent':
      return `${sentence(describeAction(what.action))}: begun`;
    case 'done':
      return `${sentence(describeAction(what.action))}: ${what.summary}`;
    case 'failed-action':
      return `${sentence(describeAction(what.action))} failed: ${what.why}`;
    case 'looked':
      return what.verdicts.length === 0
        ? 'Looked at the metrics'
        : what.verdicts.map((verdict) => `${metricTitle(plan.metrics, verdict.metric)}: ${verdict.message}`).join('; ');
    case 'paused':
      return `Paused${what.byPerson ? ' by a person' : ''}: ${what.why}`;
    case 'resumed':
      return 'Resumed';
    case 'promoted':
      return `Step ${what.step + 1} promoted by a person${what.skipsAnalysis ? ' past its analysis' : ''}`;
    case 'breached':
      return `Breach of ${metricTitle(plan.metrics, what.verdict.metric)}: ${what.verdict.message}`;
    case 'aborted':
      return `Aborted${what.byPerson ? ' by a person' : ''}: ${what.why}`;
    case 'completed':
      return 'Completed: the new version is the only one';
    case 'watched':
      return `Watch ended, ${what.outcome}: ${what.summary}`;
    case 'rehearsed':
      return `Way back rehearsed, ${what.ok ? 'it works' : 'it does not work'}: ${what.summary}`;
  }
}

function sentence(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}
