import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../src/core/errors';
import type { TestCase } from '../../../src/core/model/testReport';
import { parseJunit } from '../../../src/core/testReports/parseJunit';

/** `suite › name: status` with what else there is, one line a case. */
const lines = (cases: readonly TestCase[]): readonly string[] =>
  cases.map(({ suite, name, status, file, seconds, flaky, message }) =>
    [
      `${suite === '' ? '' : `${suite} › `}${name}: ${flaky === true ? 'flaky ' : ''}${status}`,
      ...(file === undefined ? [] : [`in ${file}`]),
      ...(seconds === undefined ? [] : [`${seconds} s`]),
      ...(message === undefined ? [] : [JSON.stringify(message)]),
    ].join(', '),
  );

/** What the runners really write, shortened. */
const dialects: readonly (readonly [name: string, xml: string, expected: readonly string[], root?: string])[] = [
  [
    'GoogleTest and CTest, which say in attributes what did not run or failed',
    `<testsuites tests="4"><testsuite name="S">
<testcase name="ran" status="run" result="completed" classname="S"/><testcase name="off" status="notrun" result="suppressed" classname="S"/>
<testcase name="bad" status="fail"/><testcase name="disabled" status="disabled"/>
</testsuite></testsuites>`,
    ['S › ran: passed', 'S › off: skipped', 'S › bad: failed', 'S › disabled: skipped'],
  ],
  [
    'a suite that could not be loaded',
    '<testsuites><testsuite name="broken"><error message="cannot load"/></testsuite><testsuite name="b"><failure/><testcase name="x"/></testsuite></testsuites>',
    ['broken › (the suite itself): error, "cannot load"', 'b › (the suite itself): failed', 'b › x: passed'],
  ],
  [
    'node:test',
    `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testsuite name="suite" time="0.007922" disabled="0" errors="0" tests="6" failures="2" skipped="3" hostname="vm">
		<testcase name="passes" time="0.001777" classname="test"/>
		<testcase name="fails" time="0.001553" classname="test" failure="1 == 2">
			<failure type="testCodeFailure" message="1 == 2">
Error [ERR_TEST_FAILURE]: 1 == 2
    at TestContext.&lt;anonymous> (/made-up/test/a.test.js:2:76)
			</failure>
		</testcase>
		<testcase name="todo" time="0.000754" classname="test"><skipped type="todo" message="true"/></testcase>
		<testcase name="todo fails" time="0.000190" classname="test" failure="x">
			<skipped type="todo" message="x"/>
			<failure type="testCodeFailure" message="x">[Error]</failure>
		</testcase>
		<testsuite name="inner" time="0.000577" disabled="0" errors="0" tests="1" failures="0" skipped="0" hostname="vm">
			<testcase name="deep" time="0.000275" classname="test" file="/made-up/test/a.test.js"/>
		</testsuite>
	</testsuite>
	<testcase name="alone" time="0.000259" classname="test"/>
	<testcase name="/made-up/test/b.test.js" time="0.563494" classname="test" failure="test failed">
		<failure type="testCodeFailure" message="test failed">[Error: test failed] { exitCode: 1 }</failure>
	</testcase>
	<!-- tests 8 -->
</testsuites>
`,
    [
      'alone: passed, 0.000259 s',
      '/made-up/test/b.test.js: failed, in test/b.test.js, 0.563494 s, "test failed"',
      'suite › passes: passed, 0.001777 s',
      'suite › fails: failed, 0.001553 s, "1 == 2"',
      'suite › todo: skipped, 0.000754 s',
      'suite › todo fails: skipped, 0.00019 s, "x"',
      'suite › inner › deep: passed, in test/a.test.js, 0.000275 s',
    ],
    '/made-up',
  ],
  [
    'mocha xunit',
    `<testsuite name="Mocha Tests" tests="3" failures="0" errors="1" skipped="1" timestamp="Wed, 25 Nov 2026 22:54:08 GMT" time="0.019">
<testcase classname="" name="alone" file="/made-up/t/a.test.js" time="0"/>
<testcase classname="suite inner" name="fails &#x3C;&#x26;&#x3E;" file="/elsewhere/a.test.js" time="0"><failure>no &#x22;x&#x22; red
Error: no</failure></testcase>
<testcase classname="suite" name="skipped" file="/made-up/t/a.test.js" time="0"><skipped/></testcase>
</testsuite>`,
    [
      'alone: passed, in t/a.test.js, 0 s',
      'suite inner › fails <&>: failed, 0 s, "no \\"x\\" red\\nError: no"',
      'suite › skipped: skipped, in t/a.test.js, 0 s',
    ],
    '/made-up',
  ],
  [
    'mocha-junit-reporter',
    `<testsuites name="Mocha Tests" time="0.01" tests="2" failures="1"><testsuite name="Root Suite" tests="0" file="test/a.js"></testsuite>
<testsuite name="suite" tests="2" file="test/a.js" time="0.01"><testcase name="suite passes" time="0.001" classname="passes"></testcase>
<testcase name="suite fails" time="0.002" classname="fails"><failure message="no" type="Error"><![CDATA[Error: no <b>]]></failure></testcase></testsuite></testsuites>`,
    ['suite › suite passes: passed, in test/a.js, 0.001 s', 'suite › suite fails: failed, in test/a.js, 0.002 s, "no"'],
  ],
  [
    'jest-junit',
    `<testsuites name="jest tests" tests="2" failures="1" errors="0" time="1.99"><testsuite name="suite" errors="0" failures="1" skipped="0" tests="2">
<testcase classname="suite passes" name="suite passes" time="0.008"></testcase>
<testcase classname=" alone" name=" alone" time="0.001" file="t/a.test.js"><failure>Error: no &quot;x&quot; [31mred[0m</failure></testcase></testsuite></testsuites>`,
    ['suite › suite passes: passed, 0.008 s', 'suite › alone: failed, in t/a.test.js, 0.001 s, "Error: no \\"x\\" red"'],
  ],
  [
    'vitest',
    `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="2" failures="0" errors="0" time="0.008"><testsuite name="t/v.spec.js" tests="2">
<testcase classname="t/v.spec.js" name="suite &gt; inner &gt; deep" time="0.001431159"></testcase>
<testcase classname="t/v.spec.js" name="alone" time="0.000090071"><skipped/></testcase></testsuite></testsuites>`,
    [
      't/v.spec.js › suite > inner > deep: passed, in t/v.spec.js, 0.001431159 s',
      't/v.spec.js › alone: skipped, in t/v.spec.js, 0.000090071 s',
    ],
  ],
  [
    'Surefire',
    `<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="org.example.PingTest" time="1,234.5" tests="4" errors="1" failures="1">
<properties><property name="a" value="b"/></properties>
<testcase name="flaky" classname="org.example.PingTest" time="1,234.5"><flakyFailure message="first" type="E"><stackTrace>at x</stackTrace></flakyFailure></testcase>
<testcase name="again" classname="org.example.PingTest" time="0.1"><failure message="one" type="E">t</failure><rerunFailure message="two" type="E">t</rerunFailure></testcase>
<testcase name="broken" classname="org.example.PingTest"><error type="java.lang.Error">java.lang.Error
	at org.example</error></testcase>
<testcase name="off" classname="org.example.PingTest" time="-1"><skipped message="later"/></testcase></testsuite>`,
    [
      'org.example.PingTest › flaky: flaky passed, 1234.5 s, "first"',
      'org.example.PingTest › again: failed, 0.1 s, "one"',
      'org.example.PingTest › broken: error, "java.lang.Error\\n\\tat org.example"',
      'org.example.PingTest › off: skipped, "later"',
    ],
  ],
  [
    'pytest',
    `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="0" failures="1" skipped="0" tests="2" time="0.05" hostname="h">
<testcase classname="tests.test_a.TestPing" name="test_x[a/b]" time="0.001" /><testcase classname="tests.test_a" name="test_y" file="tests/test_a.py" line="3" time="0.002"><failure message="assert 1 == 2">def test_y(): ...</failure></testcase></testsuite></testsuites>`,
    [
      'tests.test_a.TestPing › test_x[a/b]: passed, 0.001 s',
      'tests.test_a › test_y: failed, in tests/test_a.py, 0.002 s, "assert 1 == 2"',
    ],
  ],
  [
    'go-junit-report',
    `<testsuites tests="2" failures="1"><testsuite name="example.org/ping" tests="2" failures="1"><testcase name="TestA/sub" classname="example.org/ping" time="0.010"></testcase>
<testcase name="TestB" classname="example.org/ping" time="0.000"><failure message="Failed"><![CDATA[    a_test.go:9: no]]></failure></testcase></testsuite></testsuites>`,
    ['example.org/ping › TestA/sub: passed, 0.01 s', 'example.org/ping › TestB: failed, 0 s, "Failed"'],
  ],
  [
    'GitHub runners and Windows paths',
    `<testsuites><testcase name="a" file="/home/runner/work/ping/ping/test/a.js"/><testcase name="b" file="D:\\a\\ping\\ping\\test\\b.js"/><testcase name="c" file="../../etc/c.js"/></testsuites>`,
    ['a: passed, in test/a.js', 'b: passed, in test/b.js', 'c: passed'],
  ],
];

