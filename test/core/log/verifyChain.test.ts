import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emptyHead, entryHash, entryLine, genesis, sealEntry } from '../../../src/core/log/chain';
import { canonicalJson } from '../../../src/core/log/canonicalJson';
import { verifyChain } from '../../../src/core/log/verifyChain';
import type { LogEntry } from '../../../src/core/model/logEntry';

function makeChain(length: number, chain = 'c1'): LogEntry[] {
  const entries: LogEntry[] = [];
  for (let i = 0; i < length; i++) {
    const last = entries.at(-1);
    entries.push(
      sealEntry(
        {
          chain,
          time: new Date(1_700_000_000_000 + i * 1000).toISOString(),
          actor: { kind: 'person', source: 'git-config', digest: 'd'.repeat(64) },
          kind: 'step',
          body: { text: `step ${i + 1}` },
        },
        last === undefined ? emptyHead : { n: last.n, hash: last.hash },
      ),
    );
  }
  return entries;
}

const text = (entries: readonly LogEntry[]) => entries.map(entryLine).join('');
const at = (entries: readonly LogEntry[], i: number): LogEntry => entries[i] ?? assert.fail('no such entry');

describe('verifyChain', () => {
  const chain = makeChain(5);

  it('calls an untouched chain intact and gives its head', () => {
    assert.deepEqual(verifyChain('c1', text(chain)), { kind: 'intact', chain: 'c1', entries: 5, head: at(chain, 4).hash });
  });

  it('calls an empty log intact', () => {
    assert.deepEqual(verifyChain('c1', ''), { kind: 'intact', chain: 'c1', entries: 0, head: genesis });
  });

  const altered = { ...at(chain, 2), body: { text: 'something else' } };
  const resealed = { ...altered, hash: entryHash(altered) };
  const spaced = text(chain).split('\n');
  spaced[2] = (spaced[2] ?? '').replace('{', '{ ');
  const faults: readonly (readonly [string, string, string, string])[] = [
    [
      'an altered entry',
      text(chain.with(2, altered)),
      'altered',
      'entry 3 is not what was written: its content does not give its hash',
    ],
    [
      'an altered entry with a new hash',
      text(chain.with(2, resealed)),
      'altered',
      'entry 4 does not follow entry 3 as it stands: one of the two was rewritten',
    ],
    ['a rewritten line', spaced.join('\n'), 'altered', 'entry 3 is not in canonical form: the line was rewritten'],
    ['one deleted in the middle', text(chain.toSpliced(2, 1)), 'deleted', 'entry 3 is missing before entry 4'],
    ['two deleted in the middle', text(chain.toSpliced(1, 2)), 'deleted', 'entries 2 to 3 are missing before entry 4'],
    ['the first deleted', text(chain.slice(1)), 'deleted', 'entry 1 is missing before entry 2'],
    [
      'two changed places',
      text(chain.with(1, at(chain, 2)).with(2, at(chain, 1))),
      'reordered',
      'entry 3 stands where entry 2 belongs',
    ],
    ['one twice', text(chain.toSpliced(2, 0, at(chain, 1))), 'reordered', 'entry 2 stands where entry 3 belongs'],
    [
      'a torn tail',
      text(chain).slice(0, -40),
      'torn',
      'line 5 has no end: a write was cut short there and the entry was never acknowledged',
    ],
    [
      'a line of noise',
      text(chain).replace(entryLine(at(chain, 3)), 'noise\n'),
      'unreadable',
      'line 4 cannot be read: it is not JSON',
    ],
    [
      'the first of several faults, an altered entry before a line of noise',
      text(chain.with(1, { ...at(chain, 1), body: {} })).replace(entryLine(at(chain, 3)), 'noise\n'),
      'altered',
      'entry 2 is not what was written: its content does not give its hash',
    ],
    ['a stranger', text([...chain, ...makeChain(6, 'c2').slice(5)]), 'altered', 'entry 6 belongs to chain c2'],
  ];
  for (const [name, content, kind, why] of faults) {
    it(`names ${name}`, () => {
      const verdict = verifyChain('c1', content);
      assert.equal(verdict.kind, kind);
      assert.equal('why' in verdict ? verdict.why : '', why);
    });
  }

  it('cannot see a cut tail by itself, but an anchor shows it', () => {
    const cut = text(chain.slice(0, 3));
    assert.equal(verifyChain('c1', cut).kind, 'intact');
    const verdict = verifyChain('c1', cut, { n: 5, hash: at(chain, 4).hash });
    assert.deepEqual(verdict, {
      kind: 'anchor-mismatch',
      chain: 'c1',
      n: 5,
      why: 'the log ends at entry 3, but the anchor knows entry 5: its tail was cut off',
    });
  });

  it('sees a wholly rewritten chain by its anchor', () => {
    const other = makeChain(5).map((entry) => entry);
    const rewritten = text(other.slice(0, 0)) + text(makeChainWith('x', 5));
    assert.equal(verifyChain('c1', rewritten, { n: 3, hash: at(chain, 2).hash }).kind, 'anchor-mismatch');
    assert.equal(verifyChain('c1', text(chain), { n: 3, hash: at(chain, 2).hash }).kind, 'intact');
  });

  it('finds every change of a single character', () => {
    const good = text(chain);
    fc.assert(
      fc.property(fc.nat(good.length - 2), fc.constantFrom('0', 'f', 'z', '"', ' ', '\n'), (position, character) => {
        fc.pre(good[position] !== character);
        const bad = good.slice(0, position) + character + good.slice(position + 1);
        assert.notEqual(verifyChain('c1', bad).kind, 'intact');
      }),
      { numRuns: 400 },
    );
  });

  it('names the entry that was altered, for every entry and every field of its body', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.jsonValue(), (index, value) => {
        const entry = at(chain, index);
        const body = { text: JSON.parse(JSON.stringify(value)) as unknown };
        fc.pre(isCanonical(body) && canonicalJson(body) !== canonicalJson(entry.body));
        const verdict = verifyChain('c1', text(chain.with(index, { ...entry, body })));
        assert.deepEqual([verdict.kind, 'n' in verdict ? verdict.n : 0], ['altered', index + 1]);
      }),
    );
  });

  it('is not led astray by a hash in the body, nor by what canonical JSON cannot carry', () => {
    const draft = { chain: 'c1', time: 't', actor: at(chain, 0).actor, kind: 'step' as const };
    const first = sealEntry({ ...draft, body: { hash: genesis, text: '"hash":"x",' } }, emptyHead);
    assert.equal(verifyChain('c1', entryLine(first)).kind, 'intact');
    const echo = { ...first, body: { ...first.body, hash: first.hash } };
    assert.equal(verifyChain('c1', entryLine(echo)).kind, 'altered');
    const surrogate = entryLine(first).replace('"x\\"', '"\\ud800\\"');
    assert.match(surrogate, /ud800/);
    assert.equal(verifyChain('c1', surrogate).kind, 'altered');
  });
});

function makeChainWith(word: string, length: number): LogEntry[] {
  return makeChain(length).reduce<LogEntry[]>((done, entry) => {
    const last = done.at(-1);
    const { hash: _hash, prev: _prev, n: _n, v: _v, ...draft } = entry;
    return [...done, sealEntry({ ...draft, body: { word } }, last === undefined ? emptyHead : { n: last.n, hash: last.hash })];
  }, []);
}

function isCanonical(value: unknown): boolean {
  try {
    canonicalJson(value);
    return true;
  } catch {
    return false;
  }
}
