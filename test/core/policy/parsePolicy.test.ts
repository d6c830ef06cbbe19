import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isHumanError } from '../../../src/core/errors';
import { parsePolicy } from '../../../src/core/policy/parsePolicy';
import { policyJsonSchema } from '../../support/policyJsonSchema';

describe('parsePolicy', () => {
  it('reads JSON with comments and trailing commas', () => {
    const policy = parsePolicy(
      '// ours\n{ "slaDays": { "critical": 3, }, /* and */ "ignore": [{ "rule": "x*", "reason": "noise" }] }',
    );
    assert.deepEqual(policy, { slaDays: { critical: 3 }, ignore: [{ rule: 'x*', reason: 'noise' }] });
  });

  it('takes an empty file as no policy', () => assert.deepEqual(parsePolicy(''), {}));

  const bad: readonly (readonly [string, string])[] = [
    ['{ "slaDays": { "critical": 3 }', '.patchline.json:1:31: close brace expected.'],
    ['{\n  "slaDay": {}\n}', '.patchline.json:2:13: slaDay is not a setting of the policy.'],
    [
      '{\n "slaDays": {\n  "critical": "3" } }',
      '.patchline.json:3:15: slaDays.critical is not right: Invalid type: Expected number but received "3".',
    ],
    [
      '{ "ignore": [{ "rule": "x" }] }',
      '.patchline.json:1:14: ignore.0.reason is not right: Invalid key: Expected "reason" but received undefined.',
    ],
    [
      '{ "licences": [{ "reason": "x" }] }',
      '.patchline.json:1:16: licences.0 is not right: it must name a licence or a package.',
    ],
    [
      '{ "ignore": [{ "rule": "x", "reason": "y", "until": "2026-02-31" }] }',
      '.patchline.json:1:53: ignore.0.until is not right: there is no such day.',
    ],
    ['[]', '.patchline.json:1:1: the policy must be an object, not a list.'],
    ['{ "__proto__": { "a": 1 } }', '.patchline.json:1:16: __proto__ is not a setting of the policy.'],
  ];
  for (const [text, message] of bad) {
    it(`names the place: ${message}`, () => {
      assert.throws(
        () => parsePolicy(text),
        (error) => {
          assert.ok(isHumanError(error));
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  const freeze = (from: string, to: string): string =>
    JSON.stringify({
      rollout: {
        services: [{ name: 'web', provider: 'command', strategy: { kind: 'blue-green', bakeSeconds: 1 }, metrics: [] }],
        freezes: [{ from, to, zone: 'UTC', reason: 'x' }],
      },
    });
  for (const [from, to, why] of [
    ['2026-02-31T10:00', '2026-03-04T00:00', /freezes\.0\.from is not right: there is no such day or time/],
    ['2026-03-02T00:00', '2026-03-01T00:00', /freezes\.0 is not right: a freeze must end after it begins/],
  ] as const) {
    it(`refuses a freeze that would freeze nothing: ${from} to ${to}`, () =>
      assert.throws(() => parsePolicy(freeze(from, to)), why));
  }

  const metric = (kind: 'ratio' | 'value', more: object): string => {
    const spec = { name: 'errors', kind, provider: 'scrape', canary: {}, ...more };
    const strategy = { kind: 'blue-green', bakeSeconds: 1 };
    return JSON.stringify({ rollout: { services: [{ name: 'web', provider: 'command', strategy, metrics: [spec] }] } });
  };
  it('refuses bounds of a ratio in percent, which nothing would ever pass', () => {
    const why = /metrics\.0 is not right: threshold and tolerance of a ratio are 0 to 1/;
    for (const more of [{ threshold: { max: 5 } }, { threshold: { min: 99 } }, { tolerance: 2 }])
      assert.throws(() => parsePolicy(metric('ratio', more)), why);
    for (const more of [{ threshold: { max: 0.05, min: 0 } }, { tolerance: 0.01 }, {}]) parsePolicy(metric('ratio', more));
    parsePolicy(metric('value', { threshold: { max: 250 }, tolerance: 1.25 }));
  });

  it('is what the JSON schema of the editor says (npm run schema writes it)', () => {
    const file = path.resolve(__dirname, '../../../media/patchline.schema.json');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), policyJsonSchema());
  });
});
