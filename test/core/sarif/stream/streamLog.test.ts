import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../../src/core/errors';
import { logOf, readPlain, readStreamed } from '../../../support/sarif';
import type { Read } from '../../../support/sarif';

/** What both ways have to agree on: everything but the detail that streaming leaves out, which `lean` leaves out too. */
function agree(log: unknown, windowSize?: number, indent?: number): Read {
  const text = JSON.stringify(log, null, indent);
  const plain = readPlain(JSON.parse(text) as unknown, '/repo', true);
  const { slices, inRows: _, ...streamed } = readStreamed(Buffer.from(text), '/repo', windowSize);
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
          charLength: number,
          byteOffset: number,
          byteLength: number,
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

describe('streaming SARIF', function () {
  // Every log is read both ways, as objects and as rows.
  this.timeout(60_000);

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
            artifacts: [
              { location: { uri: 'art.js' } },
              { location: { uri: 'a.js' }, contents: { text: 'one\ntwo é \u{1f600}\nthree four\n' } },
            ],
          };
          const run = late ? { results: first, ...context } : { ...context, results: first, columnKind: 'utf16CodeUnits' };
          agree({ version: '2.1.0', runs: [run, { ...context, results: second }] }, windowSize, indent);
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
  });

  describe('of results that are plain, which it writes as rows, and of those that nearly are', () => {
    const region = { startLine: 3, startColumn: 4, endLine: 3, endColumn: 9 };
    const prints = { primaryLocationLineHash: '0123456789abcdef:1', startColumn: '4', 'other/v1': 'f'.repeat(40) };
    const plain = {
      ruleId: 'R1',
      level: 'error',
      message: { text: 'plain' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a.js' }, region } }],
      partialFingerprints: prints,
      properties: { confidence: 'medium' },
    };
    const place = (physicalLocation: unknown, rest: object = {}): object => ({ locations: [{ physicalLocation, ...rest }] });
    const lines = (other: object): object => place({ artifactLocation: { uri: 'a.js' }, region: other });
    const at = (artifactLocation: unknown): object => place({ artifactLocation, region });
    const titles = [
      ...['a "quoted" one', 'back\\slash', 'größer ✓', '  two  blanks ', 'two  blanks', ' one', 'one ', 'a [link](1) b', 'a ](b'],
      ...['tab\tnew\nline', '', ' ', '\u0007bell', '\u007f', '\u202eright', 'half \ud83d', '😀', '\u00a0', 'a\\/b', '{0} {{'],
      ...['x'.repeat(300), 'x'.repeat(301), 'ü'.repeat(301), 'x'.repeat(9000), 'x y '.repeat(6000)],
    ];
    const values = [
      '',
      'none',
      '00',
      '0'.repeat(20),
      '0000a'.repeat(4),
      'short',
      'é',
      'a"b',
      'v'.repeat(1000),
      'v'.repeat(1001),
      7,
      null,
    ];
    const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, `value ${i}`]));
    const variants: readonly object[] = [
      ...titles.map((title) => ({ message: { text: title } })),
      ...values.map((value) => ({ partialFingerprints: { primaryLocationLineHash: value, 'b/v1': 'fedcba9876543210' } })),
      ...[{}, null, { startColumn: '7' }, { 7: 'seven', a: 'a' }, many(32), many(33), many(60)].map((some) => ({
        partialFingerprints: some,
      })),
      { fingerprints: { whole: '1' } },
      { partialFingerprints: undefined, fingerprints: { whole: '1' } },
      { partialFingerprints: JSON.parse('{"__proto__":"1234567890123456","b":"1"}') as unknown },
      ...['fail', 'open', 'review', 'pass', 'odd', 7].map((kind) => ({ kind })),
      ...['note', 'none', 'odd', null].map((level) => ({ level })),
      ...[undefined, 'R1/x', 'R2', 'é', 7].map((ruleId) => ({ ruleId })),
      ...[0, 1, -1, -2, 16_384, 1e9, 1.5].map((ruleIndex) => ({ ruleIndex })),
      ...[{ id: 'R0' }, { index: 0 }, null, 'R0'].map((rule) => ({ rule })),
      ...[{ id: 'hi' }, { text: 'a', markdown: '*a*' }, { markdown: '*a*' }, { text: 'a {0}', arguments: ['b'] }, 'a', null].map(
        (message) => ({ message }),
      ),
      ...[{ uri: '../x' }, { uri: 'b%20c.js' }, { uri: 'src/é.js' }, { index: 0 }, { index: 9 }, {}, null, 'a.js'].map(at),
      at({ uri: 'y.js', uriBaseId: 'B' }),
      // Of a result that is no finding the base must not be noted.
      { kind: 'pass', ...at({ uri: 'z.js', uriBaseId: 'B' }) },
      ...[{}, { startLine: 0 }, { startLine: -1 }, { startLine: 2.5 }, { startLine: 5 }, { startLine: 100_000_001 }].map(lines),
      ...[
        { ...region, endLine: 2 },
        { ...region, endColumn: 3 },
        { ...region, endLine: 4, endColumn: 1 },
      ].map(lines),
      ...[
        { startLine: 3, endLine: 9 },
        { startLine: 3, endColumn: 2 },
        { endLine: 2 },
        { ...region, snippet: { text: 's' } },
        { ...region, charOffset: 4, byteOffset: 'x' },
        { charOffset: 4, charLength: 3 },
        { charOffset: 4, charLength: 3, snippet: { text: 'two' } },
        { byteOffset: 4, snippet: { text: 'gone' } },
      ].map(lines),
      ...[[], null, [{}], [...plain.locations, ...plain.locations]].map((locations) => ({ locations })),
      place({ artifactLocation: { uri: 'a.js' }, region }, { message: { text: 'here' } }),
      ...[{ 'security-severity': '9.1' }, { tags: ['CWE-79'] }, { cwe: 'CWE-79' }, null, 'x'].map((properties) => ({
        properties,
      })),
      ...[
        { suppressions: [] },
        { baselineState: 'new' },
        { baselineState: 'absent' },
        { taxa: [] },
        { fixes: [] },
        { provenance: {} },
      ],
      { codeFlows: [{ threadFlows: [] }], relatedLocations: [{ id: 1 }], rank: 3 },
    ];
    const context = {
      originalUriBaseIds: { B: { uri: 'file:///ci/project/' } },
      artifacts: [{ location: { uri: 'art.js' } }, { location: { uri: 'a.js' }, contents: { text: 'one\ntwo' } }],
    };
    const run = (results: readonly unknown[]): object => ({ tool: { driver: { name: 'Scan', rules } }, ...context, results });

    it('gives the same, one odd result at a time', () => {
      for (const variant of variants) {
        agree({ version: '2.1.0', runs: [run([plain, plain, { ...plain, ...variant }, { ...plain, ...variant }, plain])] });
      }
    });

    it('gives the same of all together, through any window, and where members come twice', () => {
      const results = variants.map((variant) => ({ ...plain, ...variant }));
      for (const windowSize of [61, 1000, undefined]) {
        agree({ version: '2.1.0', runs: [run(results), run([...results].reverse())] }, windowSize);
      }
      const twice = JSON.stringify(plain).replace('"level"', '"message":{"text":"before"},"level"');
      const log = JSON.stringify(logOf(['#'])).replace('"#"', `${JSON.stringify(plain)},${twice}`);
      assert.deepEqual(
        readStreamed(Buffer.from(log)).findings.map(({ title }) => title),
        ['plain', 'plain'],
      );
    });
  });

  it('writes plain results as rows, the first of each rule as well', () => {
    const results = Array.from({ length: 50 }, (_, i) => ({
      ruleId: `R${i % 2}`,
      level: i % 3 === 0 ? 'error' : 'note',
      message: { text: `the "value" ${i}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: `a${i % 5}.js` }, region: { startLine: i + 1 } } }],
      partialFingerprints: { primaryLocationLineHash: `0123456789abcde${i}:1`, startColumn: '4' },
      properties: { confidence: 'medium' },
    }));
    const { inRows } = readStreamed(Buffer.from(JSON.stringify(logOf(results))));
    assert.equal(inRows, 50);
  });

  it('takes results about an advisory the long way, each of them', () => {
    const results = Array.from({ length: 9 }, (_, i) => ({
      ruleId: i % 3 === 0 ? 'R' : 'CVE-2024-10001',
      message: { text: `Package 'left-pad@1.${i}.0' is vulnerable to it` },
      locations: [{ physicalLocation: { artifactLocation: { uri: `p${i}/package-lock.json` }, region: { startLine: 1 } } }],
      partialFingerprints: { primaryLocationLineHash: `0123456789abcde${i}:1` },
    }));
    const log = logOf(results, { tool: { driver: { name: 'Scan', rules: [{ id: 'R' }, { id: 'CVE-2024-10001' }] } } });
    assert.deepEqual(
      agree(log).findings.map((finding) => finding.package?.version),
      results.map(({ ruleId }, i) => (ruleId === 'R' ? undefined : `1.${i}.0`)),
    );
    assert.equal(readStreamed(Buffer.from(JSON.stringify(log))).inRows, 3);
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
