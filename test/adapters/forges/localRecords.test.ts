import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { LocalRecords } from '../../../src/adapters/forges/localRecords';

const commit = 'a'.repeat(40);
const fields = { forge: 'local', title: 't', body: '', branch: 'b', base: 'main', headCommit: commit, baseCommit: commit };

describe('records of the local forge', () => {
  let folder: string;
  let records: LocalRecords;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchline-records-'));
    records = new LocalRecords(join(folder, 'pulls'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('leave nothing of one that the disk had no room for', async () => {
    await records.add(fields);
    const source = pathToFileURL(join(__dirname, '../../../src/adapters/forges/localRecords.ts')).href;
    const big = JSON.stringify({ ...fields, body: 'x'.repeat(200_000) });
    const script = `import { LocalRecords } from '${source}';
      await new LocalRecords(${JSON.stringify(join(folder, 'pulls'))}).add(${big}).catch(({ code }) => console.log(code));`;
    writeFileSync(join(folder, 'add.mts'), script);
    // As on a full disk, but for one process: no file may grow beyond some kilobytes.
    const limited = ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, '--import=tsx', join(folder, 'add.mts')];
    const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 60_000 });
    assert.match(stdout, /^EFBIG$/m, stderr);
    assert.deepEqual(readdirSync(join(folder, 'pulls')), ['1.json']);
    assert.equal((await records.add(fields)).number, 2);
  });

  it('are claimed by who lives alone, whatever the clock says', async () => {
    let lock = '';
    await records.claimed('b', undefined, async () => {
      lock = join(folder, 'pulls', readdirSync(join(folder, 'pulls'))[0] ?? '');
    });
    writeFileSync(lock, JSON.stringify({ pid: 99_999_999, host: hostname(), token: 't' }));
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(lock, later, later);
    assert.equal(await records.claimed('b', AbortSignal.timeout(10_000), async () => 'in'), 'in', 'its process is dead');

    const order: string[] = [];
    let second: Promise<unknown> | undefined;
    await records.claimed('b', undefined, async () => {
      // As after the machine slept long in the midst of it.
      utimesSync(lock, new Date(0), new Date(0));
      second = records.claimed('b', undefined, async () => order.push('second'));
      await sleep(200);
      order.push('first');
    });
    await second;
    assert.deepEqual(order, ['first', 'second']);
  });
});
