import assert from 'node:assert/strict';
import type { DraftFinding } from '../../../src/core/findings/draft';
import { logOf, readPlain } from '../../support/sarif';

type Json = Readonly<Record<string, unknown>>;

const place = (uri: string, region: Json = { startLine: 3 }): Json => ({
  physicalLocation: { artifactLocation: { uri }, region },
});
const message = { text: 'Bad.' };

function one(result: Json, run: Json = {}): DraftFinding {
  const { findings, rejected } = readPlain(logOf([result], run));
  assert.deepEqual(rejected, []);
  assert.equal(findings.length, 1);
  return findings[0]!;
}

const driver = (rules: readonly Json[], rest: Json = {}): Json => ({ tool: { driver: { name: 'Scan', rules, ...rest } } });

describe('SARIF results', () => {
  it('become findings with what the specification names', () => {
    const finding = one(
      {
        ruleId: 'R1',
        message,
        level: 'error',
        locations: [place('src/a.js', { startLine: 3, startColumn: 2, endColumn: 9, snippet: { text: 'eval(x)' } })],
        partialFingerprints: { primaryLocationLineHash: 'abc:1' },
        properties: { confidence: 'high' },
      },
      driver([
        {
          id: 'R1',
          fullDescription: { text: 'Long.' },
          help: { markdown: '**Help**' },
          helpUri: 'https://example.org/r1',
          relationships: [{ target: { id: '78', toolComponent: { name: 'CWE' } } }],
        },
      ]),
    );
    assert.deepEqual(finding, {
      kind: 'code',
      scanner: 'Scan',
      ruleId: 'R1',
      title: 'Bad.',
      description: 'Long.\n\n**Help**',
      severity: 'high',
      locations: [{ path: 'src/a.js', startLine: 3, startColumn: 2, endLine: 3, endColumn: 9, snippet: 'eval(x)' }],
      aliases: [],
      cwe: ['CWE-78'],
      references: ['https://example.org/r1'],
      suppressed: false,
      fingerprints: { primaryLocationLineHash: 'abc:1' },
      properties: { confidence: 'high' },
      witnesses: [{ scanner: 'Scan', file: 'r.sarif', ruleId: 'R1', index: 0 }],
    });
  });

  describe('rules', () => {
    const rules = [
      { id: 'A', helpUri: 'https://a.example/' },
      { id: 'B', helpUri: 'https://b.example/' },
    ];
    const extensions = [
      { name: 'ext-0', guid: 'g0', rules: [{ id: 'X', guid: 'rx', helpUri: 'https://x0.example/' }] },
      { name: 'ext-1', guid: 'g1', rules: [{ id: 'X', helpUri: 'https://x1.example/' }] },
    ];
    const run = { tool: { driver: { name: 'Scan', rules }, extensions } };
    const cases: readonly (readonly [what: string, result: Json, ruleId: string, link: string | undefined])[] = [
      ['ruleId', { ruleId: 'B' }, 'B', 'https://b.example/'],
      ['ruleIndex alone', { ruleIndex: 1 }, 'B', 'https://b.example/'],
      ['rule.id', { rule: { id: 'A' } }, 'A', 'https://a.example/'],
      ['rule.index', { rule: { index: 0 } }, 'A', 'https://a.example/'],
      ['a hierarchical id', { ruleId: 'A/sub', ruleIndex: 0 }, 'A/sub', 'https://a.example/'],
      ['a hierarchical id without index', { ruleId: 'B/x/y' }, 'B/x/y', 'https://b.example/'],
      ['the component by index', { ruleId: 'X', rule: { index: 0, toolComponent: { index: 1 } } }, 'X', 'https://x1.example/'],
      ['the component by name', { ruleId: 'X', rule: { toolComponent: { name: 'ext-1' } } }, 'X', 'https://x1.example/'],
      ['the component by guid', { rule: { index: 0, toolComponent: { guid: 'g0' } } }, 'X', 'https://x0.example/'],
      ['the rule by guid', { rule: { guid: 'rx', toolComponent: { index: 0 } } }, 'X', 'https://x0.example/'],
      ['an extension nobody named', { ruleId: 'X' }, 'X', 'https://x0.example/'],
      ['an index that contradicts the id', { ruleId: 'B', ruleIndex: 0 }, 'B', 'https://b.example/'],
      ['an index that leads nowhere', { ruleId: 'B', ruleIndex: 77 }, 'B', 'https://b.example/'],
      ['index -1', { ruleId: 'A', ruleIndex: -1 }, 'A', 'https://a.example/'],
      ['an unknown id', { ruleId: 'ZZZ' }, 'ZZZ', undefined],
      ['nothing', {}, 'unspecified', undefined],
    ];
    for (const [what, result, ruleId, link] of cases) {
      it(`are found by ${what}`, () => {
        const finding = one({ message, ...result }, run);
        assert.deepEqual([finding.ruleId, finding.references[0]], [ruleId, link]);
      });
    }
  });

  describe('messages', () => {
    const strings = {
      messageStrings: { hi: { text: 'Rule {0} and {1}.' } },
      shortDescription: { text: 'Short' },
    };
    const run = driver([{ id: 'R', ...strings }], {
      globalMessageStrings: { hi: { text: 'global' }, other: { text: 'Global {0}' } },
    });
    const cases: readonly (readonly [what: string, message: unknown, title: string])[] = [
      ['their text', { text: 'Plain {0} {{x}}' }, 'Plain {0} {{x}}'],
      ['text with arguments', { text: 'Plain {0} {{x}}', arguments: ['a'] }, 'Plain a {x}'],
      ['an id of the rule', { id: 'hi', arguments: ['a', 'b'] }, 'Rule a and b.'],
      ['an id of the component', { id: 'other', arguments: ['{1}'] }, 'Global {1}'],
      ['missing arguments left as they are', { id: 'hi', arguments: ['a'] }, 'Rule a and {1}.'],
      ['markdown alone', { markdown: 'Only *this*' }, 'Only *this*'],
      ['embedded links as their text', { text: 'See [here](1) and [run](command:evil).' }, 'See here and run.'],
      ['the rule where the id is unknown', { id: 'nope' }, 'Short'],
      ['the rule where an id is inherited', { id: 'constructor' }, 'Short'],
      ['the rule where there is none', undefined, 'Short'],
      ['no control characters', { text: 'a\u0007b\u001b[31mc\u202ed' }, 'ab[31mcd'],
      ['the first line', { text: '\n  first  line\nsecond' }, 'first line'],
    ];
    for (const [what, value, title] of cases) {
      it(`give the title: ${what}`, () => assert.equal(one({ ruleId: 'R', message: value }, run).title, title));
    }

    it('stand whole in the description when the title holds only their beginning', () => {
      assert.equal(one({ ruleId: 'R', message: { text: 'First.\nSecond.' } }, run).description, 'First.\nSecond.\n\nShort');
    });
  });

  describe('severity', () => {
    const scored = (score: unknown): Json => driver([{ id: 'R', properties: { 'security-severity': score } }]);
    const override = (descriptor: Json): Json => ({
      ...driver([{ id: 'R', defaultConfiguration: { level: 'note' } }]),
      invocations: [{ ruleConfigurationOverrides: [{ descriptor, configuration: { level: 'error' } }] }],
    });
    const cases: readonly (readonly [what: string, result: Json, run: Json, severity: string])[] = [
      ['level error', { level: 'error' }, {}, 'high'],
      ['level warning', { level: 'warning' }, {}, 'medium'],
      ['level note', { level: 'note' }, {}, 'low'],
      ['level none', { level: 'none' }, {}, 'info'],
      ['no level', {}, {}, 'medium'],
      ['a level nobody knows', { level: 'fatal' }, {}, 'medium'],
      ['the rule default', {}, driver([{ id: 'R', defaultConfiguration: { level: 'error' } }]), 'high'],
      ['an override by index', {}, override({ index: 0 }), 'high'],
      ['an override by id', {}, override({ id: 'R' }), 'high'],
      ['an override of another rule', {}, override({ id: 'Q' }), 'low'],
      ['an override of the invocation it came from', { provenance: { invocationIndex: 0 } }, override({ id: 'R' }), 'high'],
      ['an override of another invocation', { provenance: { invocationIndex: 1 } }, override({ id: 'R' }), 'low'],
      ['its own level before an override', { level: 'warning' }, override({ id: 'R' }), 'medium'],
      ['kind review', { kind: 'review', level: 'error' }, {}, 'info'],
      ['kind open', { kind: 'open' }, driver([{ id: 'R', defaultConfiguration: { level: 'error' } }]), 'info'],
      ['score 10.0', {}, scored('10.0'), 'critical'],
      ['score 9.0', { level: 'note' }, scored('9.0'), 'critical'],
      ['score 8.9', {}, scored('8.9'), 'high'],
      ['score 7', {}, scored(7), 'high'],
      ['score 6.9', {}, scored('6.9'), 'medium'],
      ['score 3.9', {}, scored('3.9'), 'low'],
      ['score 0.1', {}, scored('0.1'), 'low'],
      ['score 0', { level: 'error' }, scored('0.0'), 'high'],
      ['a score that is none', { level: 'error' }, scored('high'), 'high'],
      ['a score of 11', { level: 'error' }, scored('11'), 'high'],
      ['the score of the result before the rule', { properties: { 'security-severity': '2' } }, scored('9.5'), 'low'],
    ];
    for (const [what, result, run, severity] of cases) {
      it(`by ${what} is ${severity}`, () => assert.equal(one({ ruleId: 'R', message, ...result }, run).severity, severity));
    }
  });

  it('of kind pass, notApplicable and informational are counted, not imported', () => {
    const kinds = ['pass', 'fail', 'notApplicable', 'informational', 'open', 'review', 'pass', undefined];
    const read = readPlain(logOf(kinds.map((kind) => ({ ruleId: 'R', message, ...(kind === undefined ? {} : { kind }) }))));
    assert.equal(read.results, 8);
    assert.deepEqual(
      read.findings.map(({ witnesses }) => witnesses[0]?.index),
      [1, 4, 5, 7],
    );
    assert.deepEqual(read.notes, [
      '2 results of kind "pass" were not imported: no problem reported',
      '1 result of kind "notApplicable" was not imported: no problem reported',
      '1 result of kind "informational" was not imported: no problem reported',
    ]);
  });

  it('that are absent from the baseline are counted, not imported', () => {
    const states = ['new', 'unchanged', 'updated', 'absent', 'absent', 'odd'];
    const read = readPlain(logOf(states.map((baselineState) => ({ ruleId: 'R', message, baselineState }))));
    assert.deepEqual(
      read.findings.map(({ baselineState }) => baselineState),
      ['new', 'unchanged', 'updated', undefined],
    );
    assert.match(read.notes.join(), /^2 results with baselineState "absent" were not imported/);
  });

  describe('suppressions', () => {
    const cases: readonly (readonly [what: string, suppressions: unknown, suppressed: boolean])[] = [
      ['absent', undefined, false],
      ['null', null, false],
      ['empty', [], false],
      [
        'all rejected',
        [
          { kind: 'external', status: 'rejected' },
          { kind: 'inSource', status: 'rejected' },
        ],
        false,
      ],
      ['accepted', [{ kind: 'external', status: 'accepted' }], true],
      ['without status', [{ kind: 'inSource' }], true],
      ['under review', [{ kind: 'external', status: 'underReview' }], true],
      [
        'rejected and accepted',
        [
          { kind: 'external', status: 'rejected' },
          { kind: 'inSource', status: 'accepted' },
        ],
        true,
      ],
      ['nothing but nonsense', [null, 4], false],
    ];
    for (const [what, suppressions, suppressed] of cases) {
      it(`${what}: ${suppressed ? 'suppressed' : 'open'}`, () => {
        const finding = one({ ruleId: 'R', message, suppressions });
        assert.equal(finding.suppressed, suppressed);
        assert.equal(finding.suppressions === undefined, suppressions === undefined || suppressions === null);
      });
    }

    it('are kept with their justification', () => {
      const suppressions = [{ kind: 'external', status: 'underReview', justification: 'tool\u0000 noise' }];
      assert.deepEqual(one({ ruleId: 'R', message, suppressions }).suppressions, [
        { kind: 'external', status: 'underReview', justification: 'tool noise' },
      ]);
    });
  });

  describe('weaknesses', () => {
    const cases: readonly (readonly [what: string, result: Json, run: Json, cwe: readonly string[]])[] = [
      [
        'tags',
        {},
        driver([{ id: 'R', properties: { tags: ['security', 'external/cwe/cwe-079', 'CWE-20: Input'] } }]),
        ['CWE-20', 'CWE-79'],
      ],
      ['a property', { properties: { cwe: ['CWE-23', 22] } }, {}, ['CWE-22', 'CWE-23']],
      ['taxa by id', { taxa: [{ id: '89', toolComponent: { name: 'CWE' } }] }, {}, ['CWE-89']],
      [
        'taxa by index',
        { taxa: [{ index: 1, toolComponent: { index: 0 } }] },
        { taxonomies: [{ name: 'CWE', taxa: [{ id: '1' }, { id: 'CWE-352' }] }] },
        ['CWE-352'],
      ],
      [
        'taxa of another taxonomy',
        {
          taxa: [
            { id: 'A1', toolComponent: { name: 'OWASP' } },
            { id: '3', toolComponent: { name: 'X' } },
          ],
        },
        {},
        [],
      ],
      [
        'rule and result together',
        { taxa: [{ id: '100', toolComponent: { name: 'CWE' } }] },
        driver([{ id: 'R', properties: { tags: ['cwe-79'] } }]),
        ['CWE-79', 'CWE-100'],
      ],
    ];
    for (const [what, result, run, cwe] of cases) {
      it(`from ${what}`, () => assert.deepEqual(one({ ruleId: 'R', message, ...result }, run).cwe, cwe));
    }
  });

  it('score a CVSS vector from the properties, the newest version first', () => {
    const run = driver([
      {
        id: 'CVE-2021-23337',
        properties: {
          cvssv2_vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P',
          cvssV3_vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          cvss: 'not a vector',
        },
      },
    ]);
    const finding = one({ ruleId: 'CVE-2021-23337', message }, run);
    assert.deepEqual(finding.cvss, { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', version: '3.1', score: 9.8 });
    assert.deepEqual([finding.kind, finding.aliases], ['dependency', ['CVE-2021-23337']]);
  });

  it('keep both kinds of fingerprints; the full one wins', () => {
    const finding = one({
      ruleId: 'R',
      message,
      partialFingerprints: { a: '1', both: 'partial', odd: 5 },
      fingerprints: { both: 'full', ['__proto__']: 'x' },
    });
    assert.deepEqual(finding.fingerprints, { a: '1', both: 'full' });
  });

  it('take code flows through locations of their own and of the run', () => {
    const finding = one(
      {
        ruleId: 'R',
        message,
        codeFlows: [
          {
            threadFlows: [
              { locations: [{ location: place('a.js', { startLine: 1 }) }, { index: 0 }, { location: place('../out.js') }] },
              { locations: [{ location: { ...place('c.js'), message: { text: 'sink' } } }] },
            ],
          },
        ],
      },
      { threadFlowLocations: [{ location: place('b.js', { startLine: 2 }) }] },
    );
    assert.deepEqual(finding.codeFlows, [
      [
        { path: 'a.js', startLine: 1, endLine: 1 },
        { path: 'b.js', startLine: 2, endLine: 2 },
      ],
      [{ path: 'c.js', startLine: 3, endLine: 3, message: 'sink' }],
    ]);
  });

  it('follow no link but https', () => {
    const links = [
      'command:workbench.action.terminal.new',
      'javascript:alert(1)',
      'http://example.org',
      'https://user@example.org/',
      'file:///etc',
    ];
    for (const helpUri of links)
      assert.deepEqual(one({ ruleId: 'R', message }, driver([{ id: 'R', helpUri }])).references, [], helpUri);
  });

  it('that are no objects are rejected by name, and the others survive', () => {
    const read = readPlain(logOf([5, { ruleId: 'R', message }, null, 'x', []]));
    assert.equal(read.findings.length, 1);
    assert.equal(read.results, 5);
    assert.deepEqual(
      read.rejected.map(({ path, file }) => `${file} ${path}`),
      [0, 2, 3, 4].map((i) => `r.sarif runs[0].results[${i}]`),
    );
  });

  it('cannot reach prototypes, whatever they are named', () => {
    const log = JSON.parse(
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"S","rules":[{"id":"__proto__","__proto__":{"polluted":1}}]}},' +
        '"originalUriBaseIds":{"__proto__":{"uri":"file:///etc/"}},"results":[{"ruleId":"__proto__","message":{"id":"__proto__"},' +
        '"partialFingerprints":{"__proto__":"x","constructor":"y"},"properties":{"__proto__":{"polluted":1},"toString":1},' +
        '"locations":[{"physicalLocation":{"artifactLocation":{"uri":"a.js","uriBaseId":"toString"}}}]}]}]}',
    ) as unknown;
    const { findings } = readPlain(log);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.deepEqual(findings[0]?.locations, [{ path: 'a.js' }]);
    assert.deepEqual(findings[0]?.fingerprints, { constructor: 'y' });
    assert.deepEqual(Object.keys(findings[0]?.properties ?? {}), ['toString']);
  });
});
