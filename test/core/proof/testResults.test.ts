import assert from 'node:assert/strict';
import { compareSuites } from '../../../src/core/proof/compareSuites';
import { parseTestResults } from '../../../src/core/proof/testResults';

const tap = `TAP version 13
# Subtest: suite
    # Subtest: passes
    ok 1 - passes
      ---
      duration_ms: 1
      ...
    # Subtest: fails
    not ok 2 - fails
      ---
      error: |-
        ok 9 - not a test line
      ...
    # Subtest: waits
    ok 3 - waits # SKIP later
    # Subtest: will be
    not ok 4 - will be # TODO
    1..4
not ok 1 - suite
# Subtest: alone
ok 2 - alone
1..2
# tests 5
`;

const spec = `▶ suite
  ✔ passes (0.62ms)
  ✖ fails (1.3ms)
  ﹣ waits (0.1ms) # SKIP
  ⚠ will be (0.2ms) # to be completed by a person
▶ suite (4.5ms)
▶ good
  ✔ passes (0.62ms)
✔ good (3ms)
✔ alone (0.2ms)
ℹ tests 5
✖ failing tests:

test at x.js:1:1
✖ fails (1.3ms)
`;

const mocha = `

  suite
    ✔ passes
    1) fails
    - waits
    inner
      ✓ deep (12ms)

  3 passing (8ms)
  1 failing

  1) suite
       fails:
     Error: no
`;

const jest = `PASS test/a.test.js
  suite
    ✓ passes (2 ms)
    ✕ fails (1 ms)
    ○ skipped waits

Tests: 1 failed
`;

const vitest = ` ✓ test/a.test.ts (2 tests) 3ms
 ❯ test/b.test.ts (2 tests | 1 failed) 5ms
   ✓ suite > passes 1ms
   × suite > fails 2ms

⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯
`;

const junit = `<?xml version="1.0"?><testsuites><testsuite name="s"><testcase classname="a" name="passes" time="1"/>
<testcase name="fails" classname="a"><failure message="no"/></testcase><testcase classname="a" name="waits"><skipped/></testcase></testsuite></testsuites>`;

describe('test results', () => {
  const cases: readonly (readonly [name: string, output: string, results: Readonly<Record<string, string>>])[] = [
    [
      'TAP of node:test',
      tap,
      {
        'suite › passes': 'passed',
        'suite › fails': 'failed',
        'suite › waits': 'pending',
        'suite › will be': 'pending',
        alone: 'passed',
      },
    ],
    [
      'spec of node:test',
      spec,
      {
        'suite › passes': 'passed',
        'suite › fails': 'failed',
        'suite › waits': 'pending',
        'suite › will be': 'pending',
        'good › passes': 'passed',
        alone: 'passed',
      },
    ],
    [
      'mocha',
      mocha,
      { 'suite › passes': 'passed', 'suite › fails': 'failed', 'suite › waits': 'pending', 'suite › inner › deep': 'passed' },
    ],
    ['jest', jest, { 'suite › passes': 'passed', 'suite › fails': 'failed', 'suite › skipped waits': 'pending' }],
    ['vitest', vitest, { 'test/a.test.ts (2 tests)': 'passed', 'suite > passes': 'passed', 'suite > fails': 'failed' }],
    ['JUnit', junit, { 's › a › passes': 'passed', 's › a › fails': 'failed', 's › a › waits': 'pending' }],
  ];
  for (const [name, output, results] of cases) {
    it(name, () => assert.deepEqual(Object.fromEntries(parseTestResults(output) ?? []), results));
  }

  it('the same name twice stays two tests', () => {
    const twice = 'TAP version 13\nok 1 - a\nnot ok 2 - a\n';
    assert.deepEqual(
      [...(parseTestResults(twice) ?? [])],
      [
        ['a', 'passed'],
        ['a (2)', 'failed'],
      ],
    );
  });

  it('colours are no part of names', () => {
    assert.deepEqual([...(parseTestResults('\u001B[32m✔ a \u001B[90m(1ms)\u001B[39m\u001B[39m\n') ?? [])], [['a', 'passed']]);
  });

  it('jest names only the files of several', () => {
    assert.deepEqual(
      [...(parseTestResults('PASS test/a.test.js\nPASS test/b.test.js (5.2 s)\n') ?? [])],
      [
        ['test/a.test.js', 'passed'],
        ['test/b.test.js', 'passed'],
      ],
    );
    assert.deepEqual(
      [...(parseTestResults('PASS test/a.test.js\nFAIL test/b.test.js\n') ?? [])],
      [
        ['test/a.test.js', 'passed'],
        ['test/b.test.js', 'failed'],
      ],
    );
  });

  it('other output names no tests', () => assert.equal(parseTestResults('everything is fine\n'), undefined));
});

describe('comparing suites', () => {
  const run = (exitCode: number | null, output: string, timedOut = false) => ({ exitCode, output, timedOut });
  const points = (...lines: readonly string[]) =>
    `TAP version 13\n${lines.map((line, index) => line.replace('#', String(index + 1))).join('\n')}\n`;
  const good = run(0, points('ok # - a', 'ok # - b'));
  const cases: readonly (readonly [
    name: string,
    base: ReturnType<typeof run>,
    patched: ReturnType<typeof run>,
    outcome: string,
    detail: RegExp,
  ])[] = [
    ['equal', good, good, 'successful', /All 2 tests/],
    ['one fails now', good, run(1, points('ok # - a', 'not ok # - b')), 'failed', /“b” passed and now fails/],
    ['one is gone', good, run(0, points('ok # - a')), 'failed', /“b” passed and now is gone/],
    ['one is skipped now', good, run(0, points('ok # - a', 'ok # - b # SKIP')), 'failed', /is skipped/],
    [
      'red before and after',
      run(1, points('ok # - a', 'not ok # - b')),
      run(1, points('ok # - a', 'not ok # - b')),
      'successful',
      /1 failed before and still fail: “b”/,
    ],
    [
      'a new failure',
      run(1, points('ok # - a', 'not ok # - b')),
      run(1, points('ok # - a', 'not ok # - b', 'not ok # - c')),
      'failed',
      /“c” is new and fails/,
    ],
    ['the command fails although the tests pass', good, run(1, good.output), 'failed', /exit code 1 with the fix/],
    [
      'nothing passed before',
      run(1, points('not ok # - a')),
      run(1, points('not ok # - a')),
      'inconclusive',
      /nothing is compared/,
    ],
    ['no names, both pass', run(0, 'fine'), run(0, 'fine'), 'successful', /by exit code/],
    ['no names, worse', run(0, 'fine'), run(2, 'not fine'), 'failed', /exit code 2/],
    ['no names, red before', run(1, 'bad'), run(1, 'bad'), 'inconclusive', /already/],
    ['too long', good, run(null, '', true), 'error', /did not end in time with the fix/],
  ];
  for (const [name, base, patched, outcome, detail] of cases) {
    it(name, () => {
      const verdict = compareSuites(base, patched);
      assert.equal(verdict.outcome, outcome, verdict.detail);
      assert.match(verdict.detail, detail);
    });
  }
});
