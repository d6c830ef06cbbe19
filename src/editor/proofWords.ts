import type { Outcome } from '../core/model/outcome';
import type { Patch } from '../core/model/patch';
import type { Proof } from '../core/model/proof';
import type { RegressionTest } from '../core/model/regressionTest';
import { cleanLine } from '../core/findings/cleanText';
import { holdsFor } from '../core/pipeline';

const verdicts: Readonly<Record<Outcome, string>> = {
  successful: 'The fix is proven',
  failed: 'The fix is not proven: a check failed',
  error: 'The fix could not be checked',
  inconclusive: 'The proof is inconclusive: a person decides',
  waiting: 'The proof has not ended',
  closed: 'The proof was closed',
};

const marks: Readonly<Record<Outcome, string>> = {
  successful: '✓',
  failed: '✗',
  error: '!',
  inconclusive: '?',
  waiting: '…',
  closed: '–',
};

/** One message line: the verdict, then what was shown or the first check that stands in the way. */
export function describeProof(proof: Proof): string {
  const weaker = proof.weaker ? ' It rests on versions, not on behaviour, and is weaker for it.' : '';
  if (proof.outcome === 'successful') {
    const count = proof.checks.length;
    return `${verdicts.successful}: ${count === 1 ? 'its one check' : `all ${count} checks`} passed.${weaker}`;
  }
  const bad =
    proof.checks.find((check) => check.outcome === proof.outcome) ?? proof.checks.find((check) => check.outcome !== 'successful');
  return `${verdicts[proof.outcome]}${bad === undefined ? '' : `. ${cleanLine(bad.title, 80)}: ${cleanLine(bad.detail, 300)}`}${weaker}`;
}

/** The proof, where it is one of this patch and this test: of others it says nothing, and the pull request will not carry it. */
export function proofThatHolds(proof: Proof | undefined, patch: Patch, test: RegressionTest | undefined): Proof | undefined {
  return proof !== undefined && test !== undefined && holdsFor(proof, patch, test) ? proof : undefined;
}

/** What a person reads before a pull request is opened: branch, files, test, each check of the proof. */
export function describePullRequest(
  branch: string,
  patch: Patch,
  test: RegressionTest | undefined,
  proof: Proof | undefined,
): string {
  const files = patch.changes.map((change) => `  ${change.path}${change.before === null ? ' (new)' : ''}`);
  if (test !== undefined) files.push(`  ${test.path} (regression test)`);
  const lines = [`Branch ${branch}`, 'Your files and your own branch stay as they are.', '', ...files, ''];
  if (proof === undefined) lines.push('Not proven: the pull request will say so. Prove Fix first to bring evidence.');
  else {
    lines.push(`${verdicts[proof.outcome]}${proof.weaker ? ' (by versions only)' : ''}:`);
    lines.push(...proof.checks.map((check) => `  ${marks[check.outcome]} ${cleanLine(check.title, 100)}`));
  }
  return lines.join('\n');
}
