import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGithubApprovals } from '../../../src/adapters/approvals/github';
import type { GithubApprovalsOptions } from '../../../src/adapters/approvals/github';
import { isHumanError, isVendorError } from '../../../src/core/errors';
import type { Approval } from '../../../src/core/model/approval';
import type { Approvals, Change } from '../../../src/core/ports';
import { GitHubServer } from '../../support/githubServer';

const head = 'a'.repeat(40);
const older = 'b'.repeat(40);
const diffHash = 'd'.repeat(64);
const change: Change = { run: 'r', number: 1, branch: 'fix', base: 'main', headCommit: head, baseCommit: older, diffHash };

describe('reviews at GitHub', () => {
  let server: GitHubServer;
  const approvals = (more: Partial<GithubApprovalsOptions> = {}): Approvals =>
    createGithubApprovals({
      root: '/workspace',
      apiUrl: server.apiUrl,
      repository: 'octo-org/orders',
      token: async () => server.token,
      secondMs: 5,
      paceAs: randomUUID(),
      paceWrites: false,
      ...more,
    });
  const review = (user: string, state: string, more: object = {}): void => {
    server.delivery.permissions.set(user, server.delivery.permissions.get(user) ?? 'write');
    server.delivery.reviews.push({ user, state, commit: head, ...more });
  };
  const short = (list: readonly Approval[]): readonly (readonly string[])[] =>
    list.map(({ by, state, diffHash: hash }) => [by, state, hash === diffHash ? 'this diff' : hash.slice(0, 4)]);
  const own: Omit<Approval, 'at'> = {
    kind: 'person',
    by: 'grace',
    source: 'github',
    state: 'approved',
    diffHash,
    comment: 'Good.',
  };

  beforeEach(async () => {
    server = await GitHubServer.start();
    server.openPull('fix', 'main', 'fix');
    server.pull(1).headSha = head;
    server.delivery.me = 'grace';
  });
  afterEach(async () => {
    await server.stop();
    assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description");
  });

  it('count by the latest of each person that is no mere comment', async () => {
    review('ada', 'APPROVED');
    review('ada', 'COMMENTED');
    review('bob', 'CHANGES_REQUESTED');
    review('bob', 'COMMENTED');
    review('cy', 'CHANGES_REQUESTED');
    review('Cy', 'APPROVED');
    review('di', 'APPROVED');
    review('di', 'DISMISSED');
    review('ed', 'COMMENTED');
    review('ed', 'COMMENTED', { body: 'Looks\u202e odd' });
    review('fi', 'PENDING');
    const read = await approvals().read(change);
    assert.deepEqual(short(read), [
      ['ada', 'approved', 'this diff'],
      ['bob', 'changes-requested', 'this diff'],
      ['Cy', 'approved', 'this diff'],
      ['di', 'dismissed', 'this diff'],
      ['ed', 'commented', 'this diff'],
    ]);
    assert.ok(read.every(({ kind, source, at }) => kind === 'person' && source === 'github' && !Number.isNaN(Date.parse(at))));
    assert.equal(read.at(-1)?.comment, 'Looks odd');
  });

  it('are in the order they were given, whatever the order of the list', async () => {
    review('ada', 'APPROVED', { at: '2026-01-05T09:00:00Z' });
    review('ada', 'CHANGES_REQUESTED', { at: '2026-01-05T08:00:00Z' });
    assert.deepEqual(short(await approvals().read(change)), [['ada', 'approved', 'this diff']]);
  });

  it('count only from people who may write', async () => {
    server.delivery.permissions.set('reader', 'read');
    review('reader', 'APPROVED', { association: 'MEMBER', body: 'Fine' });
    review('admin', 'APPROVED', { association: 'NONE' });
    server.delivery.permissions.set('admin', 'admin');
    const read = await approvals().read(change);
    assert.deepEqual(short(read), [
      ['reader', 'commented', 'this diff'],
      ['admin', 'approved', 'this diff'],
    ]);
    assert.equal(read[0]?.comment, '(approved, but without write access: does not count) Fine');
  });

  it('go by the association where GitHub does not tell the permission', async () => {
    for (const association of ['MEMBER', 'CONTRIBUTOR', 'COLLABORATOR', 'NONE'])
      server.delivery.reviews.push({ user: association.toLowerCase(), state: 'APPROVED', commit: head, association });
    assert.deepEqual(
      (await approvals().read(change)).map(({ state }) => state),
      ['approved', 'commented', 'approved', 'commented'],
    );
  });

  it('are for the diff of their commit: another diff is another’s hash, a request for changes stands', async () => {
    review('ada', 'APPROVED', { commit: older });
    review('bob', 'APPROVED', { commit: null });
    review('cy', 'CHANGES_REQUESTED', { commit: older });
    assert.deepEqual(short(await approvals().read(change)), [
      ['ada', 'approved', 'bbbb'],
      ['bob', 'approved', 'no c'],
      ['cy', 'changes-requested', 'this diff'],
    ]);
  });

  it('stay good when only the base moved below the same diff', async () => {
    review('ada', 'APPROVED', { commit: older });
    const { comparisons } = server.delivery;
    const set = (commit: string, patch: string | undefined): void =>
      void comparisons.set(`main...${commit}`, [{ filename: 'a.js', ...(patch === undefined ? {} : { patch }) }]);
    set(head, '@@ -11,2 +11,2 @@ function f\n-bad\n+good');
    set(older, '@@ -1,2 +1,2 @@\n-bad\n+good');
    assert.deepEqual(short(await approvals().read(change)), [['ada', 'approved', 'this diff']]);
    set(older, '@@ -1,2 +1,2 @@\n-bad\n+worse');
    assert.deepEqual(short(await approvals().read(change)), [['ada', 'approved', 'bbbb']]);
    set(older, undefined);
    set(head, undefined);
    assert.deepEqual(short(await approvals().read(change)), [['ada', 'approved', 'bbbb']], 'what is not shown is not the same');
  });

  it('are given in the name of the token’s person, for the commit that was looked at', async () => {
    server.delivery.permissions.set('grace', 'write');
    await approvals().approve(change, own);
    assert.deepEqual(server.delivery.reviews, [{ user: 'grace', state: 'APPROVED', commit: head, body: 'Good.' }]);
    assert.deepEqual(short(await approvals().read(change)), [['grace', 'approved', 'this diff']]);
    await approvals().approve(change, { ...own, state: 'changes-requested' });
    assert.deepEqual(short(await approvals().read(change)), [['grace', 'changes-requested', 'this diff']]);
  });

  it('are given once although the answer was lost, and not at all where it did not arrive', async () => {
    server.faults.push({ operation: 'pulls/create-review', cut: 'after' });
    await approvals().approve(change, own);
    assert.equal(server.delivery.reviews.length, 1);
    server.faults.push({ operation: 'pulls/create-review', cut: 'before' });
    await assert.rejects(approvals().approve(change, own), (error: Error) => isVendorError(error) && error.options.retryable);
    assert.equal(server.delivery.reviews.length, 1);
  });

  const refusals: readonly (readonly [string, () => Partial<Approval>, RegExp])[] = [
    ['one’s own', () => ((server.delivery.me = 'ada'), {}), /lets nobody review their own pull request/],
    ['another commit', () => ((server.pull(1).headSha = older), {}), /not at the commit that was looked at/],
    ['another diff', () => ({ diffHash: 'e'.repeat(64) }), /not at the commit that was looked at/],
    ['by rule', () => ({ kind: 'rule' }), /reviews of people only/],
    ['alone', () => ({ kind: 'solo' }), /reviews of people only/],
    ['dismissing', () => ({ state: 'dismissed' }), /dismissed at GitHub/],
  ];
  for (const [name, prepare, pattern] of refusals) {
    it(`are refused in words: ${name}`, async () => {
      const approval = { ...own, ...prepare() };
      await assert.rejects(
        approvals().approve(change, approval),
        (error: Error) => isHumanError(error) && pattern.test(error.message),
      );
      assert.deepEqual(server.delivery.reviews, []);
    });
  }

  it('cost nothing of the rate limit while nothing changes', async () => {
    review('ada', 'APPROVED');
    const paceAs = randomUUID();
    for (let i = 0; i < 3; i++) await approvals({ paceAs }).read(change);
    assert.deepEqual(
      server.calls.map(({ unchanged }) => unchanged),
      [false, false, true, true, true, true],
    );
  });
});
