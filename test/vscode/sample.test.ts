import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './processes.mjs';
import { copySample } from './sample.mjs';

describe('copies of sample projects', () => {
  let temporary: string;

  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'patchline-sample-'));
  });
  after(async () => {
    await rm(temporary, { recursive: true, force: true });
  });

  it('are clean repositories of their own, without what earlier runs left', async () => {
    const source = path.join(temporary, 'source');
    await mkdir(path.join(source, 'node_modules/x'), { recursive: true });
    await mkdir(path.join(source, '.patchline'), { recursive: true });
    await writeFile(path.join(source, 'node_modules/x/index.js'), '');
    await writeFile(path.join(source, '.patchline/log'), '');
    await writeFile(path.join(source, 'a.js'), 'one\r\n');
    const target = path.join(temporary, 'deep/target');
    await copySample(source, target);
    const git = async (...args: string[]): Promise<string> => (await run('git', args, { cwd: target })).output.trim();
    assert.equal(await git('rev-parse', '--show-toplevel'), target);
    assert.equal(await git('ls-files'), 'a.js');
    assert.equal(await git('status', '--porcelain'), '');
    assert.equal(await git('rev-list', '--count', 'HEAD'), '1');
    assert.equal(await readFile(path.join(target, 'a.js'), 'utf8'), 'one\r\n');
    // Again: fresh, not on top.
    await writeFile(path.join(target, 'left.js'), '');
    await copySample(source, target);
    assert.equal(await git('ls-files', '--cached', '--others'), 'a.js');
  });

  it('of a project that is not there are refused', async () => {
    await assert.rejects(copySample('no-such-project', path.join(temporary, 'x')), /no sample project at .*no-such-project/);
  });
});
