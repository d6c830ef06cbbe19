import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { GitIdentity } from '../../../src/adapters/identity/gitIdentity';
import { TestRepo } from '../../support/gitRepo';

describe('GitIdentity', () => {
  let repo: TestRepo;
  const account = { kind: 'person', identity: userInfo().username, source: 'os-user' };
  before(() => (repo = new TestRepo()));
  after(() => repo.dispose());

  it('names who git knows', async () => {
    const identity = new GitIdentity({ root: repo.root });
    assert.deepEqual(await identity.current(), {
      kind: 'person',
      identity: 'Ada Lovelace <ada@example.org>',
      source: 'git-config',
    });
    repo.git('config', 'user.name', 'Eve\n<x>\u202e');
    assert.equal((await identity.current()).identity, 'Eve x <ada@example.org>');
    repo.git('config', 'user.name', '');
    assert.equal((await identity.current()).identity, '<ada@example.org>');
  });

  it('takes the account where git may not be asked or cannot answer, and says so', async () => {
    assert.deepEqual(await new GitIdentity({ root: repo.root, mayRun: () => false }).current(), account);
    assert.deepEqual(await new GitIdentity({ root: join(repo.root, 'nowhere') }).current(), account);
    writeFileSync(join(repo.root, '.git/config'), '[broken');
    assert.deepEqual(await new GitIdentity({ root: repo.root }).current(), account);
  });
});
