import { HumanError } from './errors';
import type { Patch } from './model/patch';
import type { Proof } from './model/proof';
import type { PullRequest } from './model/pullRequest';
import type { RegressionTest } from './model/regressionTest';
import type { PatchRun } from './model/run';
import { patchDigest, testDigest } from './runs/artifacts';
import { latestStep } from './runs/foldRuns';

/** What the way from a finding to an open pull request still needs next. */
export type NextStep = 'patch' | 'test' | 'proof' | 'pull-request';

/** What a gate says: go on with a step, or why the run rests here. */
export type Advance = { readonly next: NextStep } | { readonly rests: string; readonly ok: boolean };

export interface RunArtifacts {
  readonly patch: Patch | undefined;
  readonly test: RegressionTest | undefined;
  readonly proof: Proof | undefined;
}

/**
 * The flow on one screen: from what the log holds of a run to the next step, or to the reason why there is none. It may be
 * asked at any time (start-up, click, poll) and always gives the same answer for the same log.
 */
export function nextStep(run: PatchRun | undefined, { patch, test, proof }: RunArtifacts): Advance {
  if (run?.state === 'closed') return { rests: 'The run is closed.', ok: true };
  if (patch === undefined) return { next: 'patch' };
  if (test === undefined) return { next: 'test' };
  if (test.strength === 'skeleton') return { rests: `${test.path} waits for a person to complete the marked line.`, ok: false };
  if (proof === undefined || !holdsFor(proof, patch, test)) return { next: 'proof' };
  if (proof.outcome === 'failed') return { rests: 'The proof failed: the fix does not do what it claims.', ok: false };
  if (proof.outcome === 'error') return { rests: 'The proof could not be made, and could-not-check is never green.', ok: false };
  const opened = latestStep(run, 'pull-request');
  if (opened === undefined || opened.data?.['patchDigest'] !== proof.patchDigest) return { next: 'pull-request' };
  return { rests: opened.summary, ok: true };
}

/** A proof holds for exactly the patch and the test it was made with. */
export function holdsFor(proof: Proof, patch: Patch, test: RegressionTest): boolean {
  return proof.patchDigest === patchDigest(patch) && proof.testDigest === testDigest(test);
}

/** The methods of the application that the way needs. */
export interface Steps {
  generate(): Promise<void>;
  writeTest(): Promise<void>;
  prove(): Promise<Proof>;
  open(): Promise<PullRequest>;
}

/** Makes one step. @throws HumanError where a step is refused (no fix, no test). */
export async function makeStep(next: NextStep, steps: Steps): Promise<void> {
  switch (next) {
    case 'patch':
      return steps.generate();
    case 'test':
      return steps.writeTest();
    case 'proof':
      await steps.prove();
      return;
    case 'pull-request': {
      const pullRequest = await steps.open();
      if (pullRequest.state !== 'open') throw new HumanError(`Pull request #${pullRequest.number} is ${pullRequest.state}.`);
      return;
    }
  }
}
