import assert from 'node:assert/strict';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { compilePattern, matchPattern } from '../../../src/core/rules/pattern';

/** Texts of what the metavariables stand for, or undefined. */
async function match(pattern: string, code: string): Promise<Readonly<Record<string, string>> | undefined> {
  const compiled = await compilePattern(pattern, 'typescript', treeSitter);
  const tree = await treeSitter.parse(code, 'typescript');
  try {
    const statement = tree.root.namedChildren[0];
    const node = statement?.type === 'expression_statement' ? statement.namedChildren[0] : statement;
    assert.ok(node);
    const found = matchPattern(compiled, node);
    if (found === undefined) return undefined;
    return Object.fromEntries([
      ...Object.entries(found.one).map(([name, one]) => [name, one.text]),
      ...Object.entries(found.many).map(([name, many]) => [name, many.map((one) => one.text).join(' | ')]),
    ]);
  } finally {
    tree.dispose();
  }
}

describe('patterns', () => {
  const table: readonly [string, string, Readonly<Record<string, string>> | undefined][] = [
    ['$FN($A, $$$REST)', 'f(x)', { FN: 'f', A: 'x', REST: '' }],
    ['$FN($A, $$$REST)', 'a.b.c(x, y, () => z)', { FN: 'a.b.c', A: 'x', REST: 'y | () => z' }],
    ['$FN($A, $$$REST)', 'f()', undefined],
    ['$DB.query($SQL, $$$REST)', 'this.db.query<Row>(`a`, [b])', { DB: 'this.db', SQL: '`a`', REST: '[b]' }],
    ['$DB.query($SQL, $$$REST)', 'db.quer(a)', undefined],
    ['$DB.query($SQL, $$$REST)', 'await this.db.query<Row>(a, b)', { DB: 'this.db', SQL: 'a', REST: 'b' }],
    ['$DB.query($SQL, $$$REST)', 'void db.query<{ a: string }, B<C>>(a)', { DB: 'db', SQL: 'a', REST: '' }],
    ['$DB.query($SQL, $$$REST)', '(await db.query)<Row>(a)', undefined],
    ['$FN($A, $$$REST)', 'await f<Row>(x)', { FN: 'f', A: 'x', REST: '' }],
    ['f($$$ALL, 1)', 'f(2, 3, /* c */ 1)', { ALL: '2 | 3' }],
    ["f('a')", 'f("a")', {}],
    ["f('a')", 'f("b")', undefined],
    ['$A === $A', 'x.y === x.y', { A: 'x.y' }],
    ['$A === $A', 'x === y', undefined],
    ['$A + $B', 'x - y', undefined],
    ['$_ + $_', 'x + y', { _: 'y' }],
    ['return $A;', 'return x', { A: 'x' }],
  ];
  for (const [pattern, code, expected] of table)
    it(`${pattern} on ${code}`, async () => {
      assert.deepEqual(await match(pattern, code), expected);
    });

  it('refuses what is not one piece of code', async () => {
    for (const text of ['', 'a(); b()', 'f('])
      await assert.rejects(compilePattern(text, 'javascript', treeSitter), /not one piece of code/);
  });
});
