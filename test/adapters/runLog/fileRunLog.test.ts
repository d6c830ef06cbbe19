import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFileRunLog } from '../../../src/adapters/runLog/fileRunLog';
import { verifyLogFile } from '../../../src/adapters/runLog/verifyLogFile';
import type { RunLog } from '../../../src/core/ports';

const actor = { kind: 'person', identity: 'Ada Lovelace <ada@example.org>', source: 'git-config' } as const;

describe('fileRunLog', () => {
  let folder: string;
  const opened: RunLog[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'patchline-log-'));
  });
  afterEach(async () => {
    opened.splice(0).forEach((log) => log.dispose());
    await rm(folder, { recursive: true, force: true });
  });

  function open(): RunLog {
    const log = openFileRunLog({ folder, clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) } });
    opened.push(log);
    return log;
  }
  const chainFile = async () => {
    const name = (await readdir(folder)).find((f) => /^[0-9a-f-]{36}\.jsonl$/.test(f));
    return path.join(folder, name ?? assert.fail('no chain file'));
  };

  it('writes canonical lines that follow each other, and reads them back with who did it', async () => {
    const log = open();
    await log.append({ kind: 'a', body: { z: 1, a: 'ü' }, actor });
    await log.append({ kind: 'b', body: {}, actor, private: { reviewer: 'Grace' } });
    const { entries, problems } = await log.read();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map((e) => [e.n, e.kind, e.time, e.identity, e.personal]),
      [
        [1, 'a', '2026-01-02T03:04:05.678Z', actor.identity, undefined],
        [2, 'b', '2026-01-02T03:04:05.678Z', actor.identity, { reviewer: 'Grace' }],
      ],
    );
    assert.equal(entries[1]?.prev, entries[0]?.hash);
    assert.deepEqual(
      (await log.verify()).map((v) => v.kind),
      ['intact'],
    );
  });

  it('verifies a copy under another name, and no chain in the place of another', async () => {
    const log = open();
    await log.append({ kind: 'a', body: {}, actor });
    const copy = path.join(folder, 'copy.jsonl');
    await copyFile(await chainFile(), copy);
    assert.equal((await verifyLogFile(copy)).kind, 'intact');
    const other = path.join(folder, '00000000-0000-4000-8000-000000000000.jsonl');
    await copyFile(copy, other);
    const verdict = await verifyLogFile(other);
    assert.ok(verdict.kind === 'altered' && /belongs to chain/.test(verdict.why), JSON.stringify(verdict));
  });

  it('creates nothing by being read', async () => {
    const log = openFileRunLog({ folder: path.join(folder, 'none'), clock: { now: () => 0 } });
    assert.deepEqual(await log.read(), { entries: [], problems: [] });
    assert.deepEqual(await log.verify(), []);
    assert.deepEqual(await readdir(folder), []);
    log.dispose();
  });

  it('keeps personal data out of the chain, and redacting it breaks nothing', async () => {
    const log = open();
    await log.append({ kind: 'a', body: {}, actor, private: { reviewer: 'Grace' } });
    const chain = await chainFile();
    assert.doesNotMatch(await readFile(chain, 'utf8'), /Ada|ada@|Grace/);
    await writeFile(chain.replace('.jsonl', '.private.jsonl'), '');
    assert.deepEqual(
      (await log.verify()).map((v) => v.kind),
      ['intact'],
    );
    assert.equal((await log.read()).entries[0]?.identity, undefined);
  });

  it('notices altered personal data', async () => {
    const log = open();
    await log.append({ kind: 'a', body: {}, actor });
    const payload = (await chainFile()).replace('.jsonl', '.private.jsonl');
    await writeFile(payload, (await readFile(payload, 'utf8')).replace('Ada', 'Eve'));
    const [verdict] = await log.verify();
    assert.equal(verdict?.kind, 'altered');
  });

  it('goes by no line of personal data that is none', async () => {
    const log = open();
    await log.append({ kind: 'a', body: {}, actor });
    const payload = (await chainFile()).replace('.jsonl', '.private.jsonl');
    const strange = ['null', '7', '[]', '{"n":1}', '{"n":1,"salt":"\\ud800","identity":"Eve"}'];
    await writeFile(payload, `${strange.join('\n')}\n${await readFile(payload, 'utf8')}`);
    assert.deepEqual(
      (await log.verify()).map((v) => v.kind),
      ['intact'],
    );
    assert.equal((await log.read()).entries[0]?.identity, actor.identity);
    await writeFile(payload, `${strange.join('\n')}\n`);
    assert.equal((await log.verify())[0]?.kind, 'altered');
  });

  it('sets a torn last line aside, says so in the log, and goes on', async () => {
    const first = open();
    await first.append({ kind: 'a', body: {}, actor });
    const file = await chainFile();
    await appendFile(file, '{"actor":{"digest":"cut sho');
    const log = open();
    assert.equal((await log.read()).problems[0]?.kind, 'torn');
    await log.append({ kind: 'b', body: {}, actor });
    const { entries, problems } = await log.read();
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map((e) => e.kind),
      ['a', 'log.recovered', 'b'],
    );
    assert.equal(entries[1]?.body['bytes'], 27);
    const aside = (await readdir(folder)).find((f) => f.includes('.torn-')) ?? assert.fail('nothing set aside');
    assert.equal(await readFile(path.join(folder, aside), 'utf8'), '{"actor":{"digest":"cut sho');
  });

  it('does not write on behind a line it cannot read', async () => {
    const first = open();
    await first.append({ kind: 'a', body: {}, actor });
    await appendFile(await chainFile(), 'noise\n');
    const log = open();
    await assert.rejects(log.append({ kind: 'b', body: {}, actor }), /cannot be continued/);
  });

  it('tells listeners of other windows', async () => {
    const one = open();
    const two = open();
    await one.append({ kind: 'a', body: {}, actor });
    assert.equal((await two.read()).entries.length, 1);
    const heard = new Promise<void>((resolve) => two.onDidChange(resolve));
    await one.append({ kind: 'b', body: {}, actor });
    await heard;
    assert.equal((await two.read()).entries.length, 2);
  });

  it('hears of other windows also where nothing can be watched, or what is watched says nothing', async () => {
    const limit = (): never => {
      throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' });
    };
    const deaf = () => Object.assign(new EventEmitter(), { close: () => undefined });
    const broken = () => {
      const watcher = deaf();
      setImmediate(() => watcher.emit('error', new Error('gone')));
      return watcher;
    };
    for (const watch of [limit, deaf, broken]) {
      const one = open();
      await one.append({ kind: 'a', body: {}, actor });
      const two = openFileRunLog({ folder, clock: { now: () => 0 }, watch, statMs: 10 });
      const { entries } = await two.read();
      opened.push(two);
      const heard = new Promise<void>((resolve) => two.onDidChange(resolve));
      await one.append({ kind: 'b', body: {}, actor });
      await heard;
      assert.equal((await two.read()).entries.length, entries.length + 1, watch.name);
    }
  });

  it('has one writer at a time over several processes: one chain, nothing lost', async () => {
    const names = ['a', 'b', 'c'];
    await Promise.all(names.map((name) => finished(appendLoop(folder, name, 12))));
    const log = open();
    const { entries, problems } = await log.read();
    assert.deepEqual(problems, []);
    assert.equal(entries.length, 36);
    for (const name of names) {
      const own = entries.filter((e) => e.body['name'] === name).map((e) => e.body['i']);
      assert.deepEqual(
        own,
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
    }
  });

  it('keeps every acknowledged entry through kill -9, and the next writer needs no help', async () => {
    for (let round = 0; round < 3; round++) {
      const child = appendLoop(folder, `r${round}`, 100_000);
      let acknowledged = '';
      child.stdout.on('data', (chunk: Buffer) => (acknowledged += chunk.toString()));
      await new Promise<void>((resolve) => {
        const poll = setInterval(() => {
          if (acknowledged.split('\n').length > 20 + round * 7) {
            clearInterval(poll);
            resolve();
          }
        }, 5);
      });
      child.kill('SIGKILL');
      await new Promise((resolve) => child.on('close', resolve));
      const last = Number(acknowledged.trimEnd().split('\n').at(-1));
      const log = open();
      await log.append({ kind: 'after', body: { round }, actor });
      const { entries, problems } = await log.read();
      assert.deepEqual(problems, []);
      assert.ok(
        entries.some((e) => e.n === last),
        `entry ${last} was acknowledged and is gone`,
      );
    }
  });
});

function appendLoop(folder: string, name: string, count: number) {
  const script = path.join(import.meta.dirname ?? __dirname, 'appendLoop.ts');
  return spawn(process.execPath, ['--import=tsx', script, folder, name, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function finished(child: ReturnType<typeof appendLoop>): Promise<void> {
  return new Promise((resolve, reject) =>
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`)))),
  );
}
