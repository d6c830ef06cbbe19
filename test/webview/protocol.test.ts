import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFromPanel, rememberedFinding } from '../../src/webview/protocol';
import { dueIn, instant, lasting } from '../../src/webview/words';

describe('isFromPanel', () => {
  for (const good of [
    { kind: 'ready' },
    { kind: 'place' },
    { kind: 'command', command: 'c', findingId: 'f' },
    { kind: 'link', url: 'https://x' },
    { kind: 'command', command: 'c', findingId: 'f', argument: 'a' },
    { kind: 'copy', text: 'x' },
    { kind: 'revert' },
  ]) {
    it(`takes ${JSON.stringify(good)}`, () => assert.ok(isFromPanel(good)));
  }
  for (const bad of [
    undefined,
    null,
    1,
    'ready',
    {},
    { kind: 'other' },
    { kind: 'command', command: 1, findingId: 'f' },
    { kind: 'evidence', sha256: 'x' },
    { kind: 'command', command: 'c', findingId: 'f', argument: {} },
    { kind: 'copy' },
  ]) {
    it(`drops ${JSON.stringify(bad)}`, () => assert.ok(!isFromPanel(bad)));
  }
  it('answers anything', () => {
    fc.assert(fc.property(fc.anything(), (message) => assert.equal(typeof isFromPanel(message), 'boolean')));
  });
});

describe('rememberedFinding', () => {
  it('gives back what a page left behind, and nothing of anything else', () => {
    assert.equal(rememberedFinding({ findingId: 'pl-1' }), 'pl-1');
    for (const other of [undefined, null, 'pl-1', {}, { findingId: 1 }, { findingId: '' }])
      assert.equal(rememberedFinding(other), undefined);
  });
});

describe('words of the panel', () => {
  const times: readonly (readonly [number, string])[] = [
    [-5, '0 ms'], [340, '340 ms'], [59_999, '59 s'], [60_000, '1 min'], [3_600_000, '1 h'], [47 * 3_600_000, '47 h'], [72 * 3_600_000, '3 days'],
  ]; // oxfmt-ignore
  for (const [ms, words] of times) it(`${ms} ms is ${words}`, () => assert.equal(lasting(ms), words));

  const now = Date.parse('2026-01-10T12:00:00Z');
  for (const [due, words] of [
    ['2026-01-16T12:00:00Z', 'in 6 days'],
    ['2026-01-11T13:00:00Z', 'in 1 day'],
    ['2026-01-10T18:00:00Z', 'today'],
    ['2026-01-09T18:00:00Z', '1 day overdue'],
    ['2026-01-07T12:00:00Z', '3 days overdue'],
  ] as const) {
    it(`${due} is ${words}`, () => assert.equal(dueIn(due, now), words));
  }
  it('writes instants in UTC', () => assert.equal(instant('2026-11-23T18:04:05.678Z'), '2026-11-23 18:04 UTC'));
});
