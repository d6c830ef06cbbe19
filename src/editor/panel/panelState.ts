import { unifiedDiff } from '../../core/edits/unifiedDiff';
import { cleanLine } from '../../core/findings/cleanText';
import type { DeliveryState } from '../../core/delivery';
import type { LogVerdict } from '../../core/model/logEntry';
import type { Patch } from '../../core/model/patch';
import type { Proof } from '../../core/model/proof';
import type { RegressionTest } from '../../core/model/regressionTest';
import type { PatchRun } from '../../core/model/run';
import type { TriagedFinding } from '../../core/model/triage';
import { holdsFor } from '../../core/pipeline';
import { latestStep } from '../../core/runs/foldRuns';
import { whereOf } from '../../core/triage/findingsTable';
import type { PanelAction, PanelDiffLine, PanelState } from '../../webview/protocol';
import { deliveryPanel, momentActions } from './deliveryPanel';
import { panelEvidence, stagesPanel } from './stagesPanel';

export interface PanelInputs {
  readonly finding: TriagedFinding;
  readonly run: PatchRun | undefined;
  readonly patch: Patch | undefined;
  readonly test: RegressionTest | undefined;
  readonly proof: Proof | undefined;
  readonly problems: readonly LogVerdict[];
  /** How the run stands behind its pull request; without it the first half alone is shown. */
  readonly delivery?: DeliveryState | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A lock file's diff can be long; the whole of it is one click away as evidence. */
const mostDiffLines = 400;

/** What the panel shows of a finding's run: a pure function of the log and its evidence. */
export function panelState(inputs: PanelInputs): PanelState {
  const { finding, run, patch, test, proof, delivery, now } = inputs;
  const pull = latestStep(run, 'pull-request')?.data;
  const problem = inputs.problems.find((verdict) => verdict.kind !== 'intact');
  const stages = stagesPanel(run, delivery);
  const firstHalf = actionsOf(inputs, pull !== undefined);
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
    stages,
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
              evidence: check.evidence.map(panelEvidence),
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
    ...(delivery === undefined
      ? { actions: firstHalf }
      : { actions: momentActions(delivery), delivery: deliveryPanel(delivery, stages, firstHalf, now) }),
    ...(problem === undefined ? {} : { logProblem: `The run log is damaged: ${problem.why}.` }),
  };
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
