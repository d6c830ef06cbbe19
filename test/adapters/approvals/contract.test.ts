import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvals } from '../../../src/adapters/registry';
import { openFileRunLog } from '../../../src/adapters/runLog/fileRunLog';
import { redactedIdentity } from '../../../src/core/approval/identities';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { Approval } from '../../../src/core/model/approval';
import type { Approvals, Change } from '../../../src/core/ports';
import { GitHubServer } from '../../support/githubServer';

/** What the scenario needs of the world behind a provider. */
interface Harness {
  readonly approvals: Approvals;
  readonly change: Change;
  /** Who is at work, as the provider names them. */
  readonly self: Pick<Approval, 'by' | 'source'>;
  /** A review by somebody else, given by the provider's own means, for the diff as it is or as it was. */
  review(by: string, state: Approval['state'], diff: 'now' | 'earlier'): Promise<void>;
  /** What must hold after every scenario. */
  check(): void;
  dispose(): Promise<void>;
}

const change: Change = {
  run: 'f-1',
  number: 1,
  branch: 'patchline/x-1',
  base: 'main',
  headCommit: 'c'.repeat(40),
  baseCommit: 'b'.repeat(40),
  diffHash: 'd'.repeat(64),
};
/** What only GitHub's provider reads. */
const noGitHub = { root: '.', apiUrl: 'http://127.0.0.1:9', token: () => Promise.resolve(undefined) };
const ada = 'Ada Lovelace <ada@example.org>';

function localWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'patchline-approvals-'));
  let now = Date.UTC(2026, 2, 2);
  const log = openFileRunLog({ folder, clock: { now: () => (now += 1000) } });
  const signedIn = (identity: string) =>
    approvals['local']!.create({
      ...noGitHub,
      log,
      identity: { current: () => Promise.resolve({ kind: 'person', identity, source: 'git-config' }) },
    });
  return {
    folder,
    log,
    signedIn,
    dispose: () => {
      log.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

const unused = {
  log: openFileRunLog({ folder: join(tmpdir(), 'patchline-no-log'), clock: { now: () => 0 } }),
  identity: { current: () => Promise.resolve({ kind: 'person', identity: 'nobody', source: 'none' } as const) },
};

const harnesses: Readonly<Record<string, () => Promise<Harness>>> = {
  local: async () => {
    const { signedIn, dispose } = localWorld();
    return {
      approvals: signedIn(ada),
      change,
      self: { by: ada, source: 'git-config' },
      review: (by, state, diff) => {
        const diffHash = diff === 'now' ? change.diffHash : 'e'.repeat(64);
        const approval = { kind: 'person', by, source: 'git-config', state, diffHash } as const;
        return signedIn(by).approve({ ...change, diffHash }, approval);
      },
      check: () => undefined,
      dispose: async () => dispose(),
    };
  },
  github: async () => {
    const server = await GitHubServer.start();
    server.openPull('fix', 'main', 'fix');
    const head = 'a'.repeat(40);
    server.pull(1).headSha = head;
    server.delivery.me = 'grace';
    server.delivery.permissions.set('grace', 'write');
    const states = {
      approved: 'APPROVED',
      'changes-requested': 'CHANGES_REQUESTED',
      dismissed: 'DISMISSED',
      commented: 'COMMENTED',
    };
    return {
      approvals: approvals['github']!.create({
        root: '.',
        apiUrl: server.apiUrl,
        repository: 'octo-org/orders',
        token: () => Promise.resolve(server.token),
        secondMs: 5,
        paceAs: randomUUID(),
        paceWrites: false,
        // What only the local provider reads.
        ...unused,
      }),
      change: { ...change, headCommit: head },
      self: { by: 'grace', source: 'github' },
      review: (by, state, diff) => {
        server.delivery.permissions.set(by, 'write');
        server.delivery.reviews.push({ user: by, state: states[state], commit: diff === 'now' ? head : 'b'.repeat(40) });
        return Promise.resolve();
      },
      check: () => assert.deepEqual(server.violations, []),
      dispose: () => server.stop(),
    };
  },
};

describe('every provider of approvals', () => {
  it('of the registry has a harness here, and every file is registered', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/adapters/approvals')).map((name) =>
      name.replace(/\.ts$/, ''),
    );
    assert.deepEqual(Object.keys(approvals).sort(), Object.keys(harnesses).sort());
    assert.deepEqual(files.sort(), Object.keys(harnesses).sort());
  });
});

