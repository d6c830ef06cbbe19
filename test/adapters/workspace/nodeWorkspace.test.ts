import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeWorkspace } from '../../../src/adapters/workspace/nodeWorkspace';
import { isHumanError } from '../../../src/core/errors';

describe('nodeWorkspace', () => {
  let folder: string;
  let root: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchline-workspace-'));
    root = join(folder, 'work space');
    await mkdir(join(root, 'src/node_modules/x'), { recursive: true });
    await mkdir(join(root, '.git'));
    await mkdir(join(root, 'out'));
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(root, 'src/a.js'), '\ufeffconst ä = 1;\r\n');
    await writeFile(join(root, 'src/latin1.txt'), Buffer.from([0x47, 0xf6, 0x0a]));
    await writeFile(join(root, 'src/node_modules/x/a.js'), '');
    await writeFile(join(root, '.git/a.js'), '');
    await writeFile(join(root, 'out/a.js'), '');
    await writeFile(join(root, '.gitignore'), 'out/\n');
    await symlink(join(folder, 'secret.txt'), join(root, 'leak.js'));
    await symlink(folder, join(root, 'up'));
    await symlink(join(root, 'src/a.js'), join(root, 'inner.js'));
    await symlink(join(root, 'loop'), join(root, 'loop'));
    if (process.platform !== 'win32') execFileSync('mkfifo', [join(root, 'pipe')]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('reads bytes and text as they stand, byte order mark and CR included', async () => {
    const workspace = nodeWorkspace(root);
    assert.equal(await workspace.readText('src/a.js'), '\ufeffconst ä = 1;\r\n');
    assert.deepEqual(
      Buffer.from((await workspace.readText('src/a.js')) ?? ''),
      Buffer.from((await workspace.read('src/a.js')) ?? []),
    );
    assert.equal(await workspace.readText('inner.js'), '\ufeffconst ä = 1;\r\n', 'a link inside is a file as any other');
  });

  for (const path of ['missing.js', 'src', 'src/a.js/b']) {
    it(`says undefined for ${path}, which is no file`, async () => assert.equal(await nodeWorkspace(root).read(path), undefined));
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['../secret.txt', /outside the workspace/],
    ['/etc/passwd', /outside the workspace/],
    ['leak.js', /link that leads outside/],
    ['up/secret.txt', /link that leads outside/],
    ['loop', /round in a circle/],
    ['a\u0000b', /control characters/],
    ...(process.platform === 'win32' ? [] : ([['pipe', /not a regular file/]] as const)),
  ];
  for (const [path, words] of refused) {
    it(`refuses ${JSON.stringify(path)} in words`, async () => {
      await assert.rejects(nodeWorkspace(root).read(path), (error) => isHumanError(error) && words.test(error.message));
    });
  }

  it('refuses text that is not UTF-8, naming the file', async () => {
    await assert.rejects(
      nodeWorkspace(root).readText('src/latin1.txt'),
      (e) => isHumanError(e) && /src\/latin1\.txt.*UTF-8/.test(e.message),
    );
  });

  it('lists what matches, without installed packages, .git and ignored files', async () => {
    const workspace = nodeWorkspace(root);
    assert.deepEqual(await workspace.list(['**/a.js']), ['src/a.js']);
    assert.deepEqual(await workspace.list(['**/a.js'], { includeIgnored: true }), ['out/a.js', 'src/a.js']);
    assert.deepEqual(await workspace.list(['../**', '/etc/*', 'src/../../*', '{../*,x}']), []);
  });

  it('stops when cancelled', async () => {
    await assert.rejects(nodeWorkspace(root).list(['**/*'], { signal: AbortSignal.abort() }));
  });
});
