import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { scoreVector } from '../../../src/core/cvss/scoreVector';

describe('scoreVector', () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.1', 9.8, 'critical'],
    ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', '3.0', 6.4, 'medium'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', '3.1', 0, 'none'],
    ['CVSS:3.1/S:U/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H', '3.1', 9.8, 'critical'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/CR:L', '3.1', 9.8, 'critical'],
    ['AV:N/AC:L/Au:N/C:P/I:P/A:P', '2.0', 7.5, 'high'],
    ['(AV:L/AC:M/Au:S/C:P/I:P/A:P/IR:H)', '2.0', 4.1, 'medium'],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3, 'critical'],
    // 8.6 − 2.95 = 5.65 exactly: rounding half up gives 5.7, a binary fraction would give 5.6.
    ['CVSS:4.0/AV:N/AC:L/AT:P/PR:H/UI:A/VC:N/VI:H/VA:L/SC:N/SI:N/SA:L', '4.0', 5.7, 'medium'],
  ];
  for (const [vector, version, score, severity] of cases) {
    it(`${vector} is ${score}`, () => assert.deepEqual(scoreVector(vector), { vector, version, score, severity }));
  }

  const refused: readonly (readonly [string, string])[] = [
    ['', 'an empty line'],
    ['CVSS:5.0/AV:N', 'CVSS version 5.0 is not known: 2.0, 3.0, 3.1 and 4.0 are'],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H', 'A missing: CVSS 3.1 asks for it'],
    ['CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'AV stands twice'],
    ['CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'AV cannot be “X” in CVSS 3.1: N, A, L, P'],
    ['CVSS:3.1/AV:N/__proto__:X', '“__proto__:X” is no metric of CVSS 3.1'],
    ['AV:N/AC:L', 'Au, C, I, A missing: CVSS 2.0 asks for them'],
  ];
  for (const [vector, error] of refused) {
    it(`refuses ${vector === '' ? 'an empty line' : vector}`, () => assert.deepEqual(scoreVector(vector), { vector, error }));
  }

  it('answers anything with a score from 0 to 10 or an error', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('CVSS:3.1', 'CVSS:4.0', 'AV:N', 'AC:L', 'PR:N', 'UI:N', 'S:U', 'C:H', 'I:H', 'A:H', 'E:X', ':', 'x'),
        ),
        (parts) => {
          const answer = scoreVector(parts.join('/'));
          assert.ok('error' in answer ? answer.error.length > 0 : answer.score >= 0 && answer.score <= 10);
        },
      ),
    );
  });

  const shared = path.resolve(__dirname, '../../../../shared/data/cvss.json');
  it(`agrees with every published vector${existsSync(shared) ? '' : ' (the public cases are not here: nothing compared)'}`, () => {
    if (!existsSync(shared)) return;
    const data = JSON.parse(readFileSync(shared, 'utf8')) as {
      vectors: { vector: string; baseScore: number }[];
      invalid: { vector: string }[];
    };
    const wrong = data.vectors.filter(({ vector, baseScore }) => {
      const answer = scoreVector(vector);
      return 'error' in answer || Math.abs(answer.score - baseScore) >= 0.05;
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      data.invalid.filter(({ vector }) => !('error' in scoreVector(vector))),
      [],
    );
  });
});
