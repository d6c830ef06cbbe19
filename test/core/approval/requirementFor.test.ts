import assert from 'node:assert/strict';
import type { RiskFacts } from '../../../src/core/approval/assessRisk';
import { assessRisk, measurePatch, sizeOfUpdate } from '../../../src/core/approval/assessRisk';
import { requirementFor } from '../../../src/core/approval/requirementFor';
import type { FileChange } from '../../../src/core/model/patch';

const change = (path: string, lines = 1): FileChange => ({
  path,
  before: 'kept\nold\n',
  after: `kept\n${'new\n'.repeat(lines)}`,
});
const update = (from: string, to: string) => ({ name: 'left-pad', from, to, manifest: 'package.json' });
const green: RiskFacts = {
  severity: 'high',
  patch: { changes: [change('src/ping.js')], trust: 'rule' },
  proof: { outcome: 'successful', weaker: false },
  ci: 'successful',
  tests: 'successful',
};
const manifest = [change('package.json'), change('package-lock.json', 900)];

describe('assessRisk', () => {
  it('explains low risk line by line', () => {
    assert.deepEqual(assessRisk(green), {
      risk: 'low',
      reasons: [
        'low: touches 1 file and 2 lines',
        'low: the fix comes from a rule',
        'low: the finding is of severity high',
        'low: the proof is successful',
        'low: the pull request’s checks are successful',
        'low: the comparison of the tests with the base is successful',
      ],
    });
  });

  it('puts what raises it first', () => {
    assert.deepEqual(
      assessRisk({
        severity: 'critical',
        patch: {
          changes: [...manifest, change('src/auth/login.js'), change('.github/workflows/a.yml')],
          trust: 'dependency',
          update: update('1.9.0', '2.0.0'),
        },
        proof: { outcome: 'successful', weaker: true },
        ci: 'waiting',
      }),
      {
        risk: 'high',
        reasons: [
          'high: changes sensitive files: src/auth/login.js, .github/workflows/a.yml',
          'high: major update of left-pad, 1.9.0 → 2.0.0',
          'medium: the finding is critical: a fix that does not hold leaves much open',
          'medium: the proof is successful but weaker: it shows versions, not behaviour',
          'medium: the pull request’s checks are not through yet',
          'medium: the comparison of the tests with the base is not there yet',
          'low: touches 3 files and 6 lines beside 1 lock file',
          'low: the fix is a published version',
        ],
      },
    );
  });

  const risks: readonly [string, Partial<RiskFacts>, string][] = [
    ['failed proof', { proof: { outcome: 'failed', weaker: false } }, 'high'],
    ['failed checks', { ci: 'failed' }, 'high'],
    ['broken tests', { tests: 'failed' }, 'high'],
    ['checks that could not be read', { ci: 'error' }, 'medium'],
    ['no evidence at all', { proof: undefined, ci: undefined, tests: undefined }, 'medium'],
    ['a model’s fix', { patch: { ...green.patch, trust: 'model' } }, 'medium'],
    ['101 lines', { patch: { ...green.patch, changes: [change('a.js', 100)] } }, 'medium'],
    ['401 lines', { patch: { ...green.patch, changes: [change('a.js', 400)] } }, 'high'],
    ['six files', { patch: { ...green.patch, changes: Array.from({ length: 6 }, (_, i) => change(`${i}.js`)) } }, 'medium'],
    ['a migration', { patch: { ...green.patch, changes: [change('db/migrations/7.sql')] } }, 'high'],
    ['a name that only begins like a sensitive one', { patch: { ...green.patch, changes: [change('src/authors.js')] } }, 'low'],
    ['0.x minor', { patch: { changes: manifest, trust: 'dependency', update: update('0.2.9', '0.3.0') } }, 'high'],
  ];
  for (const [name, over, risk] of risks)
    it(`${name}: ${risk}`, () => assert.equal(assessRisk({ ...green, ...over }).risk, risk));

  it('takes the policy’s own list of sensitive files in place of the default', () => {
    const facts = { ...green, patch: { ...green.patch, changes: [change('src/auth/a.js')] } };
    assert.equal(assessRisk(facts).risk, 'high');
    assert.equal(assessRisk(facts, []).risk, 'low');
    assert.equal(assessRisk(green, ['src/*']).risk, 'high');
  });

  it('tells the size of an update', () => {
    const sizes = [
      ['1.2.3', '1.2.4'],
      ['1.2.3', '1.3.0'],
      ['1.2.3', '2.0.0'],
      ['0.1.1', '0.1.2'],
      ['0.1.1', '0.2.0'],
      ['2.0.0', '1.0.0'],
      ['x', '1.0.0'],
    ] as const;
    assert.deepEqual(
      sizes.map(([from, to]) => sizeOfUpdate(from, to)),
      ['patch', 'minor', 'major', 'patch', 'major', 'unknown', 'unknown'],
    );
  });

  it('counts what a person has to read', () => {
    assert.deepEqual(measurePatch([...manifest, { path: 'new.js', before: null, after: 'a\nb\n' }]), {
      files: 2,
      lines: 4,
      locks: 1,
    });
  });
});

describe('requirementFor', () => {
  it('asks for one person, for two at high risk, or for what the policy says', () => {
    assert.deepEqual([requirementFor(green).people, requirementFor({ ...green, ci: 'failed' }).people], [1, 2]);
    assert.equal(requirementFor(green, { people: { low: 3 } }).people, 3);
    const { from, solo } = requirementFor(green, { from: ['@ada'], solo: true });
    assert.deepEqual({ from, solo }, { from: ['@ada'], solo: true });
  });

  it('lets a rule approve low risk with full evidence, and says why not otherwise', () => {
    const ask = (over: Partial<RiskFacts>) => requirementFor({ ...green, ...over }, { byRule: true }).ruleRefusals;
    const dependency = { changes: manifest, trust: 'dependency' as const, update: update('1.2.3', '1.2.4') };
    assert.equal(ask({}), undefined);
    assert.equal(ask({ patch: dependency, proof: { outcome: 'successful', weaker: true }, directDev: true }), undefined);
    assert.deepEqual(ask({ patch: dependency, proof: { outcome: 'successful', weaker: true } }), [
      'its risk is medium',
      'the proof shows versions, not behaviour, and the package is not one for development alone',
    ]);
    assert.deepEqual(ask({ owners: ['@acme/core'] }), ['the files have owners: @acme/core']);
    assert.deepEqual(ask({ tests: 'inconclusive' }), [
      'its risk is medium',
      'the tests were not compared with the base successfully',
    ]);
    assert.deepEqual(requirementFor(green).ruleRefusals, ['the policy does not let a rule approve (approval.byRule)']);
  });

  it('honours 0 people only where a rule may approve', () => {
    const people = { low: 0, medium: 0 };
    assert.deepEqual([requirementFor(green, { people }).people, requirementFor(green, { people }).byRule], [0, true]);
    const medium = requirementFor({ ...green, ci: 'waiting' }, { people });
    assert.deepEqual([medium.people, medium.byRule], [1, false]);
  });
});
