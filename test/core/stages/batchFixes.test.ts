import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/model/finding';
import type { Patch } from '../../../src/core/model/patch';
import type { Fixer, Workspace } from '../../../src/core/ports';
import { proposeBatch } from '../../../src/core/stages/batchFixes';
import { makeFinding } from '../../support/findings';

const workspace: Workspace = {
  root: '/w',
  read: () => Promise.resolve(undefined),
  readText: (path) => Promise.resolve(path === 'a.txt' ? 'one two three\n' : path === 'lock' ? 'v1\n' : undefined),
  list: () => Promise.resolve([]),
};

/** Finds the rule's word in a.txt and replaces it by its capitals; `lock` appends a line; `both` closes two. */
function fixer(asked: string[]): Fixer {
  return {
    id: 'words',
    displayName: 'Words',
    url: 'https://example.org',
    capabilities: [],
    trust: 'rule',
    accepts: () => true,
    async propose(finding, context) {
      asked.push(finding.id);
      if (finding.ruleId === 'broken') throw new Error('out of order');
      const base = {
        findingId: finding.id,
        fixer: 'words',
        trust: 'rule',
        title: finding.ruleId,
        reason: '',
        notes: [],
      } as const;
      if (finding.ruleId.startsWith('lock')) {
        const before = (await context.workspace.readText('lock')) ?? '';
        const patch: Patch = {
          ...base,
          changes: [{ path: 'lock', before, after: `${before}${finding.ruleId}\n` }],
          closes: finding.ruleId === 'lock-both' ? ['pl-7', 'pl-8'] : [],
        };
        return patch;
      }
      const before = (await context.workspace.readText('a.txt')) ?? '';
      const start = before.indexOf(finding.ruleId);
      if (start < 0) return { findingId: finding.id, noFix: `there is no ${finding.ruleId}` };
      const edit = { start, end: start + finding.ruleId.length, text: finding.ruleId.toUpperCase() };
      return {
        ...base,
        changes: [{ path: 'a.txt', before, after: before.slice(0, start) + edit.text + before.slice(edit.end), edits: [edit] }],
      };
    },
  };
}

async function run(rules: readonly string[], asked: string[] = []) {
  const findings: Finding[] = rules.map((ruleId, i) => makeFinding({ id: `pl-${i + 1}`, ruleId }));
  return proposeBatch(findings, [fixer(asked)], { workspace, findings });
}

describe('proposeBatch', () => {
  it('puts splices of one file side by side', async () => {
    const { combined, left } = await run(['three', 'one']);
    assert.deepEqual([combined.map((change) => change.after), left], [['ONE two THREE\n'], []]);
  });

  it('proposes again, on top of the others, what cannot be spliced', async () => {
    const { combined } = await run(['lock-1', 'one', 'lock-2']);
    assert.deepEqual(Object.fromEntries(combined.map((change) => [change.path, [change.before, change.after]])), {
      lock: ['v1\n', 'v1\nlock-1\nlock-2\n'],
      'a.txt': ['one two three\n', 'ONE two three\n'],
    });
  });

  it('says of overlapping fixes which one stays out', async () => {
    const { combined, left } = await run(['one two', 'two']);
    assert.equal(combined[0]?.after, 'ONE TWO three\n');
    assert.deepEqual(
      left.map((one) => one.findingId),
      ['pl-2'],
    );
  });

  it('makes a change that closes several findings once', async () => {
    const asked: string[] = [];
    const { answers, combined } = await run(['one', 'x', 'x', 'x', 'x', 'x', 'lock-both', 'lock-other'], asked);
    assert.deepEqual(asked.slice(-1), ['pl-7']);
    assert.equal(answers[7]?.findingId, 'pl-8');
    assert.equal(combined.find((change) => change.path === 'lock')?.after, 'v1\nlock-both\n');
  });

  it('does not lose the other fixes to one that breaks', async () => {
    const { answers, combined } = await run(['broken', 'one']);
    assert.deepEqual(answers[0], { findingId: 'pl-1', noFix: 'generating it failed: out of order' });
    assert.equal(combined.length, 1);
  });
});
