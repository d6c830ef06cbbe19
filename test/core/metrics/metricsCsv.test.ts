import assert from 'node:assert/strict';
import fc from 'fast-check';
import { metricsCsv } from '../../../src/core/metrics/metricsCsv';
import { emptyMetrics, makeMetrics } from '../../support/metrics';

describe('metricsCsv', () => {
  it('writes one figure a line, empty where there is none', () => {
    const lines = metricsCsv(makeMetrics()).split('\r\n');
    assert.equal(lines[0], 'table,key,measure,value,unit');
    for (const line of ['summary,,mean time to repair,187200000,ms', 'summary,,changed line coverage,,share', 'stage,approval,median,75600000,ms', 'week,2025-12-22,median time to repair,,ms'])
      assert.ok(lines.includes(line), line); // oxfmt-ignore
    assert.equal(lines.at(-1), '');
    assert.ok(metricsCsv(emptyMetrics).includes('summary,,success rate,,share'));
  });

  it('lets no text be a formula, whatever it is', () => {
    const incident = (what: string) => ({ run: 'r', findingId: 'f', at: '2026-01-08T10:00:00.000Z', what });
    const cell = (what: string) =>
      /incident,r,what,([\s\S]*),\r\n$/.exec(metricsCsv({ ...emptyMetrics, incidents: [incident(what)] }))?.[1] ?? '';
    assert.equal(cell('=HYPERLINK("https://example.org")'), `"'=HYPERLINK(""https://example.org"")"`);
    assert.equal(cell('a, b'), '"a, b"');
    fc.assert(
      fc.property(fc.string(), (what) => {
        const text = cell(what);
        const plain = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
        assert.doesNotMatch(plain, /^\s*[=+\-@]/);
        // Apart from the apostrophe nothing is lost.
        assert.ok(plain === what || plain === `'${what}`);
      }),
    );
  });
});
