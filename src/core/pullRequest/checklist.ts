import type { Outcome } from '../model/outcome';
import type { Proof, ProofCheckId } from '../model/proof';
import type { RegressionTest } from '../model/regressionTest';

export interface ChecklistItem {
  readonly id: string;
  readonly text: string;
  /** done: shown by evidence; no: measured, and bad; not-yet: unknown, not made, or could not be made. */
  readonly state: 'done' | 'no' | 'not-yet';
  /** Why it is not done and where to get it; for a line that is done, what shows it. */
  readonly detail?: string;
  /** Id of the palette command that gets it. */
  readonly command?: string;
}

/** Whether what lies behind this part of the way is known; each is given only when it was seen. */
export interface ReadinessFacts {
  readonly test?: RegressionTest | undefined;
  readonly proof?: Proof | undefined;
  /** Checks of the pull request's head commit. */
  readonly ci?: Outcome | undefined;
  /** Reviews that count, for this very diff. */
  readonly approval?: Outcome | undefined;
  /** An artifact built from the merged commit. */
  readonly artifact?: Outcome | undefined;
  /** A declared and possible way back. */
  readonly wayBack?: Outcome | undefined;
}

/** Ready to deploy? Computed from evidence, never ticked by hand; what is unknown is "not yet". */
export function readinessChecklist(facts: ReadinessFacts): readonly ChecklistItem[] {
  const { proof, test } = facts;
  const fromProof = (id: string, text: string, checks: readonly ProofCheckId[]): ChecklistItem => {
    if (!proof) return { id, text, state: 'not-yet', detail: 'no proof was run' };
    const made = checks.map((check) => proof.checks.find((each) => each.id === check));
    const worst = made.find((check) => check?.outcome === 'failed') ?? made.find((check) => check?.outcome !== 'successful');
    if (worst) return item(id, text, worst.outcome);
    return made.includes(undefined)
      ? { id, text, state: 'not-yet', detail: 'this check was not made' }
      : item(id, text, 'successful');
  };
  const red = fromProof('red', 'The regression test fails without the fix, for the stated reason', ['red']);
  const weaker = proof?.weaker === true || test?.strength === 'version';
  return [
    weaker && red.state === 'done'
      ? { ...red, text: 'The version test fails without the fix (weaker: it shows versions, not behaviour)' }
      : red,
    fromProof('green', 'The same test passes with the fix, repeatedly', ['green', 'repeat']),
    fromProof('suite', "The project's own tests are not worse than before", ['suite']),
    fromProof('gone', 'The finding is gone and no new one came', ['gone']),
    fromProof('clean', 'The fix touches no test, CI or scanner configuration, suppresses nothing, and parses', [
      'clean',
      'parse',
    ]),
    item('ci', 'The checks of the pull request passed', facts.ci),
    item('approval', 'Approved by somebody who may approve it', facts.approval),
    item('artifact', 'An artifact was built from the merged commit', facts.artifact),
    item('way-back', 'A way back is declared and possible', facts.wayBack),
  ];
}

function item(id: string, text: string, outcome: Outcome | undefined): ChecklistItem {
  switch (outcome) {
    case 'successful':
      return { id, text, state: 'done' };
    case 'failed':
      return { id, text, state: 'no', detail: 'measured, and bad' };
    case 'error':
      return { id, text, state: 'not-yet', detail: 'could not be checked' };
    case 'inconclusive':
      return { id, text, state: 'not-yet', detail: 'inconclusive: a person decides' };
    case 'waiting':
      return { id, text, state: 'not-yet', detail: 'waiting' };
    case 'closed':
      return { id, text, state: 'not-yet', detail: 'closed without a result' };
    case undefined:
      return { id, text, state: 'not-yet' };
  }
}
