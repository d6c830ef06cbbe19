import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPatchline } from '../../../src/core/createPatchline';
import { isHumanError } from '../../../src/core/errors';
import type { Finding } from '../../../src/core/model/finding';
import type { ServicePolicy } from '../../../src/core/model/policy';
import type { Patchline } from '../../../src/core/patchline';
import { makeFinding } from '../../support/findings';
import { memoryWorld } from '../../support/memoryPorts';

const id = 'pl-0000000000000001';
const golden = join(import.meta.dirname, '../../golden/documents');
const hostile =
  '<img src=x onerror=alert(1)> @acme/all closes #1 [skip ci] | `code` **bold** [a](https://evil.example)\n# Heading\u202e\u001b[31m';

function serviceOf(name: string, title: string): ServicePolicy {
  return {
    name,
    provider: 'command',
    strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 60 }] },
    commands: { step: ['step'], rollback: ['back'] },
    metrics: [
      {
        name: 'errors',
        title,
        kind: 'ratio',
        provider: 'scrape',
        canary: { side: 'new' },
        baseline: { side: 'old' },
        threshold: { max: 0.2 },
      },
    ],
    lookSeconds: 30,
    watchSeconds: 30,
  };
}

interface Way {
  readonly finding?: Partial<Finding>;
  readonly services: readonly ServicePolicy[];
  /** True: the new version begins to fail now. */
  readonly breaksWhen?: (app: Patchline, turn: number) => boolean;
  /** A person takes it back as soon as it has begun, with these words. */
  readonly takenBack?: string;
}

/** One whole way in memory, to its end. */
async function go(way: Way): Promise<Patchline> {
  const world = memoryWorld();
  const demo = 'Demo Reviewer (made up) <demo@patchline.invalid>';
  world.policy = { approval: { people: { low: 1, medium: 1, high: 1 }, demo: [demo] }, rollout: { services: [...way.services] } };
  world.findings = [makeFinding(way.finding)];
  const app = createPatchline(world.ports);
  const minute = () => (world.now += 60_000);
  await app.importReports();
  minute();
  await app.prove(id);
  minute();
  await app.openPullRequest(id);
  await app.delivery.refresh(id);
  minute();
  const approver = (await app.delivery.approvers(id)).find(({ by }) => by === demo);
  await app.delivery.approve(id, approver ?? assert.fail('no demo reviewer'));
  minute();
  await app.delivery.startRollout(id);
  if (way.takenBack !== undefined) await app.delivery.rollBack(id, way.takenBack);
  for (let turn = 1; turn < 200; turn++) {
    const { nextAt } = await app.delivery.tick({ rolloutsOnly: true });
    if (nextAt === undefined) return app;
    world.now = Math.max(world.now, nextAt);
    if (way.breaksWhen?.(app, turn) === true) world.delivery.errors = 40;
  }
  throw new Error('the rollout never ends');
}

/** `UPDATE_GOLDEN=1` writes the documents anew; without it a missing one fails. */
function assertGolden(name: string, text: string): void {
  const file = join(golden, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(golden, { recursive: true });
    writeFileSync(file, text);
  }
  assert.ok(existsSync(file), `${file} is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(text, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
}

describe('the documents of a run', () => {
  it('tell of one that was deployed', async () => {
    const app = await go({ finding: { aliases: ['CVE-2026-0001'] }, services: [serviceOf('orders', 'Errors')] });
    assertGolden('deployed.release-notes.md', await app.delivery.releaseNotes(id));
    assertGolden('deployed.changelog.md', await app.delivery.changelogLine(id));
    assert.match(await app.delivery.postMortem(id), /No rollout of this patch was taken back\./);
    await app.dispose();
  });

  it('tell of one that a breach took back', async () => {
    const app = await go({ services: [serviceOf('orders', 'Errors')], breaksWhen: (_app, turn) => turn === 1 });
    assertGolden('breached.post-mortem.md', await app.delivery.postMortem(id));
    await app.dispose();
  });

  it('hold hostile texts as texts, and name nobody', async () => {
    const finding = { title: hostile, ruleId: hostile, aliases: [hostile] };
    const app = await go({ finding, services: [serviceOf(hostile, hostile)], takenBack: `${hostile}.` });
    const documents = {
      'hostile.post-mortem.md': await app.delivery.postMortem(id),
      'hostile.release-notes.md': await app.delivery.releaseNotes(id),
      'hostile.changelog.md': await app.delivery.changelogLine(id),
    };
    for (const [name, text] of Object.entries(documents)) {
      assertGolden(name, text);
      assert.doesNotMatch(text, /<img|@acme|closes #1|\[skip|\]\(https|\*\*bold|^# Heading|[\u202e\u001b]|(?<!\\)`code/m, name);
      assert.doesNotMatch(text, /Ada|Demo Reviewer|@example\.org/, name);
    }
    // Each line of the timeline has its three cells and no more.
    const rows = documents['hostile.post-mortem.md'].split('\n').filter((line) => line.startsWith('| 20'));
    assert.ok(rows.length > 10);
    for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 5, row);
    await app.dispose();
  });

  it('begin with the service that failed, not with one that went back with it', async () => {
    const services = [serviceOf('orders', 'Errors'), serviceOf('names', 'Errors')];
    const ordersIsDone = (app: Patchline) => app.delivery.state(id)?.services?.[0]?.phase === 'completed';
    const app = await go({ services, breaksWhen: ordersIsDone });
    const text = await app.delivery.postMortem(id);
    assert.match(text, /^The rollout of \*\*names\*\* to production was taken back at canary 10 %: \d+ of \d+ requests failed/m);
    assert.match(text, /\| orders: aborted: names was taken back \|/);
    assert.match(await app.delivery.releaseNotes(id), /orders \(production\): rolled back; names \(production\): rolled back/);
    assert.equal((await app.delivery.metrics()).incidents.length, 1);
    await app.dispose();
  });

  it('are refused before there is a pull request', async () => {
    const world = memoryWorld();
    world.findings = [makeFinding()];
    const app = createPatchline(world.ports);
    await app.importReports();
    await app.prove(id);
    for (const document of ['postMortem', 'releaseNotes', 'changelogLine'] as const)
      await assert.rejects(app.delivery[document](id), isHumanError, document);
    await app.dispose();
  });
});
