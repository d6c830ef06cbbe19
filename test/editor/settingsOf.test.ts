import assert from 'node:assert/strict';
import { settingsOf } from '../../src/editor/settingsOf';

const read = (values: Readonly<Record<string, unknown>>) =>
  settingsOf(
    (key) => values[key],
    () => true,
  );

describe('settingsOf', () => {
  it('takes what fits', () => {
    const settings = read({
      'reports.include': ['a', 'b'],
      'reports.watch': false,
      'proof.repeat': 5,
      'forge.provider': ' local ',
    });
    assert.deepEqual(settings.reports, ['a', 'b']);
    assert.equal(settings.watchReports, false);
    assert.equal(settings.proof.repeat, 5);
    assert.equal(settings.forge, 'local');
  });

  it('stands values of any other type, which VS Code hands out as they are', () => {
    for (const wrong of [null, 5, true, 'x', [7, ''], { a: 1 }]) {
      const keys = ['reports.include', 'reports.watch', 'forge.provider', 'github.apiUrl', 'npm.path', 'log.identity'];
      const settings = read(Object.fromEntries([...keys, 'proof.repeat', 'proof.timeoutSeconds'].map((key) => [key, wrong])));
      assert.deepEqual(settings.reports, wrong === 'x' ? ['x'] : []);
      assert.equal(settings.watchReports, true);
      assert.equal(typeof settings.forge, 'string');
      assert.equal(settings.proof.repeat, wrong === 5 ? 5 : 3);
    }
  });

  it('keeps numbers within the bounds of the manifest: a proof is never repeated no times', () => {
    assert.deepEqual(read({ 'proof.repeat': 0, 'proof.timeoutSeconds': 1e9 }).proof, { repeat: 1, timeoutSeconds: 7200 });
    assert.deepEqual(read({ 'proof.repeat': Number.NaN, 'proof.timeoutSeconds': -1 }).proof, { repeat: 3, timeoutSeconds: 10 });
  });
});
