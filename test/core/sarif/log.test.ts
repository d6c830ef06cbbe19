import assert from 'node:assert/strict';
import { isHumanError } from '../../../src/core/errors';
import { logOf, readPlain, readStreamed } from '../../support/sarif';

const result = { ruleId: 'R', message: { text: 'm' } };
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** Both ways of reading have to agree, so every case goes both ways. */
const ways = {
  plain: (log: unknown) => readPlain(log),
  streamed: (log: unknown) => readStreamed(bytesOf(log)),
};

for (const [way, read] of Object.entries(ways)) {
  describe(`SARIF logs, ${way}`, () => {
    const refused: readonly (readonly [what: string, log: unknown, words: RegExp])[] = [
      ['no version', { runs: [] }, /r\.sarif: .*no `version`/],
      ['version 1.0.0', { version: '1.0.0', runs: [] }, /r\.sarif: .*`version` is "1\.0\.0"/],
      ['version 2.0.0', { version: '2.0.0-csd.2.beta', runs: [] }, /2\.0\.0/],
      ['a number for a version', { version: 2.1, runs: [] }, /version/],
      ['no runs', { version: '2.1.0' }, /no `runs`/],
      ['runs that are no array', { version: '2.1.0', runs: {} }, /`runs` is not an array/],
      ['an array', [], /not a JSON object/],
      ['a string', 'x', /not a JSON object/],
    ];
    for (const [what, log, words] of refused) {
      it(`with ${what} are refused in one sentence`, () => {
        assert.throws(
          () => read(log),
          (error: unknown) => isHumanError(error) && words.test(error.message) && !error.message.includes('\n'),
        );
      });
    }

    it('of several runs count their results through', () => {
      const { findings, scanner, results } = read({
        version: '2.1.0',
        runs: [
          { tool: { driver: { name: 'A' } }, results: [result, result] },
          { tool: { driver: { name: 'B' } }, results: [] },
          { tool: { driver: { name: 'C' } }, results: [result] },
        ],
      });
      assert.equal(scanner, 'A, B, C');
      assert.equal(results, 3);
      assert.deepEqual(
        findings.map(({ witnesses: [witness] }) => [witness?.scanner, witness?.index]),
        [
          ['A', 0],
          ['A', 1],
          ['C', 2],
        ],
      );
    });

    it('may order their members as they like', () => {
      const log = {
        runs: [
          {
            results: [{ ...result, ruleIndex: 0 }],
            tool: { driver: { rules: [{ id: 'R', helpUri: 'https://r.example/' }], name: 'Late' } },
          },
        ],
        version: '2.1.0',
      };
      const { findings, results } = read(log);
      assert.deepEqual([findings[0]?.scanner, findings[0]?.references, results], ['Late', ['https://r.example/'], 1]);
    });

    it('may bring artifacts, bases and overrides behind the results', () => {
      const late = {
        version: '2.1.0',
        runs: [
          {
            tool: { driver: { name: 'S' } },
            results: [
              { ...result, kind: 'pass' },
              { ...result, locations: [{ physicalLocation: { artifactLocation: { index: 0 } } }] },
              7,
            ],
            invocations: [{ ruleConfigurationOverrides: [{ descriptor: { id: 'R' }, configuration: { level: 'error' } }] }],
            originalUriBaseIds: { B: { uri: 'src/' } },
            artifacts: [{ location: { uri: 'a.js', uriBaseId: 'B' } }],
          },
          { tool: { driver: { name: 'T' } }, results: [result] },
        ],
      };
      const { findings, rejected, notes, results } = read(late);
      assert.equal(results, 4);
      assert.deepEqual(
        findings.map(({ severity, locations: [place], witnesses: [witness] }) => [severity, place?.path, witness?.index]),
        [
          ['high', 'src/a.js', 1],
          ['medium', undefined, 3],
        ],
      );
      // Read twice, counted once.
      assert.equal(rejected.length, 1);
      assert.deepEqual(notes, ['1 result of kind "pass" was not imported: no problem reported']);
    });

    it('say what makes them incomplete', () => {
      const incomplete: readonly (readonly [run: Readonly<Record<string, unknown>>, note: RegExp])[] = [
        [{ invocations: [{ executionSuccessful: false }] }, /did not succeed \(runs\[0\]\.invocations\[0\]\)/],
        [{ results: null }, /wrote no results/],
        [{ externalPropertyFileReferences: { results: [{ location: { uri: 'x.sarif-external-properties' } }] } }, /1 other file/],
      ];
      for (const [run, note] of incomplete) {
        const { complete, notes } = read(logOf([], run));
        assert.equal(complete, false);
        assert.match(notes.join('\n'), note);
      }
      assert.equal(read(logOf([], { invocations: [{ executionSuccessful: true }] })).complete, true);
      const { complete, notes, findings } = read({ version: '2.1.0', runs: null });
      assert.deepEqual([complete, findings], [false, []]);
      assert.match(notes.join('\n'), /runs is null/);
    });

    it('may have no results at all, or such as are none', () => {
      assert.deepEqual([read(logOf(undefined)).results, read(logOf(undefined)).complete], [0, true]);
      const { rejected, complete } = read(logOf({ a: 1 }));
      assert.deepEqual([rejected[0]?.path, complete], ['runs[0].results', false]);
      assert.deepEqual(
        read({ version: '2.1.0', runs: [5, null, { tool: { driver: { name: 'S' } }, results: [result] }] }).rejected.map(
          ({ path }) => path,
        ),
        ['runs[0]', 'runs[1]'],
      );
    });
  });
}
