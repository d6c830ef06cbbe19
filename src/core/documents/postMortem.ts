import type { RolloutEvent, RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import { markdownText, tableCell } from '../pullRequest/hostileText';
import { deliverySteps } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';

/**
 * A blameless post-mortem draft: what the log knows (timeline and measurements) is filled in, what only people know (root cause,
 * prevention) is left to them and said so.
 */
export function postMortem(run: PatchRun, rollouts: readonly RolloutState[]): string {
  const back = rollouts.find(({ phase }) => phase === 'rolled-back' || phase === 'degraded');
  const revert = latestStep(run, deliverySteps.revert);
  const text = markdownText;
  const breach = back?.breach;
  const lines = [
    `# Post-mortem: ${text(run.finding.title)}`,
    '',
    '> Draft. The timeline and the measurements are from the run log; what is in italics is for people to write. Say what happened and why it could, not who.',
    '',
    '## Summary',
    '',
    back === undefined
      ? 'No rollout of this patch was taken back.'
      : `The rollout of **${text(back.plan.service)}** to ${text(back.plan.environment)} was taken back at ${text(back.plan.steps[back.step]?.name ?? '100 %')}: ${text(back.reason ?? 'aborted')}.`,
    '',
    `- Finding: \`${run.finding.id}\` (${run.finding.severity}), ${text(run.finding.ruleId)}`,
    ...(back === undefined ? [] : [`- Artifact: ${text(back.plan.artifact.name)}, sha256 \`${back.plan.artifact.sha256}\``]),
    ...(revert === undefined ? [] : [`- ${text(revert.summary)}`]),
    ...(back?.endedAt === undefined
      ? []
      : [`- From the breach to the old version: ${secondsBetween(breachAt(back) ?? back.startedAt, back.endedAt)} s`]),
    '',
    '## Impact',
    '',
    back === undefined
      ? '_Who noticed what, for how long?_'
      : `At most ${highestWeight(back)} % of the traffic met the new version, for ${secondsBetween(back.startedAt, back.endedAt ?? back.startedAt)} s. _Who noticed what?_`,
    '',
    '## Measurements',
    '',
    ...measurements(back, text),
    ...(breach === undefined ? [] : ['', `The breach: ${text(breach.message, 600)}`]),
    '',
    '## Timeline (UTC)',
    '',
    '| when | what | by |',
    '|---|---|---|',
    ...timeline(run, rollouts).map(
      ({ at, what, by }) =>
        `| ${at.slice(0, 19).replace('T', ' ')} | ${tableCell(text(what, 400))} | ${tableCell(text(by, 120))} |`,
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

function breachAt(rollout: RolloutState): string | undefined {
  return rollout.events.find(({ what }) => what.event === 'breached')?.at;
}

function highestWeight({ events }: RolloutState): number {
  return Math.max(
    0,
    ...events.map(({ what }) => (what.event === 'done' && what.action.kind === 'step' ? what.action.weight : 0)),
  );
}

function measurements(rollout: RolloutState | undefined, text: (value: string, most?: number) => string): readonly string[] {
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
    what: `${stage}, ${name.replaceAll('-', ' ')}: ${outcome}. ${summary}`,
    by,
  }));
  const events = rollouts.flatMap(({ plan, events: own }) =>
    own.flatMap(({ at, by, what }) => {
      const words = wordsOf(what);
      return words === undefined ? [] : [{ at, what: `${plan.service}: ${words}`, by }];
    }),
  );
  return [...steps, ...events].sort((a, b) => a.at.localeCompare(b.at));
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
