import { cleanLine } from '../../core/findings/cleanText';
import type { DeliveryState } from '../../core/delivery';
import type { PatchRun, RecordedStep } from '../../core/model/run';
import type { Stage } from '../../core/model/stage';
import { stages } from '../../core/model/stage';
import { stageStates } from '../../core/runs/stageStates';
import type { PanelEvidence, PanelOutcome, PanelPart, PanelStage } from '../../webview/protocol';
import { stageTitles } from '../patches/runWords';
import { monitoringOutcome, phaseOutcomes } from './rolloutPanel';

const hints: Readonly<Record<Stage, string>> = {
  detection: 'Recorded when work on the finding begins.',
  triage: 'Recorded when work on the finding begins.',
  generation: 'A fix, a regression test, and their proof.',
  build: 'The pull request and what is built from it.',
  testing: 'The test report of the build.',
  approval: 'Who must approve, and who has.',
  rollout: 'Step by step to production.',
  monitoring: 'The metrics after the rollout.',
};

const partTitles: Readonly<Record<string, string>> = {
  finding: 'Finding reported',
  triage: 'Finding triaged',
  patch: 'Fix accepted',
  test: 'Regression test',
  proof: 'Proof',
  'pull-request': 'Pull request',
  ci: 'Checks',
  checks: 'Checks',
  artifact: 'Artifact',
  tests: 'Test report',
  'test-report': 'Test report',
  approval: 'Approval',
  merge: 'Merge',
  rollout: 'Rollout',
  monitoring: 'Monitoring',
  revert: 'Revert',
};

/** The eight stages with their recorded parts; where more is known behind the pull request than its steps say, that counts. */
export function stagesPanel(run: PatchRun | undefined, delivery: DeliveryState | undefined): readonly PanelStage[] {
  const known = new Map(run === undefined ? [] : stageStates(run).map((state) => [state.stage, state]));
  return stages.map((id) => {
    const state = known.get(id);
    const live = delivery === undefined ? undefined : liveState(id, delivery);
    const since = state?.since ?? live?.since;
    const duration = live?.duration ?? state?.duration;
    return {
      id,
      title: stageTitles[id],
      state: live?.state ?? state?.state ?? 'not-reached',
      hint: hints[id],
      ...(since === undefined ? {} : { since }),
      ...(duration === undefined ? {} : { duration }),
      parts: (state?.parts ?? []).map(partOf),
    };
  });
}

interface LiveState {
  readonly state: PanelOutcome;
  readonly since?: string;
  readonly duration?: number;
}

function liveState(stage: Stage, { ci, artifact, tests, approval, rollout }: DeliveryState): LiveState | undefined {
  switch (stage) {
    case 'build': {
      if (ci === undefined && artifact === undefined) return undefined;
      if (ci !== undefined && ci.outcome !== 'successful') return { state: ci.outcome };
      return { state: artifact === undefined ? 'waiting' : 'successful' };
    }
    case 'testing':
      return tests === undefined ? undefined : { state: tests.outcome };
    case 'approval':
      return approval === undefined ? undefined : { state: approval.outcome };
    case 'rollout':
      return rollout === undefined
        ? undefined
        : { state: phaseOutcomes[rollout.phase], since: rollout.startedAt, ...lastingOf(rollout.startedAt, rollout.endedAt) };
    case 'monitoring': {
      if (rollout === undefined) return undefined;
      const first = rollout.readings[0]?.at ?? rollout.stepSince;
      return { state: monitoringOutcome(rollout), ...(first === undefined ? {} : { since: first }) };
    }
    case 'detection':
    case 'triage':
    case 'generation':
      return undefined;
  }
}

function lastingOf(from: string, to: string | undefined): { readonly duration?: number } {
  const ms = to === undefined ? Number.NaN : Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? {} : { duration: ms };
}

function partOf(step: RecordedStep): PanelPart {
  return {
    title: partTitles[step.name] ?? cleanLine(step.name.replaceAll('-', ' '), 80),
    outcome: step.outcome,
    summary: cleanLine(step.summary, 600),
    attempt: step.attempt,
    at: step.at,
    by: cleanLine(step.by, 120),
    entry: `${step.entry.n} of ${step.entry.chain.slice(0, 8)}`,
    evidence: step.evidence.map(panelEvidence),
  };
}

/** A piece of evidence as the panel names it. */
export function panelEvidence(evidence: {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: { readonly sha256: string };
}): PanelEvidence {
  return { name: cleanLine(evidence.name, 120), mediaType: evidence.mediaType, sha256: evidence.digest.sha256 };
}
