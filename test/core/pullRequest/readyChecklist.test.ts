import assert from 'node:assert/strict';
import type { Proof, ProofCheck } from '../../../src/core/model/proof';
import type { ReadyFacts } from '../../../src/core/pullRequest/readyChecklist';
import { readyChecklist } from '../../../src/core/pullRequest/readyChecklist';
import { planRollout } from '../../../src/core/rollout/planRollout';

const now = Date.UTC(2026, 2, 31);
const check = (id: ProofCheck['id'], over: Partial<ProofCheck> = {}): ProofCheck => ({
  id,
  title: `Check ${id}`,
  outcome: 'successful',
  detail: 'Seen.',
  evidence: [],
  duration: 1,
  ...over,
});
const proof = (...over: readonly ProofCheck[]): Pick<Proof, 'checks' | 'weaker'> => ({
  weaker: false,
  checks: (['clean', 'red', 'green', 'repeat', 'gone'] as const).map((id) => over.find((each) => each.id === id) ?? check(id)),
});
const plan = planRollout({
  run: 'f-1',
  attempt: 1,
  service: {
    name: 'web',
    provider: 'command',
    strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 60 }] },
    commands: { step: ['x'], rollback: ['npm', 'run', 'rollback'] },
    metrics: [{ name: 'errors', kind: 'ratio', provider: 'scrape', canary: {}, threshold: { max: 0.05 } }],
  },
  artifact: { name: 'web', uri: 'local:web', digest: { sha256: 'a'.repeat(64) }, commit: 'c'.repeat(40) },
});
const artifact = {
  tree: 't1',
  digest: { sha256: 'a'.repeat(64) },
  provenance: { name: 'p', mediaType: 'application/json', digest: { sha256: 'f'.repeat(64) } },
  reproducibility: { verdict: 'reproducible', differences: [] },
} as const;
const ciCheck = (name: string, state: 'successful' | 'failed' | 'running') =>
  ({ id: name, name, kind: 'job', state, attempt: 1, hasLog: true }) as const;
const ready: ReadyFacts = {
  triage: { priority: 72, band: 'now', owners: ['@acme/core'] },
  patch: { changes: [{ path: 'src/ping.js', before: 'bad\n', after: 'good\n' }] },
  test: { strength: 'behaviour' },
  proof: proof(),
  ci: { outcome: 'successful', checks: [ciCheck('test', 'successful')], missing: [] },
  tests: { outcome: 'successful', summary: '12 passed, 1 new.' },
  artifact,
  tree: 't1',
  approval: { outcome: 'successful', summary: 'Approved by 1 person; low risk asks for 1.', waitsFor: [] },
  rollout: { plans: [plan], problems: [] },
  rehearsal: { ok: true, at: '2026-03-29T00:00:00Z', summary: 'fine' },
  now,
};

const say = (facts: ReadyFacts): readonly string[] =>
  readyChecklist(facts).map(({ id, text, state, detail, command }) =>
    [
      state,
      `${id}: ${text}`,
      ...(detail === undefined ? [] : [`– ${detail}`]),
      ...(command === undefined ? [] : [`[${command}]`]),
    ].join(' '),
  );

/** A patch that brings in one package under a licence. */
function lockedUnder(license: string): ReadyFacts['patch'] {
  const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });
  const after = lock({ 'node_modules/a': { version: '2', license } });
  return { changes: [{ path: 'package-lock.json', before: lock({}), after }] };
}

