import assert from 'node:assert/strict';
import { reportsBelow } from '../../../src/editor/reports/reportsBelow';

describe('reportsBelow', () => {
  const names = ['reports/eslint.sarif', 'reports/old/npm-audit.json', 'reports2/a.sarif', 'semgrep.json'];
  it('finds what went with a folder, at any depth', () => {
    assert.deepEqual(reportsBelow(names, 'reports'), names.slice(0, 2));
    assert.deepEqual(reportsBelow(names, 'reports/old'), names.slice(1, 2));
  });
  it('takes no folder of a longer name, and no file, for it', () => {
    assert.deepEqual(reportsBelow(names, 'report'), []);
    assert.deepEqual(reportsBelow(names, 'semgrep.json'), []);
  });
});
