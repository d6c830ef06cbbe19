import { unifiedDiff } from '../../core/edits/unifiedDiff';
import { cleanLine } from '../../core/findings/cleanText';
import type { LogVerdict } from '../../core/model/logEntry';
import type { Patch } from '../../core/model/patch';
import type { Proof } from '../../core/model/proof';
import type { RegressionTest } from '../../core/model/regressionTest';
import type { PatchRun, RecordedStep } from '../../core/model/run';
import type { Stage } from '../../core/model/stage';
import type { TriagedFinding } from '../../core/model/triage';
import { holdsFor } from '../../core/pipeline';
import { latestStep } from '../../core/runs/foldRuns';
import { stageStates } from '../../core/runs/stageStates';
import { whereOf } from '../../core/triage/findingsTable';
import type { PanelAction, PanelDiffLine, PanelEvidence, PanelPart, PanelStage, PanelState } from '../../webview/protocol';
import { stageTitles } from '../patches/runWords';

export interface PanelInputs {
  readonly finding: TriagedFinding;
  readonly run: PatchRun | undefined;
  readonly patch: Patch | undefined;
  readonly test: RegressionTest | undefined;
  readonly proof: Proof | undefined;
  readonly problems: readonly LogVerdict[];
}

/** A lock file's diff can be long; the whole of it is one click away as evidence. */
const mostDiffLines = 400;

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
};

/** What the panel shows of a finding's run: a pure function of the log and its evidence. */
export function panelState(inputs: PanelInputs): PanelState {
  const { finding, run, patch, test, proof } = inputs;
  const pull = latestStep(run, 'pull-request')?.data;
  const problem = inputs.problems.find((verdict) => verdict.kind !== 'intact');
  return {
    findingId: finding.id,
    title: cleanLine(finding.title, 300),
    severity: finding.severity,
    where: cleanLine(whereOf(finding), 300),
    rule: cleanLine(finding.ruleId, 200),
    scanner: cleanLine([...new Set(finding.witnesses.map((witness) => witness.scanner))].join(', '), 200),
    aliases: finding.aliases.slice(0, 12),
    cwe: finding.cwe.slice(0, 12),
    ...(finding.cvss === undefined
      ? {}
      : { cvss: `${finding.cvss.version} base ${finding.cvss.score.toFixed(1)} · ${finding.cvss.vector}` }),
    priority: finding.triage.priority,
    band: finding.triage.band,
    reasons: finding.triage.reasons,
    owners: finding.triage.owners,
    ...(finding.triage.due === undefined ? {} : { due: finding.triage.due }),
    references: finding.references.slice(0, 6),
    stages: stagesOf(run),
    ...(patch === undefined ? {} : { patch: patchOf(patch) }),
    ...(test === undefined
      ? {}
      : { test: { path: test.path, claim: test.claim, strength: test.strength, framework: test.framework } }),
    ...(proof === undefined
      ? {}
      : {
          proof: {
            outcome: proof.outcome,
            weaker: proof.weaker,
            current: patch !== undefined && test !== undefined && holdsFor(proof, patch, test),
            base: proof.base.slice(0, 10),
            checks: proof.checks.map((check) => ({
              title: check.title,
              outcome: check.outcome,
              detail: check.detail,
              duration: check.duration,
              evidence: check.evidence.map(evidenceOf),
            })),
          },
        }),
    ...(pull === undefined
      ? {}
      : {
          pullRequest: {
            title: textOf(pull['title']),
            forge: textOf(pull['forge']),
            number: Number(pull['number']),
            branch: textOf(pull['branch']),
            url: textOf(pull['url']),
          },
        }),
    actions: actionsOf(inputs, pull !== undefined),
    ...(problem === undefined ? {} : { logProblem: `The run log is damaged: ${problem.why}.` }),
  };
}

function stagesOf(run: PatchRun | undefined): readonly PanelStage[] {
  if (run === undefined) {
    return (Object.keys(stageTitles) as Stage[]).map((id) => ({
      id,
      title: stageTitles[id],
      state: 'not-reached',
      hint: hints[id],
      parts: [],
    }));
  }
  return stageStates(run).map(({ stage, state, since, duration, parts }) => ({
    id: stage,
    title: stageTitles[stage],
    state,
    hint: hints[stage],
    ...(since === undefined ? {} : { since }),
    ...(duration === undefined ? {} : { duration }),
    parts: parts.map(partOf),
  }));
}

function partOf(step: RecordedStep): PanelPart {
  return {
    title: partTitles[step.name] ?? step.name,
    outcome: step.outcome,
    summary: cleanLine(step.summary, 600),
    attempt: step.attempt,
    at: step.at,
    by: cleanLine(step.by, 120),
    entry: `${step.entry.n} of ${step.entry.chain.slice(0, 8)}`,
    evidence: step.evidence.map(evidenceOf),
  };
}

function evidenceOf(evidence: {
  readonly name: string;
  readonly mediaType: string;
  readonly digest: { readonly sha256: string };
}): PanelEvidence {
  return { name: cleanLine(evidence.name, 120), mediaType: evidence.mediaType, sha256: evidence.digest.sha256 };
}

function patchOf(patch: Patch): NonNullable<PanelState['patch']> {
  const lines = unifiedDiff(patch.changes).replace(/\n$/, '').split('\n').flatMap(diffLine);
  return {
    title: cleanLine(patch.title, 300),
    reason: patch.reason,
    fixer: patch.fixer,
    notes: patch.notes,
    diff: lines.slice(0, mostDiffLines),
    cut: Math.max(0, lines.length - mostDiffLines),
  };
}

function diffLine(line: string): readonly PanelDiffLine[] {
  if (line.startsWith('diff --git')) return [];
  if (/^(index |new file mode|deleted file mode|--- )/.test(line)) return [];
  if (line.startsWith('+++ ')) return [{ kind: 'file', text: line.slice(4).replace(/^b\//, '') }];
  if (line.startsWith('@@')) return [{ kind: 'hunk', text: line }];
  const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'context';
  return [{ kind, text: line.replace(/\r$/, '') }];
}

/** The buttons that belong to the moment; the next one is the primary. */
function actionsOf({ patch, test, proof }: PanelInputs, opened: boolean): readonly PanelAction[] {
  const proven = proof !== undefined && patch !== undefined && test !== undefined && holdsFor(proof, patch, test);
  const green = proven && (proof.outcome === 'successful' || proof.outcome === 'inconclusive');
  const next = patch === undefined ? 'fix' : test === undefined ? 'test' : !green ? 'prove' : 'pull';
  const action = (id: string, command: string, title: string, icon: string): PanelAction => ({
    command,
    title,
    icon,
    primary: id === next && !opened,
  });
  return [
    action('fix', 'patchline.generateFix', patch === undefined ? 'Generate Fix' : 'Review Fix Again', 'wand'),
    action('test', 'patchline.generateTest', 'Generate Regression Test', 'beaker'),
    action('prove', 'patchline.proveFix', proven ? 'Prove Again' : 'Prove Fix', 'verified'),
    action('pull', 'patchline.openPullRequest', opened ? 'Update Pull Request' : 'Open Pull Request', 'git-pull-request'),
  ];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? cleanLine(value, 400) : '';
}
