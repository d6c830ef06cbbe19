import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installDependencies } from '../../../src/adapters/clients/installDependencies';
import { linkPackages } from '../../../src/adapters/clients/linkPackages';

describe('installDependencies', () => {
  const inFolder = async (work: (root: string) => Promise<void>): Promise<void> => {
    const root = mkdtempSync(join(tmpdir(), 'patchline-test-'));
    try {
      await work(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  it('goes by npm-shrinkwrap.json where package-lock.json stands beside it, as npm does, and reads a manifest with a byte order mark', async () => {
    await inFolder(async (root) => {
      const put = (path: string, value: object, mark = ''): void => {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), mark + JSON.stringify(value));
      };
      const lock = (version: string): object => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/x': { version } } });
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
    });
  });

  it('keeps the person’s packages from what runs in the tree, npm ci above all, and lets it find them', () =>
    inFolder(async (root) => {
      const own = join(root, 'own/node_modules');
      for (const name of ['x', '@s/y', '.cache']) mkdirSync(join(own, name), { recursive: true });
      mkdirSync(join(own, '.bin'));
      writeFileSync(join(own, 'x/main.js'), 'module.exports = require("@s/y");');
      writeFileSync(join(own, '@s/y/index.js'), 'module.exports = 7;');
      symlinkSync('../x/main.js', join(own, '.bin/x'));
      symlinkSync('nowhere', join(own, 'dangling'));
      writeFileSync(join(own, '.package-lock.json'), 'own');
      const target = join(root, 'tree/node_modules');
      mkdirSync(dirname(target));
      const before = readdirSync(own, { recursive: true });

      await linkPackages(own, target);
      const main = join(root, 'tree/main.js');
      writeFileSync(
        main,
        'process.stdout.write(String(require("x/main.js") + require("@s/y") + require("./node_modules/.bin/x")))',
      );
      assert.equal(execFileSync(process.execPath, [main], { encoding: 'utf8' }), '21');
      assert.equal(existsSync(join(target, '.cache')), false, 'each tree makes its own');

      writeFileSync(join(target, '.package-lock.json'), 'of the tree');
      for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true, force: true });
      assert.deepEqual(readdirSync(own, { recursive: true }), before);
      assert.equal(readFileSync(join(own, '.package-lock.json'), 'utf8'), 'own');
    }));

  it('a member of a workspace is the tree’s own, not what the person has in hand', () =>
    inFolder(async (root) => {
      for (const [side, text] of [
        ['own', 'in hand'],
        ['tree', 'committed'],
      ] as const) {
        for (const name of ['lib', 'plain']) {
          mkdirSync(join(root, side, 'packages', name), { recursive: true });
          writeFileSync(join(root, side, 'packages', name, 'index.js'), `module.exports = '${text}';`);
        }
      }
      const own = join(root, 'own/node_modules');
      mkdirSync(join(own, '@s'), { recursive: true });
      symlinkSync('../../packages/lib', join(own, '@s/lib'));
      symlinkSync('../packages/plain', join(own, 'plain'));
      await linkPackages(own, join(root, 'tree/node_modules'), { own: join(root, 'own'), tree: join(root, 'tree') });
      const main = join(root, 'tree/main.js');
      writeFileSync(main, 'process.stdout.write(`${require("@s/lib")}, ${require("plain")}`)');
      assert.equal(execFileSync(process.execPath, [main], { encoding: 'utf8' }), 'committed, committed');
    }));
});
