import { HumanError } from '../errors';
import type { PatchRun } from '../model/run';
import type { RolloutState } from '../model/rollout';
import { markdownCode, markdownText } from '../pullRequest/hostileText';
import { changeOf } from '../runs/changeOf';
import { deliverySteps, mergeOf } from '../runs/deliveryState';
import { latestStep } from '../runs/foldRuns';

export interface ReleaseFacts {
  readonly run: PatchRun;
  readonly rollouts: readonly RolloutState[];
  /** Title of the fix. */
  readonly fix: string;
  /** Commits from the base to the head, newest first. */
  readonly commits: readonly { readonly commit: string; readonly subject: string }[];
}

/** Release notes of one patch from its commits, its pull request and what was measured while it was rolled out. */
export function releaseNotes({ run, rollouts, fix, commits }: ReleaseFacts): string {
  const change = changeOf(run);
  if (change === undefined) throw new HumanError('There is no pull request, so there is nothing to note yet.');
  const { finding } = run;
  const merge = mergeOf(run);
  const back = rollouts.some(({ phase }) => phase === 'rolled-back');
  const services = rollouts.map(
    ({ plan, phase }) => `${markdownText(plan.service)} (${markdownText(plan.environment)}): ${phase.replace('-', ' ')}`,
  );
  const proof = latestStep(run, 'proof');
  const tests = latestStep(run, deliverySteps.tests);
  const watch = latestStep(run, deliverySteps.watch);
  return [
    `# Security fix: ${markdownText(finding.title)}`,
    '',
    ...(back ? ['> This change was rolled back; these notes describe what was tried.', ''] : []),
    `${markdownText(fix.replace(/\.$/, ''))}.`,
    '',
    `- **Finding**: ${markdownText(finding.ruleId)}, ${finding.severity}${finding.aliases.length === 0 ? '' : ` (${finding.aliases.map((alias) => markdownText(alias)).join(', ')})`}`,
    `- **Pull request**: #${change.number}${merge === undefined ? ', not merged' : `, merged as ${markdownCode(merge.commit.slice(0, 10))}`}`,
    ...(services.length === 0 ? [] : [`- **Services**: ${services.join('; ')}`]),
    ...(rollouts[0] === undefined
      ? []
      : [
          `- **Artifact**: ${markdownText(rollouts[0].plan.artifact.name)}, sha256 ${markdownCode(rollouts[0].plan.artifact.sha256)}`,
        ]),
    '',
    '## Evidence',
    '',
    ...(proof === undefined
      ? ['- No proof was made.']
      : [`- Proof: ${proof.outcome}${proof.data?.['weaker'] === true ? ' (of versions, not of behaviour)' : ''}.`]),
    ...(tests === undefined ? [] : [`- Tests: ${markdownText(tests.summary, 400)}`]),
    ...(watch === undefined ? [] : [`- After the rollout: ${markdownText(watch.summary, 400)}`]),
    '',
    '## Commits',
    '',
    ...(commits.length === 0
      ? ['None are known.']
      : commits.map(({ commit, subject }) => `- ${markdownCode(commit.slice(0, 10))} ${markdownText(subject, 200)}`)),
    '',
  ].join('\n');
}
