import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileLeases } from '../../../src/adapters/leases/fileLeases';
import { isHumanError } from '../../../src/core/errors';

describe('leases as files', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchline-leases-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const leases = (): ReturnType<typeof createFileLeases> => createFileLeases(join(folder, 'leases'));
  const file = (): string => join(folder, 'leases', 'watch.lease');

  it('give one to one holder, and to the next when it is given back', async () => {
    assert.equal(await leases().holder('watch'), undefined);
    const first = await leases().take('watch');
    assert.ok(first);
    assert.equal(await leases().take('watch'), undefined);
    assert.match((await leases().holder('watch')) ?? '', new RegExp(`process ${process.pid} on `));
    const other = await leases().take('other');
    assert.ok(other, 'another lease is another matter');
    await other.release();
    await first.release();
    assert.equal(await leases().holder('watch'), undefined);
    const second = await leases().take('watch');
    await first.release();
    assert.ok(await leases().holder('watch'), 'giving back twice takes nothing from the next');
    await second?.release();
    assert.deepEqual(readdirSync(join(folder, 'leases')), []);
  });

  it('go to exactly one of many who ask at once', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => leases().take('watch')));
    assert.equal(taken.filter((lease) => lease !== undefined).length, 1);
  });

  it('are held against another process, which loses it at once when it is killed', async () => {
    const script = join(import.meta.dirname, 'holdLease.ts');
    const child = spawn(process.execPath, ['--import=tsx', script, join(folder, 'leases')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      assert.equal(String(said[0]).trim(), 'taken');
      assert.equal(await leases().take('watch'), undefined);
      assert.match((await leases().holder('watch')) ?? '', new RegExp(`process ${child.pid} `));
    } finally {
      const gone = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await gone;
    }
    assert.equal(await leases().holder('watch'), undefined);
    const lease = await leases().take('watch');
    assert.ok(lease);
    await lease.release();
  });

  it('outlive neither a process id that was given out again nor another machine that gives no sign', async () => {
    await (await leases().take('watch'))?.release();
    const write = (holder: object, ageMs: number): void => {
      writeFileSync(file(), JSON.stringify({ pid: process.pid, token: 't', ...holder }));
      const then = new Date(Date.now() - ageMs);
      utimesSync(file(), then, then);
    };
    write({ host: 'elsewhere' }, 30_000);
    assert.equal(await leases().take('watch'), undefined, 'a minute is not over');
    write({ host: 'elsewhere' }, 61_000);
    const lease = await leases().take('watch');
    assert.ok(lease);
    // Ours, with another start: the id is ours, the process was another. Where the system tells no start, the id has to do.
    const own = JSON.parse(readFileSync(file(), 'utf8')) as { readonly host: string; readonly started?: string };
    await lease.release();
    write({ host: own.host, ...(own.started === undefined ? {} : { started: '1' }) }, 0);
    assert.equal((await leases().take('watch')) !== undefined, own.started !== undefined);
  });

  it('know when they were lost, and tell it once', async () => {
    const said: string[] = [];
    const lease = await createFileLeases(join(folder, 'leases'), (message) => said.push(message)).take('watch');
    assert.equal(await lease?.isHeld(), true);
    assert.deepEqual(said, []);
    writeFileSync(file(), JSON.stringify({ pid: 7, host: 'elsewhere', token: 't' }));
    assert.equal(await lease?.isHeld(), false);
    assert.equal(await lease?.isHeld(), false);
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? '', /“watch” \(process 7 on elsewhere\)/);
    await lease?.release();
    assert.deepEqual(readdirSync(join(folder, 'leases')), ['watch.lease'], 'what is another’s stays');
    rmSync(file());
    assert.equal(await lease?.isHeld(), false);
  });

  it('have names that are no paths', async () => {
    for (const name of ['', '../x', 'a/b', '.x', 'a\0', 'x'.repeat(200)])
      await assert.rejects(leases().take(name), isHumanError, name);
  });
});
