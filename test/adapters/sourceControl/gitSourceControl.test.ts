import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBase } from '../../../src/adapters/sourceControl/baseTree';
import { readSettings, readTracedSettings } from '../../../src/adapters/sourceControl/gitSettings';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { CommitRequest } from '../../../src/core/ports';
import { TestRepo } from '../../support/gitRepo';

const message = 'fix(security): close it\n\nBecause of the reason.\n\nPatchline-Finding: f-1\n';
/** Scripts with a shebang line stand in for programs. */
const onPosix = process.platform === 'win32' ? (): void => undefined : it;
const human =
  (pattern: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(isHumanError(error), String(error));
    assert.match(error.message, pattern);
    return true;
  };

describe('GitSourceControl', () => {
  let repo: TestRepo;
  let base: string;
  let control: GitSourceControl;
  const request = (change: Partial<CommitRequest> = {}): CommitRequest => ({
    branch: 'patchline/x-1',
    baseCommit: base,
    files: { 'src/a.js': 'fixed\n', 'test/new file "q".test.js': 'test\n' },
    message,
    ...change,
  });

  beforeEach(() => {
    repo = new TestRepo();
    repo.write('src/a.js', 'bad\n');
    repo.write('src/run.sh', '#!/bin/sh\n');
    chmodSync(join(repo.root, 'src/run.sh'), 0o755);
    repo.write('b.txt', 'b\n');
    base = repo.commitAll('base');
    control = new GitSourceControl(repo.root);
  });
  afterEach(() => repo.dispose());

  it('commits to a branch of its own and leaves work tree, index and HEAD alone, even in the midst of work', async () => {
    repo.write('src/a.js', 'half written\n');
    repo.git('add', 'src/a.js');
    repo.write('src/a.js', 'half written, unstaged\n');
    repo.write('untracked.txt', 'mine\n');
    const before = repo.snapshot();
    const { commit } = await control.commit(request({ files: { ...request().files, 'src/run.sh': '#!/bin/sh\ntrue\n' } }));
    assert.deepEqual(repo.snapshot(), before);
    assert.equal(repo.read('src/a.js'), 'half written, unstaged\n');

    assert.equal(repo.git('rev-parse', 'patchline/x-1'), commit);
    assert.equal(repo.git('show', `${commit}:src/a.js`), 'fixed');
    assert.equal(repo.git('ls-tree', commit, 'src/run.sh').split(' ')[0], '100755');
    assert.equal(repo.git('log', '-1', '--format=%B', commit), message.trimEnd());
    assert.equal(
      repo.git('log', '-1', '--format=%an <%ae>|%cn|%at|%P', commit),
      `Ada Lovelace <ada@example.org>|Ada Lovelace|1700000000|${base}`,
    );
    assert.deepEqual(repo.git('-c', 'core.quotePath=false', 'diff', '--name-only', base, commit).split('\n'), [
      'src/a.js',
      'src/run.sh',
      '"test/new file \\"q\\".test.js"',
    ]);
    assert.equal(repo.git('fsck', '--strict', '--no-dangling'), '');
  });

  it('gives the same commit for the same request, also after the branch was deleted', async () => {
    const first = await control.commit(request());
    assert.deepEqual(await control.commit(request()), first);
    assert.deepEqual(await control.commit(request({ time: 1_800_000_000 })), first, 'another time is no other change');
    assert.equal(repo.git('rev-list', '--count', `${base}..patchline/x-1`), '1');
    repo.git('branch', '-D', 'patchline/x-1');
    assert.deepEqual(await control.commit(request()), first);
  });

  it('replaces its own commit by a newer fix for the same finding', async () => {
    const first = await control.commit(request());
    const before = repo.snapshot();
    const second = await control.commit(request({ files: { 'src/a.js': 'fixed better\n' } }));
    assert.notDeepEqual(second, first);
    assert.equal(repo.git('rev-parse', 'patchline/x-1^'), base);
    assert.equal(repo.git('show', 'patchline/x-1:src/a.js'), 'fixed better');
    assert.deepEqual(repo.snapshot(), before);
  });

  it('refuses a branch with commits of others, or that a person amended, and names them', async () => {
    repo.git('branch', 'patchline/x-1');
    await assert.rejects(control.commit(request()), human(/exists and holds other commits/));
    repo.git('branch', '-D', 'patchline/x-1');

    const { commit } = await control.commit(request());
    const tree = repo.git('rev-parse', `${commit}^{tree}`);
    const onTop = repo.git('commit-tree', tree, '-p', commit, '-m', 'review remarks');
    repo.git('update-ref', 'refs/heads/patchline/x-1', onTop);
    await assert.rejects(control.commit(request()), human(new RegExp(`${onTop.slice(0, 8)} by Ada Lovelace`)));
    assert.equal(repo.git('rev-parse', 'patchline/x-1'), onTop);

    const amended = repo.git('commit-tree', tree, '-p', base, '-m', message);
    repo.git('update-ref', 'refs/heads/patchline/x-1', amended);
    const later = { ...request(), time: 1_800_000_000, files: { 'src/a.js': 'newer\n' } };
    await control.commit(later).then(
      () => assert.equal(repo.git('rev-list', '--count', `${base}..patchline/x-1`), '1'),
      (error: unknown) => assert.fail(String(error)),
    );
    const raw = repo.git('cat-file', 'commit', 'patchline/x-1').replace(/^committer (.*) \d+ /m, 'committer $1 1900000000 ');
    repo.write('raw-commit', `${raw}\n`);
    const touched = repo.git('hash-object', '-t', 'commit', '-w', 'raw-commit');
    repo.git('update-ref', 'refs/heads/patchline/x-1', touched);
    await assert.rejects(control.commit(request()), human(/exists and holds other commits/));

    const other = await control.commit(request({ branch: 'patchline/other', message: message.replace('f-1', 'f-2') }));
    await assert.rejects(control.commit(request({ branch: 'patchline/other' })), human(/exists and holds other commits/));
    assert.equal(repo.git('rev-parse', 'patchline/other'), other.commit);
  });

  it('never moves a checked-out branch, in this or another work tree, not even an unborn one', async () => {
    await assert.rejects(control.commit(request({ branch: 'main' })), human(/main is checked out in/));
    await control.commit(request());
    const tree = mkdtempSync(join(tmpdir(), 'patchline-wt-'));
    repo.git('worktree', 'add', '--quiet', join(tree, 'wt'), 'patchline/x-1');
    await assert.rejects(control.commit(request({ files: { 'src/a.js': 'other\n' } })), human(/checked out in .*wt/));
    rmSync(tree, { recursive: true });
    repo.git('symbolic-ref', 'HEAD', 'refs/heads/unborn');
    await assert.rejects(control.commit(request({ branch: 'unborn' })), human(/unborn is checked out/));
  });

  for (const branch of [
    '-f',
    '--upload-pack=x',
    'a..b',
    'a b',
    'refs/heads/x',
    'x.lock',
    'a/.b',
    'HEAD',
    '@{-1}',
    'a\nb',
    '',
    'a//b',
    'x~1',
  ]) {
    it(`refuses the branch name ${JSON.stringify(branch)}`, async () => {
      await assert.rejects(control.commit(request({ branch })), human(/branch cannot be named/));
    });
  }

  it('says which other branch stands in the way of the name', async () => {
    repo.git('branch', 'patchline');
    await assert.rejects(control.commit(request()), human(/there is a branch patchline:/));
    await assert.rejects(
      control.commit(request({ branch: 'b' })).then(() => control.commit(request({ branch: 'b/c' }))),
      human(/there is a branch b:/),
    );
  });

  for (const path of [
    '../x',
    'a/../../x',
    '/etc/passwd',
    'C:/x',
    '.git/hooks/pre-push',
    'sub/.GIT/config',
    'git~1/config',
    '.git./x',
    '.g\u200cit/x',
    'a\\b',
    'a//b',
    './a',
    'a\nb',
    '',
  ]) {
    it(`refuses the path ${JSON.stringify(path)}`, async () => {
      await assert.rejects(control.commit(request({ files: { [path]: 'x' } })), human(/cannot be used/));
      assert.equal(repo.git('for-each-ref', 'refs/heads/patchline'), '');
    });
  }

  it('refuses links, folders and what lies below a link or a file', async () => {
    symlinkSync('src', join(repo.root, 'link'));
    base = repo.commitAll('link');
    await assert.rejects(control.commit(request({ files: { link: 'x' } })), human(/symbolic link/));
    await assert.rejects(control.commit(request({ files: { 'link/a.js': 'x' } })), human(/symbolic link.*below/));
    await assert.rejects(control.commit(request({ files: { 'b.txt/a.js': 'x' } })), human(/is a file.*below/));
    await assert.rejects(control.commit(request({ files: { src: 'x' } })), human(/a folder/));
  });

  it('says that nothing changes instead of making an empty commit', async () => {
    await assert.rejects(control.commit(request({ files: { 'src/a.js': 'bad\n' } })), human(/already so/));
    await assert.rejects(control.commit(request({ files: {} })), human(/nothing to commit/));
    await assert.rejects(control.commit(request({ baseCommit: 'a'.repeat(40) })), (error: Error) => !isCancelled(error));
    await assert.rejects(control.commit(request({ baseCommit: 'HEAD' })), human(/full commit id/));
  });

  it('maps the paths of a workspace below the repository root, also through a link', async () => {
    const inner = new GitSourceControl(join(repo.root, 'src'));
    const { commit } = await inner.commit(request({ files: { 'a.js': 'fixed\n' } }));
    assert.equal(repo.git('diff', '--name-only', base, commit), 'src/a.js');
    assert.equal(await inner.show(commit, 'a.js'), 'fixed\n');
    assert.equal(await inner.show(commit, 'b.txt'), undefined);
    repo.write('src/a.js', 'dirty\n');
    repo.write('src/new.js', 'new\n');
    assert.deepEqual(await inner.dirty(['a.js', 'run.sh', 'new.js']), ['a.js', 'new.js']);

    const links = mkdtempSync(join(tmpdir(), 'patchline-link-'));
    symlinkSync(join(repo.root, 'src'), join(links, 'ws'));
    const linked = new GitSourceControl(join(links, 'ws'));
    assert.equal(await linked.show(commit, 'a.js'), 'fixed\n');
    rmSync(links, { recursive: true });
  });

  it('makes the very commit that git makes of the same change', async () => {
    // Sorted as git sorts: a folder as if a slash stood behind it; names that are no UTF-8 stay as they are.
    for (const path of ['a/x', 'a.b', 'a-b', 'a0', 'gone/only.txt', 'deep/er/est/y', 'ä/ö']) repo.write(path, `${path}\n`);
    repo.git('add', '-A');
    const odd = spawnSync('git', ['update-index', '-z', '--index-info'], {
      cwd: repo.root,
      input: Buffer.from(`100644 ${repo.git('rev-parse', ':a.b')}\ta/\xff\xfe\0`, 'latin1'),
    });
    assert.equal(odd.status, 0);
    repo.git('commit', '--quiet', '-m', 'names');
    base = repo.git('rev-parse', 'HEAD');
    const files = { 'a/x': 'x\n', 'a.c/new': 'n\n', a1: '1\n', 'gone/only.txt': null, 'deep/er/est/y': 'y\n', 'ä/ü': 'u\n' };
    const { commit } = await control.commit(request({ files }));
    assert.equal(repo.git('fsck', '--strict', '--no-dangling'), '');

    for (const [path, text] of Object.entries(files)) {
      if (text === null) repo.git('rm', '--quiet', '--cached', path);
      else {
        repo.write(path, text);
        repo.git('add', path);
      }
    }
    assert.equal(repo.git('write-tree'), repo.git('rev-parse', `${commit}^{tree}`));
    const same = repo.git('commit-tree', repo.git('write-tree'), '-p', base, '-m', message.trimEnd());
    assert.equal(same, commit);
  });

  it('gets the same settings from a git that traces them as from git config', async () => {
    repo.write('.git/more', '[user]\n\tname = "Ü \\"q\\" \\\\ x"\n[core]\n\tautocrlf = input\n');
    repo.git('config', 'include.path', 'more');
    repo.git('config', 'author.email', 'author@example.org');
    const { settings } = await readBase(repo.root, { commit: base, branch: 'x', paths: ['b.txt'] });
    assert.deepEqual(new Map([...settings].sort()), new Map([...(await readSettings(repo.root))].sort()));
    assert.equal(settings.get('user.name'), 'Ü "q" \\ x');
    assert.equal(readTracedSettings('warning: nothing of a trace\n'), undefined);
  });

  it('stores line endings and filtered files as git add would', async () => {
    repo.write('.gitattributes', '*.js text eol=crlf\n*.up filter=upper\n*.bin -text\nkept.txt text=auto\n');
    repo.git('config', 'filter.upper.clean', 'tr a-z A-Z');
    repo.git('config', 'filter.upper.smudge', 'tr A-Z a-z');
    repo.git('config', 'core.autocrlf', 'true');
    repo.write('x.up', 'abc\n');
    repo.git('add', '-A');
    const crlf = repo.git('hash-object', '-w', '--no-filters', 'src/a.js');
    assert.ok(crlf);
    writeFileSync(join(repo.root, 'raw'), 'one\r\ntwo\r\n');
    const raw = repo.git('hash-object', '-w', '--no-filters', 'raw');
    rmSync(join(repo.root, 'raw'));
    repo.git('update-index', '--add', '--cacheinfo', `100644,${raw},kept.txt`);
    repo.git('commit', '--quiet', '-m', 'attributes');
    base = repo.git('rev-parse', 'HEAD');

    const files = {
      'src/a.js': 'fixed\r\nlines\r\n',
      'x.up': 'abcd\n',
      'y.bin': 'a\r\nb\r\n',
      'kept.txt': 'one\r\nthree\r\n',
      'plain.md': 'p\r\nq\r\n',
    };
    const { commit } = await control.commit(request({ files }));
    const blob = (path: string): string => JSON.stringify(repo.git('show', `${commit}:${path}`));
    assert.equal(blob('src/a.js'), JSON.stringify('fixed\nlines'));
    assert.equal(blob('x.up'), JSON.stringify('ABCD'));
    assert.equal(blob('y.bin'), JSON.stringify('a\r\nb'));
    assert.match(blob('kept.txt'), /one\\r\\nthree/);
    assert.equal(blob('plain.md'), JSON.stringify('p\nq'));
    assert.equal(await control.show(commit, 'src/a.js'), 'fixed\r\nlines\r\n');
    assert.equal(await control.show(commit, 'x.up'), 'abcd\r\n', 'autocrlf');

    // The yardstick is git add itself, on the same texts.
    for (const [path, text] of Object.entries(files)) repo.write(path, text);
    repo.git('add', '-A');
    assert.equal(repo.git('write-tree'), repo.git('rev-parse', `${commit}^{tree}`));
  });

  onPosix('runs no program that the repository configures: fsmonitor, hooks', async () => {
    const marks = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-marks-')));
    const program = join(marks, 'program.sh');
    writeFileSync(program, `#!/bin/sh\ntouch "${marks}/ran"\n`, { mode: 0o755 });
    repo.git('config', 'core.fsmonitor', program);
    mkdirSync(join(repo.root, '.git/hooks'), { recursive: true });
    for (const hook of ['pre-commit', 'post-commit', 'reference-transaction', 'post-index-change', 'commit-msg']) {
      writeFileSync(join(repo.root, '.git/hooks', hook), `#!/bin/sh\ntouch "${marks}/ran"\n`, { mode: 0o755 });
    }
    repo.git('-c', 'core.fsmonitor=false', 'update-ref', 'refs/heads/probe', base);
    assert.ok(existsSync(join(marks, 'ran')), 'the trap works when git is called plainly');
    rmSync(join(marks, 'ran'));
    await control.commit(request());
    await control.commit(request({ files: { 'src/a.js': 'again\n' } }));
    await control.head();
    await control.commit(request({ branch: 'patchline/x-2' }));
    await control.dirty(['src/a.js']);
    assert.equal(existsSync(join(marks, 'ran')), false);
    rmSync(marks, { recursive: true });
  });

  onPosix('signs when commit.gpgSign asks for it', async () => {
    const gpg = join(repo.root, '.git/fake-gpg');
    writeFileSync(
      gpg,
      '#!/bin/sh\ncat >/dev/null\necho "[GNUPG:] SIG_CREATED " >&2\necho "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----"\n',
      { mode: 0o755 },
    );
    repo.git('config', 'gpg.program', gpg);
    repo.git('config', '--unset', 'commit.gpgsign');
    // A key without a value says true.
    writeFileSync(join(repo.root, '.git/config'), '[commit]\n\tgpgSign\n', { flag: 'a' });
    const before = repo.snapshot();
    const { commit } = await control.commit(request());
    assert.match(repo.git('cat-file', 'commit', commit), /^gpgsig -----BEGIN PGP SIGNATURE-----$/m);
    assert.deepEqual(await control.commit(request()), { commit });
    assert.deepEqual(repo.snapshot(), before);
  });

  it('knows a repository without commits, a detached HEAD, and no repository', async () => {
    assert.deepEqual(await control.head(), { commit: base, branch: 'main' });
    // A file of that name is nothing to be confused by.
    repo.write('HEAD', 'ours\n');
    assert.equal((await control.head())?.commit, base);
    repo.git('checkout', '--quiet', '--detach');
    assert.deepEqual(await control.head(), { commit: base, branch: undefined });
    const before = repo.snapshot();
    await control.commit(request());
    assert.deepEqual(repo.snapshot(), before);

    const empty = new TestRepo();
    try {
      empty.write('a.js', 'a\n');
      const fresh = new GitSourceControl(empty.root);
      assert.equal(await fresh.head(), undefined);
      assert.deepEqual(await fresh.dirty(['a.js']), ['a.js']);
      await assert.rejects(fresh.commit(request()), human(/is not in the repository/));
    } finally {
      empty.dispose();
    }
    const nowhere = mkdtempSync(join(tmpdir(), 'patchline-none-'));
    const none = new GitSourceControl(nowhere);
    assert.equal(await none.head(), undefined);
    await assert.rejects(none.commit(request()), human(/no git repository/));
    rmSync(nowhere, { recursive: true });
  });

  it('stops when it is cancelled', async () => {
    await assert.rejects(control.commit(request(), { signal: AbortSignal.abort() }), isCancelled);
    assert.equal(repo.git('for-each-ref', 'refs/heads/patchline'), '');
  });
});