describe('JUnit XML', () => {
  for (const [name, xml, expected, root] of dialects) {
    it(`of ${name}`, () => assert.deepEqual(lines(parseJunit(xml, 'x.xml', root)), expected));
  }

  const laughs = `<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>\n<testsuites><testcase name="&lol2;"/></testsuites>`;
  const refused: readonly (readonly [name: string, xml: string, message: RegExp])[] = [
    ['a billion laughs', laughs, /^x\.xml:2:1: a document type/],
    ['external entities', `<!doctype a SYSTEM "file:///etc/passwd"><testsuites/>`, /^x\.xml:1:1: a document type/],
    ['a document type behind a comment', `<!-- <!DOCTYPE -->\n <!DOCTYPE a><testsuites/>`, /^x\.xml:2:2: /],
    ['huge depth', `${'<testsuite>'.repeat(5000)}${'</testsuite>'.repeat(5000)}`, /nested/],
    ['UTF-16 taken for UTF-8', '<\0t\0e\0s\0t\0s\0u\0i\0t\0e\0s\0/\0>\0', /UTF-8/],
    ['Latin-1 taken for UTF-8', '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="\uFFFD"/>', /ISO-8859-1/],
    ['what is cut', '<testsuites>\n<testcase name="a">', /^x\.xml:1:1: not well-formed/],
    ['tags that cross', '<testsuites>\n  <testcase name="a"></testsuites>', /^x\.xml:2:\d+: not well-formed/],
    ['nothing', '', /^x\.xml:1: not well-formed/],
    ['no XML', '{"tests": 1}', /^x\.xml:1:1: /],
    ['other XML', '<html><body/></html>', /no JUnit XML/],
    ['names that are no names', '<testsuites><__proto__ polluted="1"/></testsuites>', /cannot be read/],
  ];
  for (const [name, xml, message] of refused) {
    it(`refuses ${name}`, () =>
      assert.throws(
        () => parseJunit(xml, 'x.xml'),
        (error: Error) => isHumanError(error) && message.test(error.message) && (assert.match(error.message, message), true),
      ));
  }

  it('expands no entity but the five, once', () => {
    const [one] = parseJunit('<testsuites><testcase name="&amp;lt; &foo; &#65;&#x42; &#1114112;"/></testsuites>', 'x.xml');
    assert.equal(one?.name, '&lt; &foo; AB \uFFFD');
  });

  it('a document type in CDATA or in a message is text', () => {
    const xml = '<testsuite><testcase name="a"><failure><![CDATA[<!DOCTYPE html>]]></failure></testcase></testsuite>';
    assert.deepEqual(lines(parseJunit(xml, 'x.xml')), ['a: failed, "<!DOCTYPE html>"']);
  });

  it('never throws anything but an error for people, whatever it gets', () => {
    const pieces = fc.constantFrom(
      ...['<testsuites>', '</testsuites>', '<testsuite name="a">', '</testsuite>', '<testcase name="x" classname="y"/>'],
      ...[
        '<testcase name="&#0;">',
        '</testcase>',
        '<failure message="m">',
        '</failure>',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '&x;',
      ],
      ...['<?xml version="1.0"?>', '<', '>', '"', '\0', '\uFFFD', 'time="1e999"', '<skipped/>', '<!DOCTYPE', ' a=b', '__proto__'],
    );
    const soup = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (text) => {
        try {
          parseJunit(text, 'x.xml');
        } catch (error) {
          assert.ok(isHumanError(error), String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every test and how it ended', () => {
    const escape = (text: string): string => text.replace(/[<&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const tags = { passed: '', failed: '<failure/>', error: '<error/>', skipped: '<skipped/>' } as const;
    const one = fc.record({ name: fc.string(), status: fc.constantFrom('passed', 'failed', 'error', 'skipped') });
    const suiteOf = (depth: number): fc.Arbitrary<Suite> =>
      fc.record({
        name: fc.string(),
        cases: fc.array(one, { maxLength: 4 }),
        suites: depth === 0 ? fc.constant([]) : fc.array(suiteOf(depth - 1), { maxLength: 2 }),
      });
    const render = ({ name, cases, suites }: Suite): string =>
      `<testsuite name="${escape(name)}">${cases.map((c) => `<testcase name="${escape(c.name)}">${tags[c.status]}</testcase>`).join('')}${suites.map(render).join('')}</testsuite>`;
    const all = ({ cases, suites }: Suite): readonly string[] => [...cases.map((c) => c.status), ...suites.flatMap(all)];
    fc.assert(
      fc.property(suiteOf(3), (tree) => {
        const read = parseJunit(`<testsuites>${render(tree)}</testsuites>`, 'x.xml').map(({ status }) => status);
        assert.deepEqual([...read].sort(), [...all(tree)].sort());
      }),
    );
  });
});

interface Suite {
  readonly name: string;
  readonly cases: readonly { readonly name: string; readonly status: 'passed' | 'failed' | 'error' | 'skipped' }[];
  readonly suites: readonly Suite[];
}
