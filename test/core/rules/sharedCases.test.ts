import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { findFaults, withSource } from '../../../src/core/rules/findFaults';
import { rules } from '../../../src/core/rules/rules';

interface Pair {
  readonly id: string;
  readonly language: string;
  readonly cwe: readonly string[] | null;
  readonly input: string;
  readonly expected: string | null;
}

const file = path.resolve(import.meta.dirname, '../../../../shared/data/codefix.json');

describe('public pairs of code before and after a fix', () => {
  it('are left alone, or changed as expected', async function () {
    this.timeout(60_000);
    if (!existsSync(file)) {
      console.log('      (the public pairs are not on this machine: nothing to hold the rules against here)');
      return;
    }
    const { pairs } = JSON.parse(readFileSync(file, 'utf8')) as { readonly pairs: readonly Pair[] };
    const ours = pairs.filter((pair) => /^(js|jsx|ts|tsx|js\/ts|javascript|typescript)$/.test(pair.language));
    assert.ok(ours.length > 50);
    const wrong: string[] = [];
    for (const pair of ours) {
      for (const name of pair.language.includes('ts') ? ['a.js', 'a.ts'] : ['a.js']) {
        for (const rule of rules) {
          await withSource({ path: name, text: pair.input }, treeSitter, async (source) => {
            for (const fault of await findFaults(rule, source, treeSitter)) {
              const fix = fault.build();
              if (!('because' in fix) && pair.expected === null) wrong.push(`${rule.id}: ${pair.id}`);
              if (!('because' in fix) && pair.expected !== null) wrong.push(`${rule.id}: ${pair.id} (another weakness)`);
            }
          });
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
});
