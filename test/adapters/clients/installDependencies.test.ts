import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installDependencies } from '../../../src/adapters/clients/installDependencies';

describe('installDependencies', () => {
  it('goes by npm-shrinkwrap.json where package-lock.json stands beside it, as npm does, and reads a manifest with a byte order mark', async () => {
    const root = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    const put = (path: string, value: object, mark = ''): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), mark + JSON.stringify(value));
    };
    const lock = (version: string): object => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/x': { version } } });
    try {
      put('tree/package.json', { dependencies: { x: '*' } }, '\uFEFF');
      put('tree/npm-shrinkwrap.json', lock('1.0.0'));
      put('tree/package-lock.json', lock('2.0.0'));
      put('own/node_modules/.package-lock.json', lock('1.0.0'));
      const how = await installDependencies({
        folder: join(root, 'tree'),
        workspace: join(root, 'own'),
        cache: join(root, 'cache'),
        temporary: root,
        npm: undefined,
        timeoutMs: 1000,
      });
      assert.match(how, /shared by link: they hold what the lock file names/);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