for (const [id, start] of Object.entries(harnesses)) {
  describe(`approvals ${id}`, () => {
    let harness: Harness;
    const edsger = 'edsger';
    const own = (over: Partial<Approval> = {}): Omit<Approval, 'at'> => ({
      kind: 'person',
      state: 'approved',
      diffHash: harness.change.diffHash,
      ...harness.self,
      ...over,
    });

    beforeEach(async () => {
      harness = await start();
    });
    afterEach(async () => {
      harness.check();
      await harness.dispose();
    });

    it('knows none where none was given', async () => assert.deepEqual(await harness.approvals.read(harness.change), []));

    it('records one’s own approval, told twice as once', async () => {
      await harness.approvals.approve(harness.change, own());
      await harness.approvals.approve(harness.change, own());
      const [one, ...more] = await harness.approvals.read(harness.change);
      assert.deepEqual(more, []);
      assert.ok(one !== undefined);
      const { at, ...rest } = one;
      assert.deepEqual(rest, own());
      assert.equal(new Date(at).toISOString(), at);
    });

    it('reads the reviews of others, those of another diff as such', async () => {
      await harness.review(edsger, 'approved', 'earlier');
      await harness.review('linus', 'changes-requested', 'now');
      const read = await harness.approvals.read(harness.change);
      assert.deepEqual(
        read.map(({ kind, state, diffHash }) => [kind, state, diffHash === harness.change.diffHash]),
        [
          ['person', 'approved', false],
          ['person', 'changes-requested', true],
        ],
      );
    });

    it('refuses an approval of a diff that is no more', async () => {
      await assert.rejects(harness.approvals.approve(harness.change, own({ diffHash: '0'.repeat(64) })), isHumanError);
      assert.deepEqual(await harness.approvals.read(harness.change), []);
    });

    it('stops when it is cancelled', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(harness.approvals.read(harness.change, { signal }), isCancelled);
      await assert.rejects(harness.approvals.approve(harness.change, own(), { signal }), isCancelled);
      assert.deepEqual(await harness.approvals.read(harness.change), []);
    });

    it('says what it is', () => {
      assert.equal(harness.approvals.id, id);
      assert.equal(approvals[id]?.provider.id, id);
      assert.match(harness.approvals.url, /^https:/);
      assert.ok(harness.approvals.capabilities.includes('approvals'));
    });
  });
}

describe('approvals local, in the log', () => {
  let world: ReturnType<typeof localWorld>;
  const files = (ending: string): readonly string[] =>
    readdirSync(world.folder)
      .filter((name) => name.endsWith(ending) && (ending !== '.jsonl' || !name.includes('.private.')))
      .map((name) => join(world.folder, name));
  const approval = (over: Partial<Approval> = {}): Omit<Approval, 'at'> => ({
    kind: 'person',
    by: ada,
    source: 'git-config',
    state: 'approved',
    diffHash: change.diffHash,
    comment: 'fine',
    ...over,
  });

  beforeEach(() => {
    world = localWorld();
  });
  afterEach(() => world.dispose());

  it('keeps name and comment beside the chain', async () => {
    await world.signedIn(ada).approve(change, approval());
    const [entry] = (await world.log.read()).entries;
    const { diffHash, run, number } = change;
    assert.deepEqual(entry?.body, { run, number, diffHash, kind: 'person', state: 'approved', source: 'git-config' });
    assert.doesNotMatch(
      files('.jsonl')
        .map((file) => readFileSync(file, 'utf8'))
        .join(''),
      /Ada|fine/,
    );
    assert.deepEqual(await world.signedIn(ada).read({ ...change, number: 2 }), []);
  });

  it('one whose name was taken out is by nobody', async () => {
    const local = world.signedIn(ada);
    await local.approve(change, approval());
    for (const file of files('.private.jsonl')) writeFileSync(file, '');
    const [read] = await local.read(change);
    assert.deepEqual([read?.by, read?.comment, read?.state], [redactedIdentity, undefined, 'approved']);
  });

  it('a demo identity and the rule sign under their own source', async () => {
    const local = world.signedIn(ada);
    await local.approve(change, approval({ by: 'Demo <demo@example.invalid>', source: 'demo' }));
    await local.approve(change, approval({ kind: 'rule', by: 'low risk with full evidence', source: 'policy' }));
    const { entries } = await world.log.read();
    assert.deepEqual(
      entries.map(({ actor: { kind, source } }) => `${kind} ${source}`),
      ['person demo', 'rule policy'],
    );
  });

  it('nobody signs in the name of somebody else', async () => {
    const local = world.signedIn('Grace <grace@example.org>');
    const solo = { kind: 'solo', source: 'demo' } as const;
    for (const one of [approval(), approval({ source: 'github' }), approval(solo), approval({ kind: 'rule', by: 'mine' })])
      await assert.rejects(local.approve(change, one), isHumanError);
    assert.deepEqual((await world.log.read()).entries, []);
  });

  it('a log that was altered proves nothing', async () => {
    const local = world.signedIn(ada);
    await local.approve(change, approval({ state: 'changes-requested' }));
    for (const file of files('.jsonl')) writeFileSync(file, readFileSync(file, 'utf8').replace('changes-requested', 'approved'));
    await assert.rejects(
      local.read(change),
      (error: Error) => isHumanError(error) && /does not hold together/.test(error.message),
    );
  });

  it('a sign-off that cannot be read is not passed over', async () => {
    const { run, number } = change;
    await world.log.append({
      kind: 'approval',
      body: { run, number, kind: 'person', state: 'vetoed', source: 'x', diffHash: change.diffHash },
      actor: { kind: 'person', identity: ada, source: 'x' },
    });
    await assert.rejects(
      world.signedIn(ada).read(change),
      (error: Error) => isHumanError(error) && /Entry 1 of/.test(error.message),
    );
  });
});