describe('readyChecklist', () => {
  it('says what shows each line', () => {
    assert.deepEqual(say(ready), [
      'done triaged: Triaged and prioritised – priority 72 (now), owned by @acme/core',
      'done focused: Focused change – 1 file and 2 lines; the patch keeps to what it may touch',
      'done tests: Automated tests added and passing – regression test added; it fails without the fix and passes with it; 1 check passed; 12 passed, 1 new',
      'done artifact: Artifact built and stored – sha256:aaaaaaaaaaaa… with provenance, reproducible',
      'done scans: Security and licence scans passed – the finding is gone and no new one came; licences: no dependency changes, so no licence does',
      'done approvals: Approvals recorded – Approved by 1 person; low risk asks for 1',
      'done rollout: Rollout and rollback plan defined – web by canary in 2 steps, back by npm run rollback; rehearsed 2 days ago',
      'done monitoring: Monitoring and alerts configured – web: 1 metric every 30 s, 1 of them stops a bad version, for 600 s after 100 %',
    ]);
  });

  it('says what is missing and where to get it when nothing is known', () => {
    assert.deepEqual(say({ now }), [
      'not-yet triaged: Triaged and prioritised – the finding has no priority: run Refresh Findings [patchline.refreshFindings]',
      'not-yet focused: Focused change – there is no patch: run Generate Fix [patchline.generateFix]',
      'not-yet tests: Automated tests added and passing – there is no regression test: run Generate Regression Test [patchline.generateTest]',
      'not-yet artifact: Artifact built and stored – nothing was built: run Build Artifact [patchline.buildArtifact]',
      'not-yet scans: Security and licence scans passed – no proof was made: run Prove Fix [patchline.proveFix]',
      'not-yet approvals: Approvals recorded – the reviews were not read: run Approve [patchline.approve]',
      'not-yet rollout: Rollout and rollback plan defined – nothing says how to roll out: run Open Policy [patchline.openPolicy]',
      'not-yet monitoring: Monitoring and alerts configured – there is no rollout to watch: run Open Policy [patchline.openPolicy]',
    ]);
  });

  const weak = { ...plan, metrics: plan.metrics.map((metric) => ({ ...metric, onBreach: 'warn' as const })) };
  const cases: readonly [string, Partial<ReadyFacts>, string][] = [
    [
      'focused',
      { patch: { changes: [{ path: 'a.js', before: null, after: 'x\n'.repeat(401) }] } },
      'no – the patch touches 1 file and 401 lines, more than one can review in one go; split it',
    ],
    [
      'focused',
      { proof: proof(check('clean', { outcome: 'failed', detail: 'It changes a test.' })) },
      'no – Check clean failed: It changes a test: run Prove Fix',
    ],
    ['tests', { test: { strength: 'skeleton' } }, 'not-yet – a person must complete the marked line of the regression test'],
    [
      'tests',
      { proof: { ...proof(), weaker: true } },
      'done – regression test added; it fails without the fix and passes with it (weaker: it shows versions, not behaviour); 1 check passed; 12 passed, 1 new',
    ],
    ['tests', { proof: { ...proof(), checks: [check('red')] } }, 'not-yet – the proof did not check it: run Prove Fix'],
    [
      'tests',
      { ci: { outcome: 'waiting', checks: [ciCheck('test', 'running')], missing: ['lint'] } },
      'not-yet – waits for “test”, “lint”',
    ],
    [
      'tests',
      { test: undefined, ci: { outcome: 'failed', checks: [ciCheck('test', 'failed')], missing: [] } },
      'no – failed: “test”: run Re-run Failed Checks',
    ],
    [
      'tests',
      { ci: { outcome: 'error', checks: [], missing: [] } },
      'not-yet – the pull request’s checks could not be checked: run Re-run Failed Checks',
    ],
    ['tests', { tests: { outcome: 'failed', summary: '1 broken: a › b.' } }, 'no – 1 broken: a › b: run Re-run Failed Checks'],
    [
      'tests',
      { tests: undefined },
      'not-yet – no test report was read: let a check write JUnit XML (ci.jobs in the policy): run Open Policy',
    ],
    ['artifact', { tree: 't2' }, 'not-yet – the artifact was built from another source: run Build Artifact'],
    ['artifact', { tree: undefined }, 'not-yet – what is to be rolled out is not known, so the artifact cannot be held to it'],
    [
      'artifact',
      { artifact: { ...artifact, reproducibility: { verdict: 'different', differences: ['a: time'] } } },
      'done – sha256:aaaaaaaaaaaa… with provenance, not reproducible (1 difference)',
    ],
    [
      'scans',
      { proof: proof(check('gone', { outcome: 'error', detail: 'No scanner.' })) },
      'not-yet – Check gone could not be checked: No scanner: run Prove Fix',
    ],
    [
      'scans',
      { patch: { changes: [{ path: 'package.json', before: '{}', after: '{ }' }] } },
      'not-yet – licences: package.json changes without an npm lock file, so the licences are not known',
    ],
    [
      'scans',
      { patch: lockedUnder('BUSL-1.1') },
      'not-yet – licences: a person must look at the licence of a 2 (BUSL-1.1): run Open Policy',
    ],
    [
      'scans',
      { patch: lockedUnder('BUSL-1.1'), licences: [{ licence: 'BUSL-1.1', reason: 'used in house' }] },
      'done – the finding is gone and no new one came; licences: 1 changed package: BUSL-1.1; a 2 (BUSL-1.1) allowed by policy: used in house',
    ],
    [
      'approvals',
      { approval: { outcome: 'failed', summary: '1 person asks for changes.', waitsFor: ['Grace to approve'] } },
      'no – 1 person asks for changes; waits for Grace to approve: run Approve',
    ],
    [
      'rollout',
      { rollout: { plans: [plan], problems: ['web has no rollback command.', 'x'] } },
      'not-yet – web has no rollback command (and 1 more): run Open Policy',
    ],
    [
      'rollout',
      { rollout: { plans: [{ ...plan, wayBack: '' }], problems: [] } },
      'not-yet – web has no way back: run Open Policy',
    ],
    [
      'rollout',
      { rehearsal: undefined },
      'done – web by canary in 2 steps, back by npm run rollback; the way back was never rehearsed: run Rehearse Rollback',
    ],
    [
      'rollout',
      { rehearsal: { ok: true, at: '2026-01-01T00:00:00Z', summary: '' } },
      'done – web by canary in 2 steps, back by npm run rollback; rehearsed 89 days ago: run Rehearse Rollback',
    ],
    [
      'rollout',
      { rehearsal: { ok: false, at: '2026-03-29T00:00:00Z', summary: 'It hung.' } },
      'no – the rehearsal of the way back failed: It hung: run Rehearse Rollback',
    ],
    [
      'monitoring',
      { rollout: { plans: [{ ...plan, metrics: [] }], problems: [] } },
      'not-yet – nothing watches web: run Open Policy',
    ],
    [
      'monitoring',
      { rollout: { plans: [weak], problems: [] } },
      'not-yet – no metric of web stops a bad version: run Open Policy',
    ],
    [
      'monitoring',
      { rollout: { plans: [{ ...plan, watchSeconds: 0 }], problems: [] } },
      'not-yet – nothing watches web after 100 %: run Open Policy',
    ],
  ];
  for (const [id, over, words] of cases) {
    it(`${id}: ${words}`, () => {
      const item = readyChecklist({ ...ready, ...over }).find((each) => each.id === id);
      assert.equal(`${item?.state} – ${item?.detail}`, words);
    });
  }

  it('counts no check as passed that failed and need not pass, and names none as what is waited for', () => {
    const optional = (name: string, state: 'failed' | 'running') => ({ ...ciCheck(name, state), required: false });
    const detailOf = (ci: ReadyFacts['ci']): string =>
      readyChecklist({ ...ready, ci }).find(({ id }) => id === 'tests')?.detail ?? '';
    const checks = [ciCheck('test', 'successful'), optional('coverage', 'failed'), optional('slow', 'running')];
    assert.match(
      detailOf({ outcome: 'successful', checks, missing: [] }),
      /; 1 of 3 checks passed, the others are not required;/,
    );
    const failed = detailOf({ outcome: 'failed', checks: [ciCheck('lint', 'failed'), ...checks], missing: [] });
    assert.match(failed, /^failed: “lint”: /);
  });
});
