import type { DeliveryState } from '../../core/delivery';
import { cleanLine } from '../../core/findings/cleanText';
import type { RolloutState } from '../../core/model/rollout';
import { isFresh, rolloutKey, rolloutsOf } from './attention';
import { isUnwatched, metricTitle, phaseWords } from './deliveryWords';

export type NoticeAct = 'panel' | 'roll-back' | 'revert' | 'post-mortem';

/** Something that is told once, wherever the person is in the editor. */
export interface Notice {
  /** The same for the same breach, in every window and after every reload. */
  readonly key: string;
  readonly findingId: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
  readonly acts: readonly { readonly title: string; readonly act: NoticeAct }[];
}

/** What has to be told of these runs; the caller remembers what was told. `now` in milliseconds since the epoch. */
export function noticesOf(states: readonly DeliveryState[], now: number): readonly Notice[] {
  return states.flatMap((state) => rolloutsOf(state).flatMap((rollout) => noticeOf(state, rollout, now)));
}

function noticeOf(state: DeliveryState, rollout: RolloutState, now: number): readonly Notice[] {
  const { plan, breach, phase } = rollout;
  const rolled = rolloutKey(rollout);
  const service = cleanLine(`${plan.service} (${plan.environment})`, 160);
  if (!isFresh(rollout, now)) return [];
  const panel = { title: 'Open Panel', act: 'panel' } as const;
  const postMortem = { title: 'Show Post-mortem', act: 'post-mortem' } as const;
  const back = phase === 'rolled-back' || phase === 'rolling-back';
  const wayOn =
    state.revert !== undefined
      ? [{ title: `Open Revert PR #${state.revert.number}`, act: 'revert' } as const]
      : back || !(state.actions.includes('roll-back') || state.actions.includes('abort'))
        ? []
        : [{ title: 'Roll Back', act: 'roll-back' } as const];
  if (breach !== undefined) {
    return [
      {
        key: `${rolled}/breach/${breach.metric}/${breach.step}`,
        findingId: state.findingId,
        level: 'error',
        message: `${service}: breach of ${metricTitle(plan.metrics, breach.metric)}. ${cleanLine(breach.message, 300)}${back ? ` The rollout ${phase === 'rolled-back' ? 'was' : 'is being'} taken back.` : ''}`,
        acts: [panel, ...wayOn, postMortem],
      },
    ];
  }
  if (phase === 'degraded') {
    return [
      {
        key: `${rolled}/degraded/${rollout.step}`,
        findingId: state.findingId,
        level: 'error',
        message: `${service} is ${phaseWords.degraded}. ${cleanLine(rollout.lastFailure ?? rollout.reason ?? '', 300)}`.trim(),
        acts: [panel, ...wayOn],
      },
    ];
  }
  if (isUnwatched(rollout, now)) {
    return [
      {
        key: `${rolled}/unwatched`,
        findingId: state.findingId,
        level: 'warning',
        message: `Nobody watches the rollout of ${service}: no look at its metrics is recorded lately.`,
        acts: [panel, ...wayOn],
      },
    ];
  }
  return [];
}

/** What a window keeps of what it told: VS Code's `workspaceState` fits. */
export interface NoticeMemory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const memoryKey = 'patchline.toldNotices';
/** Keys that are kept: enough for years of breaches. */
const mostKeys = 500;

/** Those that were not told before; from now on they were. They are written down first, so that a reload never tells twice. */
export async function takeUntold(notices: readonly Notice[], memory: NoticeMemory): Promise<readonly Notice[]> {
  if (notices.length === 0) return [];
  const known = memory.get(memoryKey);
  const told = Array.isArray(known) ? known.filter((key) => typeof key === 'string') : [];
  const untold = notices.filter((notice) => !told.includes(notice.key));
  if (untold.length > 0) await memory.update(memoryKey, [...told, ...untold.map((notice) => notice.key)].slice(-mostKeys));
  return untold;
}
