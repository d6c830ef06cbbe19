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

/** The likeliest next act; after a breach the way back comes first. A pause or a rehearsal is never pushed. */
export function nextAction({ actions, attention }: Pick<DeliveryState, 'actions' | 'attention'>): DeliveryAction | undefined {
  const order: readonly DeliveryAction[] = ['start-rollout', 'resume', 'promote', 'approve', 'rerun-checks', 'build-artifact'];
  const first: readonly DeliveryAction[] = attention === 'breach' ? ['roll-back', 'abort'] : [];
  return [...first, ...order].find((action) => actions.includes(action));
}
