import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGithubForge } from '../../../src/adapters/forges/github';
import { isHumanError, isVendorError } from '../../../src/core/errors';
import type { Forge } from '../../../src/core/ports';
import { TestRepo } from '../../support/gitRepo';
import { GitHubServer } from '../../support/githubServer';

describe('merging at GitHub', () => {
  let repo: TestRepo;
  let server: GitHubServer;
  let forge: Forge;
  let head: string;
  let before: Readonly<Record<string, string>>;
  const merges = (): number => server.calls.filter(({ operation }) => operation === 'pulls/merge').length;
  const refs = (): string => repo.git('for-each-ref', '--format=%(refname)');
  const refuses = async (pattern: RegExp): Promise<void> =>
    assert.rejects(forge.merge(1, head), (error: Error) => {
      assert.ok(isHumanError(error), String(error));
      assert.match(error.message, pattern);
      return true;
    });

  const said = (message: string) => ({
    status: 405,
    body: { message, documentation_url: 'https://docs.github.com/rest/pulls/pulls#merge-a-pull-request' },
  });

  beforeEach(async () => {
    repo = new TestRepo();
    server = await GitHubServer.start();
    repo.write('a.js', 'bad\n');
    const base = repo.commitAll();
    server.seed(repo, 'main', 'team/next');
    head = server.git('-c', 'user.name=A', '-c', 'user.email=a@x', 'commit-tree', `${base}^{tree}`, '-p', base, '-m', 'fix');
    server.git('update-ref', 'refs/heads/fix', head);
    server.openPull('fix', 'main', 'fix');
    forge = createGithubForge({
      root: repo.root,
      apiUrl: server.apiUrl,
      repository: 'octo-org/orders',
      token: async () => server.token,
      secondMs: 5,
      paceAs: randomUUID(),
      paceWrites: false,
    });
    before = repo.snapshot();
  });
  afterEach(async () => {
    await server.stop();
    assert.deepEqual(repo.snapshot(), before, 'branch, index, HEAD and files are as they were');
    assert.ok(
      refs()
        .split('\n')
        .every((ref) => ref === 'refs/heads/main' || ref.startsWith('refs/patchline/')),
      refs(),
    );
    assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description");
    repo.dispose();
  });

  it('brings the merge commit into the repository, under a ref of ours', async () => {
    const { mergeCommit } = await forge.merge(1, head);
    assert.equal(mergeCommit, server.git('rev-parse', 'main'));
    assert.equal(repo.git('rev-parse', `${mergeCommit}^2`), head);
    assert.equal(refs(), 'refs/heads/main\nrefs/patchline/forge/main');
    assert.deepEqual(await forge.merge(1, head), { mergeCommit }, 'merged already is as good');
    assert.equal(merges(), 1);
    assert.equal((await forge.readPullRequest(1))?.state, 'merged');
  });

  it('takes what another merged, and what was merged though the answer was lost', async () => {
    server.faults.push({ operation: 'pulls/merge', first: () => void server.mergePull(1) });
    const { mergeCommit } = await forge.merge(1, head);
    assert.equal(mergeCommit, server.git('rev-parse', 'main'));
    server.git('update-ref', 'refs/heads/fix', head);
    server.openPull('fix', 'main', 'again');
    server.faults.push({ operation: 'pulls/merge', cut: 'after' });
    const second = await forge.merge(2, head);
    assert.equal(server.git('rev-parse', 'main'), second.mergeCommit);
    assert.equal(server.git('rev-list', '--count', '--merges', 'main'), '2', 'each once');
  });

  it('finds the way of merging that the repository allows', async () => {
    server.delivery.forbiddenMerges.add('merge');
    server.forbiddenMerges.add('squash');
    await forge.merge(1, head);
    assert.equal(merges(), 2);
  });

  it('keeps to a linear history where the branch must', async () => {
    server.faults.push({ operation: 'pulls/merge', ...said('This branch must not contain merge commits.') });
    const { mergeCommit } = await forge.merge(1, head);
    assert.equal(mergeCommit, server.git('rev-parse', 'main'));
    const ways = server.calls.filter(({ operation }) => operation === 'pulls/merge').map(({ body }) => body);
    assert.deepEqual(
      ways.map((way) => (way as { merge_method?: unknown }).merge_method),
      ['merge', 'squash'],
    );
  });

  it('tries again while others push to the base, and calls that no rule', async () => {
    const moved = { operation: 'pulls/merge', ...said('Base branch was modified. Review and try the merge again.') };
    server.faults.push(moved);
    const { mergeCommit } = await forge.merge(1, head);
    assert.equal(mergeCommit, server.git('rev-parse', 'main'));
    assert.equal(merges(), 2);
    server.git('update-ref', 'refs/heads/fix', head);
    server.openPull('fix', 'main', 'again');
    server.faults.push(moved, moved, moved);
    await assert.rejects(
      forge.merge(2, head),
      (error: Error) =>
        isVendorError(error) && error.options.retryable && /could not be merged while main moves/.test(error.message),
    );
    assert.equal(merges(), 5);
  });

  it('says why not: moved head, conflict, rules, closed, behind', async () => {
    const other = 'c'.repeat(40);
    await assert.rejects(forge.merge(1, other), /moved on to [0-9a-f]{8} since cccccccc was checked/);
    server.pull(1).mergeableState = 'dirty';
    await refuses(/conflicts with main: bring the branch up to date\. GitHub said: Pull Request has merge conflicts/);
    server.pull(1).mergeableState = 'behind';
    server.blocked = 'Required status check "test" is expected.';
    await refuses(/must first be brought up to date with main/);
    server.pull(1).mergeableState = 'blocked';
    await refuses(/rules of main do not let pull request #1 be merged: Required status check "test" is expected/);
    server.delivery.forbiddenMerges.add('merge').add('squash');
    server.forbiddenMerges.add('rebase');
    server.blocked = undefined;
    await refuses(/Rebase merges are not allowed/);
    server.delivery.forbiddenMerges.add('rebase');
    await refuses(/allows no way of merging/);
    await forge.close(1);
    await refuses(/was closed without merging/);
    await assert.rejects(forge.merge(9, head), /no pull request #9 in octo-org\/orders/);
    await assert.rejects(forge.merge(1, 'HEAD'), isHumanError);
  });

  it('does not call another head’s merge ours', async () => {
    server.mergePull(1);
    await assert.rejects(forge.merge(1, 'c'.repeat(40)), /what was checked and approved is not what was merged/);
  });

  it('closes once, and not what is merged', async () => {
    await forge.close(1);
    await forge.close(1);
    assert.equal((await forge.readPullRequest(1))?.state, 'closed');
    assert.equal(server.calls.filter(({ operation }) => operation === 'pulls/update').length, 1);
    server.openPull('fix', 'main', 'second');
    server.mergePull(2);
    await assert.rejects(forge.close(2), /merged already/);
    await assert.rejects(forge.close(0), /no pull request #0/);
  });

  it('knows where a branch stands, and has it', async () => {
    server.git('update-ref', 'refs/heads/team/next', head);
    assert.equal(await forge.branchHead('team/next'), head);
    assert.equal(repo.git('rev-parse', 'refs/patchline/forge/team%2Fnext'), head);
    assert.equal(await forge.branchHead('nowhere'), undefined);
    await assert.rejects(forge.branchHead('--upload-pack=x'), isHumanError);
  });

  it('says that the commit is not there yet where git lags behind', async () => {
    const example = { merged_at: '2026-01-05T08:00:00Z', merge_commit_sha: 'e'.repeat(40), state: 'closed' };
    const pull = {
      number: 1,
      html_url: 'https://github.example/1',
      title: '',
      body: '',
      head: { ref: 'fix', sha: head },
      base: { ref: 'main', sha: head },
    };
    server.faults.push({ operation: 'pulls/get', status: 200, body: { ...pull, ...example } });
    await assert.rejects(
      forge.merge(1, head),
      (error: Error) =>
        isVendorError(error) && error.options.retryable && /not in main of octo-org\/orders yet/.test(error.message),
    );
  });
});
