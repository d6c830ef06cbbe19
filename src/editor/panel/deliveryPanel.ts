import { cleanLine } from '../../core/findings/cleanText';
import type { DeliveryState } from '../../core/delivery';
import type { PanelAction, PanelDelivery, PanelLink, PanelStage } from '../../webview/protocol';
import { deliveryActions, nextAction } from '../delivery/deliveryActions';
import { approvalPanel } from './approvalPanel';
import { artifactPanel, checksPanel, testsPanel } from './checksPanel';
import { checklistPanel } from './checklistPanel';
import { metricCharts } from './metricCharts';
import { breachVerdict, rolloutPanel } from './rolloutPanel';

/** The buttons of the moment, in the order of the way; the likeliest next one is the primary. */
export function momentActions(state: DeliveryState): readonly PanelAction[] {
  const next = nextAction(state);
  return state.actions.map((action) => ({ ...deliveryActions[action], primary: action === next }));
}

/** Everything behind the pull request, in words. `now` in milliseconds since the epoch. */
export function deliveryPanel(
  state: DeliveryState,
  stages: readonly PanelStage[],
  earlier: readonly PanelAction[],
  now: number,
): PanelDelivery {
  const { ci, artifact, tests, approval, rollout, revert } = state;
  const alert = alertOf(state);
  const waitsFor = cleanLine(state.waitsFor, 400);
  return {
    waitsFor,
    ...(state.problem === undefined ? {} : { problem: cleanLine(state.problem, 400) }),
    announcement: announcementOf(state, stages, waitsFor),
    ...(alert === undefined ? {} : { alert }),
    checklist: checklistPanel(state.checklist),
    ...(ci === undefined ? {} : { ci: checksPanel(ci, state.actions.includes('rerun-checks')) }),
    ...(artifact === undefined ? {} : { artifact: artifactPanel(artifact) }),
    ...(tests === undefined ? {} : { tests: testsPanel(tests) }),
    ...(approval === undefined ? {} : { approval: approvalPanel(approval) }),
    ...(rollout === undefined ? {} : { rollout: rolloutPanel(rollout, state.services ?? [], now) }),
    charts: rollout === undefined ? [] : metricCharts(rollout),
    ...(revert === undefined ? {} : { revert: { number: revert.number } }),
    documents: documentsOf(state),
    earlier,
  };
}

function alertOf(state: DeliveryState): PanelDelivery['alert'] {
  const { rollout } = state;
  if (rollout === undefined) return undefined;
  const breach = breachVerdict(rollout);
  const where = cleanLine(`${rollout.plan.service} (${rollout.plan.environment})`, 200);
  if (breach !== undefined) return { level: 'error', text: `Breach in ${where}: ${breach.title}`, detail: breach.message };
  if (rollout.phase === 'degraded')
    return {
      level: 'error',
      text: `${where} is stuck halfway: a person must act`,
      detail: cleanLine(rollout.lastFailure ?? rollout.reason ?? 'The provider could neither go on nor go back.', 400),
    };
  if (rollout.phase === 'rolled-back' || rollout.phase === 'rolling-back')
    return {
      level: 'error',
      text: `${where} ${rollout.phase === 'rolled-back' ? 'was' : 'is being'} taken back`,
      detail: cleanLine(rollout.reason ?? 'No reason is recorded.', 400),
    };
  return undefined;
}

/** Changes with a stage, a step and whom the run waits for, and with nothing else, so that a screen reader is not talkative. */
function announcementOf({ rollout }: DeliveryState, stages: readonly PanelStage[], waitsFor: string): string {
  const stage = stages.findLast((one) => one.state !== 'not-reached');
  const parts = [
    ...(stage === undefined ? [] : [`${stage.title}: ${stage.state.replaceAll('-', ' ')}`]),
    ...(rollout === undefined ? [] : [`${rollout.weight} % of the traffic`]),
    ...(waitsFor === '' ? [] : [`waits for ${waitsFor}`]),
  ];
  return `${parts.join(', ')}.`;
}

function documentsOf({ rollout, pullRequest }: DeliveryState): readonly PanelLink[] {
  const back = rollout?.breach !== undefined || rollout?.phase === 'rolled-back' || rollout?.phase === 'rolling-back';
  return [
    ...(back ? [{ command: 'patchline.showPostMortem', title: 'Post-mortem' }] : []),
    ...(pullRequest.state === 'closed'
      ? []
      : [
          { command: 'patchline.showReleaseNotes', title: 'Release Notes' },
          { command: 'patchline.showChangelogLine', title: 'Changelog Line' },
        ]),
  ];
}
