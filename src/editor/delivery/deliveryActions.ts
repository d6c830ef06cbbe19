import type { DeliveryAction, DeliveryState } from '../../core/delivery';
import type { CommandId } from '../commandTable';

interface ActionFacts {
  readonly command: CommandId;
  readonly title: string;
  readonly icon: string;
}

/** How each act of the second half is offered: by which command, in which words, with which icon. */
export const deliveryActions: Readonly<Record<DeliveryAction, ActionFacts>> = {
  'rerun-checks': { command: 'patchline.rerunFailedChecks', title: 'Re-run Failed Checks', icon: 'debug-rerun' },
  'build-artifact': { command: 'patchline.buildArtifact', title: 'Build Artifact', icon: 'package' },
  approve: { command: 'patchline.approve', title: 'Approve', icon: 'thumbsup' },
  'start-rollout': { command: 'patchline.startRollout', title: 'Start Rollout', icon: 'rocket' },
  promote: { command: 'patchline.promote', title: 'Promote', icon: 'debug-step-over' },
  pause: { command: 'patchline.pauseRollout', title: 'Pause', icon: 'debug-pause' },
  resume: { command: 'patchline.resumeRollout', title: 'Resume', icon: 'debug-continue' },
  abort: { command: 'patchline.abortRollout', title: 'Abort', icon: 'circle-slash' },
  'roll-back': { command: 'patchline.rollBack', title: 'Roll Back', icon: 'discard' },
  rehearse: { command: 'patchline.rehearseRollback', title: 'Rehearse Rollback', icon: 'debug-restart' },
};

/**
 * The likeliest next act; after a breach the way back comes first, after a failed check the check. A pause or a rehearsal is never
 * pushed, nor is an approval of what the checks have not judged yet.
 */
export function nextAction({
  actions,
  attention,
  ci,
}: Pick<DeliveryState, 'actions' | 'attention' | 'ci'>): DeliveryAction | undefined {
  const checks: readonly DeliveryAction[] =
    ci === undefined || ci.outcome === 'waiting' ? [] : ci.outcome === 'successful' ? ['approve'] : ['rerun-checks', 'approve'];
  const order: readonly DeliveryAction[] = ['start-rollout', 'resume', 'promote', ...checks, 'build-artifact'];
  const first: readonly DeliveryAction[] = attention === 'breach' ? ['roll-back', 'abort'] : [];
  return [...first, ...order].find((action) => actions.includes(action));
}
