import assert from 'node:assert/strict';
import { createScannerFix } from '../../../src/adapters/fixers/scannerFix';
import { makeFinding } from '../../support/findings';
import { memoryWorkspace } from '../../support/memoryWorkspace';

describe('scanner fix', () => {
  const replaced = (path: string, before: string, text: string) => {
    const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 3 };
    const finding = makeFinding({ locations: [{ path, ...region }], suggestedFix: { replacements: [{ path, region, text }] } });
    return createScannerFix().propose(finding, { workspace: memoryWorkspace({ [path]: before }), findings: [finding] });
  };

  it('does not take what parses away', async () => {
    for (const [path, before, text] of [
      ['a.ts', 'ok(1);\n', '('],
      ['a.json', '[]\n', '['],
    ] as const) {
      const answer = await replaced(path, before, text);
      assert.ok('noFix' in answer, path);
      assert.match(answer.noFix, new RegExp(`${path} would no longer parse`));
    }
  });

  it('is made where the file parses as before, did not parse before, or cannot be parsed here', async () => {
    for (const [path, before, text] of [
      ['a.ts', 'ok(1);\n', 'no'],
      ['a.json', '// settings\n{}\n', '//'],
      ['a.rb', 'ok 1\n', '('],
    ] as const) {
      const answer = await replaced(path, before, text);
      if (before.startsWith(text)) assert.ok('noFix' in answer && /changes nothing/.test(answer.noFix), path);
      else assert.ok('changes' in answer, path);
    }
    const comments = await replaced('b.json', '// settings\n{}\n', '/*');
    assert.ok('changes' in comments);
  });
});
