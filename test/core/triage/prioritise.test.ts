import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as v from 'valibot';
import type { Policy } from '../../../src/core/model/policy';
import { severities } from '../../../src/core/model/finding';
import { policySchema } from '../../../src/core/policy/policySchema';
import { defaultSlaDays, prioritise } from '../../../src/core/triage/prioritise';
import { makeFinding } from '../../support/findings';

const now = Date.UTC(2026, 0, 10);
const inputs = (policy: Policy = {}) => ({
  policy,
  ownersOf: (path: string) => (path.startsWith('src/') ? ['@acme/core'] : []),
  detectedAt: '2026-01-01T00:00:00.000Z',
  now,
});

describe('prioritise', () => {
  it('explains a dependency line by line', () => {
    const finding = makeFinding({
      kind: 'dependency',
      severity: 'critical',
      cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', version: '3.1', score: 9.8 },
      locations: [],
      package: {
        purl: 'pkg:npm/lodash@4.17.15',
        ecosystem: 'npm',
        name: 'lodash',
        version: '4.17.15',
        manifest: 'package.json',
        fixedVersions: ['4.17.21'],
        direct: true,
      },
    });
    assert.deepEqual(
      prioritise(finding, inputs({ components: [{ name: 'checkout', paths: ['**'], points: 18, owners: ['@acme/shop'] }] })),
      {
        priority: 98,
        band: 'now',
        reasons: [
          { points: 70, text: 'severity critical (CVSS 3.1 base score 9.8)' },
          { points: 5, text: 'lodash is a direct dependency: one line to change' },
          { points: 5, text: 'a fixed version is published: 4.17.21' },
          { points: 18, text: 'checkout: package.json' },
        ],
        owners: ['@acme/shop'],
        due: '2026-01-08T00:00:00.000Z',
        detectedAt: '2026-01-01T00:00:00.000Z',
      },
    );
  });

  it('takes the owner from CODEOWNERS before the policy', () => {
    const policy: Policy = { components: [{ name: 'core', paths: ['src/**'], points: 0, owners: ['@acme/other'] }] };
    assert.deepEqual(prioritise(makeFinding(), inputs(policy)).owners, ['@acme/core']);
  });

  it('has the days by default that the policy’s schema promises', () => {
    const { slaDays } = policySchema.pipe[0].entries;
    const promised = v.getDescription(slaDays.wrapped) ?? '';
    for (const [severity, days] of Object.entries(defaultSlaDays)) assert.ok(promised.includes(`${severity} ${days}`), promised);
  });

  it('gives no due date where the policy has none, and the policy’s where it has one', () => {
    assert.equal(prioritise(makeFinding({ severity: 'info' }), inputs()).due, undefined);
    assert.equal(prioritise(makeFinding(), inputs({ slaDays: { high: 3 } })).due, '2026-01-04T00:00:00.000Z');
  });

  const anyFinding = fc
    .record({
      severity: fc.constantFrom(...severities),
      test: fc.boolean(),
      fixed: fc.boolean(),
      points: fc.integer({ min: -50, max: 50 }),
    })
    .map(({ severity, test, fixed, points }) => ({
      finding: makeFinding({
        severity,
        locations: [{ path: test ? 'test/a.js' : 'src/a.js' }],
        ...(fixed ? { suggestedFix: { replacements: [] } } : {}),
      }),
      policy: { components: [{ name: 'c', paths: ['**'], points }] } satisfies Policy,
    }));

  it('has lines whose points add up to a priority within its bounds', () => {
    fc.assert(
      fc.property(anyFinding, ({ finding, policy }) => {
        const { priority, reasons } = prioritise(finding, inputs(policy));
        assert.equal(
          reasons.reduce((sum, reason) => sum + reason.points, 0),
          priority,
        );
        assert.ok(priority >= 0 && priority <= 100);
      }),
    );
  });

  it('never ranks a worse severity lower, all else equal', () => {
    fc.assert(
      fc.property(anyFinding, fc.constantFrom(...severities), ({ finding, policy }, other) => {
        const a = prioritise(finding, inputs(policy)).priority;
        const b = prioritise({ ...finding, severity: other }, inputs(policy)).priority;
        const worse = severities.indexOf(other) <= severities.indexOf(finding.severity);
        assert.ok(worse ? b >= a : b <= a);
      }),
    );
  });
});
