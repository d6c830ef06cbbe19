import type { DeliveryState } from '../../core/delivery';
import { cleanLine } from '../../core/findings/cleanText';
import type { Outcome } from '../../core/model/outcome';
import type { PatchRun, RecordedStep } from '../../core/model/run';
import type { Stage } from '../../core/model/stage';

export const stageTitles: Readonly<Record<Stage, string>> = {
  detection: 'Detection',
  triage: 'Triage',
  generation: 'Generation',
  build: 'Build',
  testing: 'Testing',
  approval: 'Approval',
  rollout: 'Rollout',
  monitoring: 'Monitoring',
};

/** Icon and colour of an outcome; could-not-check is never green. */
export const outcomeIcons: Readonly<Record<Outcome, { readonly icon: string; readonly color?: string }>> = {
  successful: { icon: 'pass', color: 'testing.iconPassed' },
  failed: { icon: 'error', color: 'testing.iconFailed' },
  error: { icon: 'warning', color: 'testing.iconErrored' },
  inconclusive: { icon: 'question', color: 'testing.iconQueued' },
  waiting: { icon: 'clock', color: 'testing.iconQueued' },
  closed: { icon: 'circle-slash' },
};

/** The newest attempt of each step of a run, in the order of the first attempts. */
export function currentSteps(run: PatchRun): readonly RecordedStep[] {
  const newest = new Map<string, RecordedStep>();
  for (const step of run.steps) {
    const key = `${step.stage}/${step.name}`;
    const known = newest.get(key);
    if (known === undefined || known.attempt <= step.attempt) newest.set(key, step);
  }
  return [...newest.values()];
}

/** What the run waits for, or how it stands: a few words for a row. */
export function standing(run: PatchRun): string {
  const steps = currentSteps(run);
  const stuck = steps.findLast((step) => step.outcome === 'waiting') ?? steps.findLast((step) => step.outcome !== 'successful');
  if (run.state === 'superseded') return 'superseded';
  if (run.state === 'closed') return 'closed';
  if (stuck?.outcome === 'waiting' && waitingFor[stuck.name] !== undefined) return waitingFor[stuck.name] ?? '';
  if (stuck !== undefined) {
    const word: Readonly<Record<Outcome, string>> = {
      successful: 'done',
      failed: 'failed',
      error: 'could not be checked',
      inconclusive: 'needs a decision',
      waiting: 'waiting',
      closed: 'closed',
    };
    return `${stuck.name.replaceAll('-', ' ')}: ${word[stuck.outcome]}`;
  }
  const last = steps.at(-1);
  if (last === undefined) return 'begun';
  return waitsFor[last.name] ?? `${last.name.replaceAll('-', ' ')} done`;
}

/** What a step that has not ended waits for. */
const waitingFor: Readonly<Record<string, string>> = {
  test: 'waits for you: complete the test',
  'pull-request': 'waits for its build and review',
};

/** After which step a run waits for a person, and for what. */
const waitsFor: Readonly<Record<string, string>> = {
  patch: 'waits for you: a regression test',
  test: 'waits for you: Prove Fix',
  proof: 'waits for you: Open Pull Request',
  'pull-request': 'waits for its build and review',
};

/** Icons of what wants an eye more than its step's outcome says. */
export const attentionIcons: Readonly<
  Partial<Record<DeliveryState['attention'], { readonly icon: string; readonly color?: string }>>
> = {
  breach: { icon: 'flame', color: 'testing.iconFailed' },
  paused: { icon: 'debug-pause', color: 'testing.iconQueued' },
  progressing: { icon: 'rocket' },
};

/** `50 % · waits for bake time of step 2`: a run in a row, by its delivery where it has one. */
export function runStanding(run: PatchRun, delivery: DeliveryState | undefined): string {
  if (delivery === undefined || run.state === 'superseded' || run.state === 'closed') return standing(run);
  const { rollout } = delivery;
  const traffic = rollout === undefined || rollout.phase === 'planned' ? '' : `${rollout.weight} % · `;
  return cleanLine(delivery.waitsFor === '' ? `${traffic}${standing(run)}` : `${traffic}waits for ${delivery.waitsFor}`, 200);
}

/** The row's context for menus: its state, and what can be done with it now (`run.waiting delivery approve rehearse`). */
export function runContext(run: PatchRun, delivery: DeliveryState | undefined): string {
  return [`run.${run.state}`, ...(delivery === undefined ? [] : ['delivery', ...delivery.actions])].join(' ');
}
