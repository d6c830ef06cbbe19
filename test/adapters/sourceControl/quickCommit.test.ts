import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitPlace } from '../../../src/adapters/clients/git';
import type { GitPlace } from '../../../src/adapters/clients/git';
import { AttributeSources } from '../../../src/adapters/sourceControl/attributeSources';
import { GitSourceControl } from '../../../src/adapters/sourceControl/gitSourceControl';
import { quickCommit } from '../../../src/adapters/sourceControl/quickCommit';
import type { QuickRequest } from '../../../src/adapters/sourceControl/quickCommit';
import { TestRepo } from '../../support/gitRepo';

const message = 'fix(security): close it\n\nPatchline-Finding: f-1\n';

describe('quickCommit', () => {
  let repo: TestRepo;
  let base: string;
  let place: GitPlace;
  let folder: string;
  const outside = { ...process.env };
  const sources = new AttributeSources();

  beforeEach(async () => {
    // The machine's own settings and attributes are none of the test's.
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-home-')));
    process.env['XDG_CONFIG_HOME'] = folder;
    process.env['GIT_CONFIG_GLOBAL'] = join(folder, 'none');
    for (const name of Object.keys(process.env)) if (/^GIT_(?:AUTHOR|COMMITTER)_/.test(name)) delete process.env[name];
    repo = new TestRepo();
    repo.write('src/a.js', 'bad\n');
    repo.write('src/run.sh', '#!/bin/sh\n');
    chmodSync(join(repo.root, 'src/run.sh'), 0o755);
    repo.write('b.txt', 'b\n');
    repo.write('gone "ä".txt', 'g\n');
    base = repo.commitAll('base');
    place = (await gitPlace(repo.root))!;
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in outside)) delete process.env[name];
    Object.assign(process.env, outside);
    rmSync(folder, { recursive: true });
    repo.dispose();
  });

  const plain = { 'src/a.js': 'fixed\n', 'src/run.sh': '#!/bin/sh\ntrue\n', 'new/er/ü "q".js': 'n\n', 'gone "ä".txt': null };
  const ask = (files: Readonly<Record<string, string | null>> = plain, change: Partial<QuickRequest> = {}) =>
    quickCommit(
      place,
      {
        branch: 'patchline/x-1',
        base,
        files: new Map(Object.entries(files)),
        message,
        date: '1700000000 +0100',
        ...change,
      },
      sources,
    );
  const branches = (): string => repo.git('for-each-ref', '--format=%(refname)');

  it('makes the very commit that the long way makes', async () => {
    const before = repo.snapshot();
    const commit = await ask();
    assert.deepEqual(repo.snapshot(), before);
    assert.equal(repo.git('rev-parse', 'patchline/x-1'), commit);
    assert.equal(repo.git('fsck', '--strict', '--no-dangling'), '');
    // A source control that was not asked for HEAD does not know the date of the base.
    const long = await new GitSourceControl(repo.root).commit({
      branch: 'patchline/x-2',
      baseCommit: base,
      files: plain,
      message,
    });
    assert.equal(long.commit, commit);
    assert.equal(repo.git('ls-tree', commit!, 'src/run.sh').split(' ')[0], '100755');
  });

  it('is what source control does upon the commit that HEAD stands on, with a single process', async () => {
    repo.git('pack-refs', '--all');
    const control = new GitSourceControl(repo.root);
    await control.head();
    const request = { branch: 'patchline/x-1', baseCommit: base, files: plain, message };
    const { commit } = await control.commit(request);
    repo.git('branch', '-D', 'patchline/x-1');
    assert.equal(await ask(), commit);
    assert.equal(
      repo.git('log', '-1', '--format=%an <%ae>|%cI', commit),
      'Ada Lovelace <ada@example.org>|2023-11-14T23:13:20+01:00',
    );

    // A folder as the target of a trace gets a file for each process (api-trace2, "Enabling a Target").
    const traces = join(folder, 'traces');
    mkdirSync(traces);
    process.env['GIT_TRACE2'] = traces;
    await control.commit({ ...request, branch: 'patchline/x-2' });
    assert.equal(readdirSync(traces).length, 1);
    assert.equal(repo.git('rev-parse', 'patchline/x-2'), commit);
  });

  const odd: Readonly<Record<string, () => Promise<string | undefined>>> = {
    'a text with CRLF': () => ask({ 'src/a.js': 'fixed\r\n' }),
    'files that are so already': () => ask({ 'b.txt': 'b\n', 'absent.txt': null }),
    'a folder': () => ask({ src: 'x\n' }),
    'a path below a file': () => ask({ 'b.txt/x': 'x\n' }),
    'a link': async () => {
      symlinkSync('b.txt', join(repo.root, 'link'));
      base = repo.commitAll('link');
      return ask({ link: 'x\n' });
    },
    'a branch that is there': () => ask(plain, { branch: 'main' }),
    'a branch that is packed': async () => {
      repo.git('branch', 'patchline/x-1');
      repo.git('pack-refs', '--all');
      return ask();
    },
    'a branch below another': async () => {
      repo.git('branch', 'patchline');
      return ask();
    },
    'a base that is not there': () => ask(plain, { base: 'a'.repeat(40) }),
    'a base that is a tree': () => ask(plain, { base: repo.git('rev-parse', 'HEAD^{tree}') }),
    'a signature': async () => {
      repo.git('config', 'commit.gpgsign', 'true');
      return ask();
    },
    'attributes in the work tree': async () => {
      repo.write('src/.gitattributes', '*.js ident\n');
      return ask();
    },
    'attributes in the base alone': async () => {
      repo.write('.gitattributes', '*.js ident\n');
      base = repo.commitAll('attributes');
      rmSync(join(repo.root, '.gitattributes'));
      return ask();
    },
    'attributes of the repository': async () => {
      repo.write('.git/info/attributes', '*.js ident\n');
      return ask();
    },
    'attributes of the person': async () => {
      mkdirSync(join(folder, 'git'));
      writeFileSync(join(folder, 'git/attributes'), '*.js ident\n');
      return ask();
    },
    'attributes of the person, elsewhere': async () => {
      repo.git('config', 'core.attributesFile', join(folder, 'mine'));
      return ask();
    },
    'a repository that keeps its refs otherwise': async () => {
      repo.write('.git/HEAD', 'ref: refs/heads/.invalid\n');
      const made = await ask();
      repo.write('.git/HEAD', 'ref: refs/heads/main\n');
      return made;
    },
  };
  for (const [what, attempt] of Object.entries(odd)) {
    it(`leaves ${what} to the long way, and nothing behind`, async () => {
      const before = branches();
      assert.equal(await attempt(), undefined);
      assert.deepEqual(
        branches()
          .split('\n')
          .filter((name) => !before.includes(name) && !/patchline(?:\/x-1)?$/.test(name)),
        [],
      );
      assert.notEqual(repo.git('for-each-ref', '--format=%(subject)', 'refs/heads/patchline'), 'fix(security): close it');
    });
  }

  it('names who commits as git does, and says so where nobody is known', async () => {
    repo.git('config', 'author.name', 'Grace Hopper');
    assert.equal(repo.git('log', '-1', '--format=%an|%cn', (await ask())!), 'Grace Hopper|Ada Lovelace');
    for (const name of ['user.name', 'user.email', 'author.name']) repo.git('config', '--unset', name);
    repo.git('config', 'user.useConfigOnly', 'true');
    await assert.rejects(ask(plain, { branch: 'patchline/x-2' }), /does not know who you are/);
    assert.equal(repo.git('for-each-ref', 'refs/heads/patchline/x-2'), '');
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(
      quickCommit(
        place,
        { branch: 'x', base, files: new Map([['b.txt', 'x\n']]), message, date: '0 +0000' },
        sources,
        controller.signal,
      ),
      { name: 'CancelledError' },
    );
  });
});
