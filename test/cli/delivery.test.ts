import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileRunLog } from '../../src/adapters/runLog/fileRunLog';
import { computeMetrics } from '../../src/core/metrics/computeMetrics';
import type { Metrics } from '../../src/core/metrics/metrics';
import { metricsCsv } from '../../src/core/metrics/metricsCsv';
import { LogBook } from '../support/logBook';
import type { PingService } from '../support/pingService';
import { documentOf, report, usePingService } from '../support/pingService';

const golden = join(import.meta.dirname, '../golden/help.txt');
const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();

describe('the command line: the second half of the way', function () {
  this.timeout(240_000);
  let repo: PingService['repo'];
  let ids: PingService['ids'];
  let run: PingService['run'];
  usePingService((service) => ({ repo, ids, run } = service));

  /** `UPDATE_GOLDEN=1` writes it anew; without it a missing one fails. */
  it('--help is test/golden/help.txt, at most a hundred columns wide', () => {
    const { code, out, err } = run('--help');
    assert.deepEqual([code, err], [0, '']);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, out);
    assert.ok(existsSync(golden), 'test/golden/help.txt is missing; UPDATE_GOLDEN=1 writes it');
    assert.equal(out, readFileSync(golden, 'utf8').replaceAll('\r\n', '\n'));
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  });

  describe('bad usage: exit 2, nothing on stdout, one line that names what is wrong', () => {
    const cases: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
      {
        args: ['run', report, '--all', '--until', 'lunch'],
        says: /--until lunch: there is only pull-request, checks, approved, deployed/,
      },
      { args: ['run', report, '--all', '--until'], says: /--until/ },
      { args: ['run', report, '--all', '--approve-as', 'solo'], says: /--approve-as .*--until approved or deployed/ },
      { args: ['run', report, '--all', '--csv'], says: /run takes no option --csv/ },
      { args: ['prove', report, '--all', '--until', 'checks'], says: /prove takes no option --until/ },
      { args: ['watch', '--approve-as', 'solo'], says: /watch takes no option --approve-as/ },
      { args: ['watch', '--all'], says: /watch takes no option --all/ },
      { args: ['watch', 'orders'], says: /watch takes no “orders”/ },
      { args: ['watch', '--forge', 'nope'], says: /no forge “nope”/ },
      { args: ['watch', '--workspace', 'no-such-folder'], says: /no-such-folder: there is no such folder/ },
      { args: ['metrics', '--json', '--csv'], says: /--json or --csv, not both/ },
      { args: ['metrics', '--finding', 'x'], says: /metrics takes no option --finding/ },
      { args: ['metrics', report], says: /metrics takes no “reports/ },
    ];
    for (const { args, says } of cases) {
      it(`patchline ${args.join(' ')}`, () => {
        const ran = run(...args);
        assert.deepEqual([ran.code, ran.out], [2, '']);
        assert.match(ran.err, says);
        assert.match(ran.err, /^[^\n]+\n$/);
      });
    }
  });

  it('watch ends at once where no rollout is under way, also with the forge that the editor hands over', () => {
    for (const args of [['watch'], ['watch', '--forge', 'local']]) assert.deepEqual(run(...args), { code: 0, out: '', err: '' });
  });

  it('metrics of a log that says nothing are none', () => {
    assert.deepEqual(run('metrics'), { code: 0, out: 'Nothing is in the run log yet.\n', err: '' });
    assert.equal(documentOf<Metrics>(run('metrics', '--json')).mttr.median, null);
  });

  it('run --until approved names who may sign off where it is told of somebody else, and has got as far as that', () => {
    repo.write('.patchline.json', repo.read('.patchline.json').replace('"forge"', '"approval": { "solo": true },\n  "forge"'));
    repo.commitAll('One person works here');
    const nobody = 'Nobody <nobody@example.org>';
    const ran = run('run', report, '--finding', ids.ping, '--until', 'approved', '--approve-as', nobody, '--json');
    assert.equal(ran.code, 1, ran.err);
    const { outcome, because, stages } = documentOf<{
      outcome: string;
      because: string;
      stages: { stage: string; outcome: string }[];
    }>(ran);
    assert.equal(outcome, 'failed');
    assert.match(because, /“Nobody <nobody@example\.org>” is nobody who may sign off here\. Known: .*solo/);
    assert.ok(ran.err.split('\n').some((line) => line.includes(because)));
    const stood = Object.fromEntries(stages.map((one) => [one.stage, one.outcome]));
    assert.deepEqual([stood['testing'], stood['approval'], stood['rollout']], ['successful', 'waiting', 'not-reached']);
    const tests = /testing · test-report: successful: .*/.exec(ran.err)?.[0] ?? '';
    assert.match(tests, /the regression test passes/);
  });

  it('metrics are those of the log, as text, JSON and CSV', async () => {
    let now = 0;
    const log = openFileRunLog({ folder: join(repo.root, '.git/patchline/log'), clock: { now: () => now } });
    const book = new LogBook()
      .begin(day(5), 'pl-1-1', day(3), { title: '=1+1' })
      .step(day(6), 'pl-1-1', 'rollout', 'rollout')
      .step(day(7), 'pl-1-1', 'monitoring', 'close', 'closed');
    for (const { time, kind, body } of book.entries) {
      now = Date.parse(time);
      await log.append({ kind, body, actor: { kind: 'person', identity: 'Ada', source: 'test' } });
    }
    const expected = computeMetrics((await log.read()).entries);
    log.dispose();
    assert.deepEqual(documentOf<Metrics>(run('metrics', '--json')), expected);
    assert.equal(run('metrics', '--csv').out, metricsCsv(expected));
    const { code, out, err } = run('metrics');
    assert.deepEqual([code, err], [0, '']);
    assert.match(
      out,
      /^2 patch runs from 2026-01-05 to \d{4}-\d\d-\d\d: 1 deployed, 0 rolled back, 0 closed, 0 failed, 1 under way$/m,
    );
    assert.match(out, /^time to repair: mean 4 days, median 4 days, of 1 deployed$/m);
    assert.match(out, /^success rate: 100 %$/m);
    assert.match(out, /^ {2}2026-01-05 1 deployed, 0 rolled back, median time to repair 4 days$/m);
  });
});
