import type { RolloutEvent, RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import { markdownCode, markdownText, tableCell } from '../pullRequest/hostileText';
import { deliverySteps } from '../runs/deliveryState';
import { firstTakenBack } from '../rollout/firstTakenBack';
import { latestStep } from '../runs/foldRuns';
import { systemActor } from '../runs/recordRun';

/**
 * A blameless post-mortem draft: what the log knows (timeline and measurements) is filled in, what only people know (root cause,
 * prevention) is left to them and said so. It names no people: the log does.
 */
export function postMortem(run: PatchRun, rollouts: readonly RolloutState[]): string {
  const back = firstTakenBack(rollouts);
  const revert = latestStep(run, deliverySteps.revert);
  const breach = back?.breach;
  const lines = [
    `# Post-mortem: ${text(run.finding.title)}`,
    '',
    '> Draft. The timeline and the measurements are from the run log; what is in italics is for people to write. Say what happened and why it could, not who.',
    '',
    '## Summary',
    '',
    back === undefined ? 'No rollout of this patch was taken back.' : summaryOf(back),
    '',
    `- Finding: ${markdownCode(run.finding.id)} (${run.finding.severity}), ${text(run.finding.ruleId)}`,
    ...(back === undefined
      ? []
      : [`- Artifact: ${text(back.plan.artifact.name)}, sha256 ${markdownCode(back.plan.artifact.sha256)}`]),
    ...(revert === undefined ? [] : [`- ${text(revert.summary)}`]),
    ...(back === undefined ? [] : wayBackTook(back)),
    '',
    '## Impact',
    '',
    back === undefined ? '_Who noticed what, for how long?_' : impactOf(back),
    '',
    '## Measurements',
    '',
    ...measurements(back),
    ...(breach === undefined ? [] : ['', `The breach: ${text(breach.message, 600)}`]),
    '',
    '## Timeline (UTC)',
    '',
    '| when | what | by |',
    '|---|---|---|',
    ...timeline(run, rollouts).map(
      ({ at, what, by }) =>
        `| ${instant(at)} | ${tableCell(text(what, 400))} | ${by === systemActor.identity ? 'Patchline' : 'a person'} |`,
    ),
    '',
    '## Root cause',
    '',
    '_Why did the change do this, and why did tests and proof not show it?_',
    '',
    '## What went well, what did not',
    '',
    '_Detection, decision, way back._',
    '',
    '## Prevention',
    '',
    '- [ ] _What keeps this from happening again, whose it is, until when._',
    '',
  ];
  return lines.join('\n');
}

const text = markdownText;

function summaryOf({ plan, phase, step, reason, lastFailure }: RolloutState): string {
  const where = step < 0 ? 'before its first step' : `at ${text(plan.steps[step]?.name ?? '100 %')}`;
  const what = `The rollout of **${text(plan.service)}** to ${text(plan.environment)}`;
  const why = text(reason?.replace(/\.$/, '') ?? 'aborted', 600);
  if (phase === 'rolled-back') return `${what} was taken back ${where}: ${why}.`;
  const stands =
    phase === 'degraded'
      ? `the way back failed (${text(lastFailure ?? 'no reason given')}), so a person must act`
      : 'it is under way';
  return `${what} is to be taken back ${where}: ${why}. It is not back yet: ${stands}.`;
}

function wayBackTook(rollout: RolloutState): readonly string[] {
  const [breached, aborted] = [eventAt(rollout, 'breached'), eventAt(rollout, 'aborted')];
  const from = breached ?? aborted;
  if (from === undefined || rollout.endedAt === undefined) return [];
  return [
    `- From the ${breached === undefined ? 'abort' : 'breach'} to the old version: ${secondsBetween(from, rollout.endedAt)} s`,
  ];
}

/** How much of the traffic met the new version, and for how long: from the first change of weight to the end of the way back. */
function impactOf(rollout: RolloutState): string {
  const shares = rollout.events.flatMap(({ at, what }) => {
    if (what.event !== 'done') return [];
    const { action } = what;
    return action.kind === 'step' ? [{ at, weight: action.weight }] : action.kind === 'promote' ? [{ at, weight: 100 }] : [];
  });
  const first = shares.find(({ weight }) => weight > 0);
  if (first === undefined) return 'No change of traffic is in the log. _Who noticed what?_';
  const most = Math.max(...shares.map(({ weight }) => weight));
  const long = rollout.endedAt === undefined ? 'and still does' : `for ${secondsBetween(first.at, rollout.endedAt)} s`;
  return `At most ${most} % of the traffic met the new version, ${long}. _Who noticed what?_`;
}

function eventAt({ events }: RolloutState, event: RolloutEvent['event']): string | undefined {
  return events.find(({ what }) => what.event === event)?.at;
}

/** `2026-01-10 14:05:00` of an ISO 8601 instant. */
function instant(at: string): string {
  return tableCell(text(at.slice(0, 19).replace('T', ' ')));
}

function measurements(rollout: RolloutState | undefined): readonly string[] {
  const last = rollout?.events.findLast(({ what }) => what.event === 'looked')?.what;
  if (last?.event !== 'looked' || last.verdicts.length === 0) return ['None were recorded.'];
  return [
    '| metric | verdict | what was measured |',
    '|---|---|---|',
    ...last.verdicts.map(
      ({ metric, phase, message }) => `| ${tableCell(text(metric))} | ${phase} | ${tableCell(text(message, 600))} |`,
    ),
  ];
}

function timeline(
  run: PatchRun,
  rollouts: readonly RolloutState[],
): readonly { readonly at: string; readonly what: string; readonly by: string }[] {
  const steps = run.steps.map(({ at, stage, name, outcome, summary, by }) => ({
    at,
    what: `${stage}, ${name.replaceAll('-', ' ')}: ${outcome}: ${summary}`,
    by,
  }));
  const events = rollouts.flatMap(({ plan, events: own }) =>
    own.flatMap(({ at, by, what }) => {
      const words = wordsOf(what);
      return words === undefined ? [] : [{ at, what: `${plan.service}: ${words}`, by }];
    }),
  );
  return [...steps, ...events].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The events worth a line; what was only begun, and looks that changed nothing, are not. */
function wordsOf(event: RolloutEvent): string | undefined {
  switch (event.event) {
    case 'done':
      return event.action.kind === 'step'
        ? `${event.action.weight} % to the new version`
        : `${event.action.kind}: ${event.summary}`;
    case 'failed-action':
      return `${event.action.kind} failed: ${event.why}`;
    case 'paused':
      return `paused: ${event.why}`;
    case 'resumed':
      return 'resumed';
    case 'promoted':
      return event.skipsAnalysis ? 'promoted by hand without a successful analysis' : 'promoted by hand';
    case 'breached':
      return `breach: ${event.verdict.message}`;
    case 'aborted':
      return `aborted: ${event.why}`;
    case 'completed':
      return 'completed';
    case 'watched':
      return event.summary;
    case 'planned':
    case 'intent':
    case 'looked':
    case 'rehearsed':
      return undefined;
  }
}

function secondsBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 1000);
}
