import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../../src/core/errors';
import { logOf, readPlain, readStreamed } from '../../../support/sarif';
import type { Read } from '../../../support/sarif';

/** What both ways have to agree on: everything but the detail that streaming leaves out, which `lean` leaves out too. */
function agree(log: unknown, windowSize?: number, indent?: number): Read {
  const text = JSON.stringify(log, null, indent);
  const plain = readPlain(JSON.parse(text) as unknown, '/repo', true);
  const { slices, ...streamed } = readStreamed(Buffer.from(text), '/repo', windowSize);
  assert.deepEqual(streamed, plain);
  const results = (JSON.parse(text) as { runs: { results: unknown[] }[] }).runs.flatMap((run) => run.results);
  // Each finding points at the bytes of its own result.
  slices.forEach((slice, i) => assert.deepEqual(JSON.parse(slice), results[streamed.findings[i]?.witnesses[0]?.index ?? -1]));
  return plain;
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a"b', 'back\\slash', 'tab\tnew\nline', '\u0000', 'é', '😀', '{[}]'),
);
const junk = fc.jsonValue({ maxDepth: 3 });
/** A value of the right kind most of the time. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: junk });
const record = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.record(members, { requiredKeys: [] }).chain((object) =>
    // Members come in any order.
    fc
      .shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length })
      .map((entries) => Object.fromEntries(entries)),
  );
const number = mostly(fc.integer({ min: -1, max: 50 }));
const location = record({
  physicalLocation: mostly(
    record({
      artifactLocation: mostly(
        record({
          uri: mostly(fc.constantFrom('a.js', 'b%20c.js', '../x', 'src/é.js')),
          uriBaseId: mostly(fc.constantFrom('B', 'C')),
          index: number,
        }),
      ),
      region: mostly(
        record({
          startLine: number,
          startColumn: number,
          endLine: number,
          endColumn: number,
          charOffset: number,
          snippet: mostly(record({ text })),
        }),
      ),
      contextRegion: junk,
    }),
  ),
  message: mostly(record({ text })),
  id: number,
});
const result = record({
  ruleId: mostly(fc.constantFrom('R0', 'R1', 'R1/x', 'ü')),
  ruleIndex: number,
  rule: mostly(
    record({ id: mostly(fc.constantFrom('R0', 'X')), index: number, toolComponent: mostly(record({ index: number })) }),
  ),
  kind: mostly(fc.constantFrom('fail', 'pass', 'review', 'open')),
  level: mostly(fc.constantFrom('error', 'note', 'none')),
  message: mostly(
    record({ text: mostly(text), markdown: text, id: mostly(fc.constant('hi')), arguments: mostly(fc.array(text)) }),
  ),
  locations: mostly(fc.array(mostly(location), { maxLength: 3 })),
  partialFingerprints: mostly(
    fc.dictionary(fc.constantFrom('primaryLocationLineHash', 'x/v1', 'column', '__proto__'), mostly(text)),
  ),
  fingerprints: mostly(fc.dictionary(text, text, { maxKeys: 2 })),
  suppressions: mostly(
    fc.array(mostly(record({ kind: text, status: mostly(fc.constantFrom('rejected', 'accepted')) })), { maxLength: 2 }),
  ),
  baselineState: mostly(fc.constantFrom('new', 'absent')),
  taxa: mostly(fc.array(record({ id: mostly(fc.constant('79')), toolComponent: mostly(record({ name: fc.constant('CWE') })) }))),
  properties: mostly(
    record({ 'security-severity': mostly(fc.constantFrom('9.1', '2')), tags: mostly(fc.array(text)), other: junk }),
  ),
  codeFlows: junk,
  relatedLocations: fc.array(location, { maxLength: 2 }),
});
const rules = [
  { id: 'R0', messageStrings: { hi: { text: 'Hi {0}' } } },
  { id: 'R1', defaultConfiguration: { level: 'error' } },
];

describe('streaming SARIF', () => {
  it('gives the same as reading whole, for any log, through any window', () => {
    fc.assert(
      fc.property(
        fc.array(mostly(result), { maxLength: 6 }),
        fc.array(mostly(result), { maxLength: 2 }),
        fc.boolean(),
        fc.constantFrom(undefined, 16, 61, 200, 1000),
        fc.constantFrom(undefined, 2),
        (first, second, late, windowSize, indent) => {
          const context = {
            tool: { driver: { name: 'Scan', rules }, extensions: [{ name: 'E', rules: [{ id: 'X' }] }] },
            originalUriBaseIds: { B: { uri: 'file:///ci/project/' } },
            artifacts: [{ location: { uri: 'art.js' } }],
          };
          const run = late ? { results: first, ...context } : { ...context, results: first, columnKind: 'utf16CodeUnits' };
          agree({ version: '2.1.0', runs: [run, { ...context, results: second }] }, windowSize, indent);
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it('reads results larger than its window, and passes over values larger still', () => {
    const results = ['x', 'y'.repeat(5000), 'é'.repeat(3000), 'z'].map((message) => ({
      ruleId: 'R',
      message: { text: message },
    }));
    const read = agree(logOf(results, { graphs: [{ nodes: 'n'.repeat(20_000) }], properties: { a: [[[]]] } }), 256);
    assert.equal(read.findings.length, 4);
  });

  it('rejects a result that is no JSON and keeps the others', () => {
    const good = JSON.stringify({ ruleId: 'R', message: { text: 'm' } });
    const log = JSON.stringify(logOf(['#'])).replace(
      '"#"',
      [good, '{"ruleId": oops}', good, '{"message":{"text":"\\x"}}', good].join(','),
    );
    const { findings, rejected, results } = readStreamed(Buffer.from(log));
    assert.deepEqual([findings.length, results], [3, 5]);
    assert.deepEqual(
      rejected.map(({ path, reason }) => `${path} ${reason}`),
      ['runs[0].results[1] the result is not valid JSON', 'runs[0].results[3] the result is not valid JSON'],
    );
  });

  it('takes the last of members that come twice, as JSON.parse does', () => {
    const one = '[{"ruleId":"A","message":{"text":"a"}}]';
    const two = '[{"ruleId":"B","message":{"text":"b"}},{"ruleId":"C","message":{"text":"c"}}]';
    const tool = '"tool":{"driver":{"name":"S"}}';
    for (const log of [
      `{"version":"2.1.0","runs":[{${tool},"results":${one},"results":${two}}]}`,
      `{"version":"2.1.0","runs":[{${tool},"results":${one}}],"runs":[{${tool},"results":${two}}]}`,
    ]) {
      const { findings, results } = readStreamed(Buffer.from(log));
      assert.deepEqual(
        findings.map(({ ruleId }) => ruleId),
        ['B', 'C'],
      );
      assert.equal(results, 2);
    }
  });

  it('says of a log that is cut off at which byte and line, wherever it is cut', () => {
    const whole = JSON.stringify(
      logOf(
        [
          { ruleId: 'R', message: { text: 'a "quoted" text' } },
          { ruleId: 'S', message: { text: 'é' } },
        ],
        { artifacts: [{}] },
      ),
      null,
      1,
    );
    const bytes = Buffer.from(whole);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => readStreamed(bytes.subarray(0, length), '/repo', 64),
        (error: unknown) => {
          if (!isHumanError(error)) throw error;
          const [, line, byte] = /^r\.sarif: not valid JSON at line (\d+) \(byte (\d+)\): [^\n]+$/.exec(error.message) ?? [];
          assert.ok(line !== undefined && byte !== undefined, error.message);
          assert.ok(Number(byte) <= length && Number(line) <= whole.split('\n').length, error.message);
          return true;
        },
        `cut at ${length}`,
      );
    }
    assert.equal(readStreamed(bytes).findings.length, 2);
  });

  it('survives deep nesting', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const log = `{"version":"2.1.0","x":${deep},"runs":[{"tool":{"driver":{"name":"S"}},"y":${deep},"results":[{"ruleId":"R","message":{"text":"m"},"properties":{"p":${deep}},"codeFlows":${deep}}]}]}`;
    assert.equal(readStreamed(Buffer.from(log)).findings.length, 1);
  });

  it('takes a byte order mark', () => {
    assert.equal(readStreamed(Buffer.from(`\ufeff${JSON.stringify(logOf([{ message: { text: 'm' } }]))}`)).findings.length, 1);
  });
});
