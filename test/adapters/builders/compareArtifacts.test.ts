import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { NotAnArchive } from '../../../src/adapters/builders/archiveEntry';
import { compareArtifacts } from '../../../src/adapters/builders/compareArtifacts';
import { readTar } from '../../../src/adapters/builders/readTar';
import { readZip } from '../../../src/adapters/builders/readZip';

describe('compareArtifacts', () => {
  let folder: string;
  const long = `deep/${'long-folder-name/'.repeat(12)}file.txt`;

  const write = (path: string, text: string, seconds = 1_700_000_000): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
    utimesSync(join(folder, path), seconds, seconds);
  };
  const tar = (format: string, names: readonly string[]): Buffer => {
    // pax would add when each file was last read, which no test can hold still.
    const plain = format === 'pax' ? ['--pax-option=delete=atime,delete=ctime'] : [];
    const args = ['-C', folder, `--format=${format}`, ...plain, '--owner=0', '--group=0', '-cf', '-', ...names];
    return execFileSync('tar', args, { maxBuffer: 1e8 });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'patchline-tar-'));
    write('a.txt', 'a');
    write('b.txt', 'b');
    write(long, 'deep');
    symlinkSync('a.txt', join(folder, 'link'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const format of ['ustar', 'gnu', 'pax']) {
    it(`reads what tar writes as ${format}`, () => {
      const entries = readTar(tar(format, ['a.txt', long, 'link']));
      assert.deepEqual(
        entries.map(({ path, kind, size }) => [path, kind, size]),
        [
          ['a.txt', 'file', 1],
          [long, 'file', 4],
          ['link', 'link to a.txt', 0],
        ],
      );
      assert.ok(entries[0]?.time.startsWith('1700000000'));
    });

    it(`names content, permissions, time, kind, order and what is in one only (${format})`, () => {
      write('gone.txt', '');
      const first = gzipSync(tar(format, ['a.txt', 'b.txt', long, 'gone.txt']));
      write('a.txt', 'longer');
      chmodSync(join(folder, 'b.txt'), 0o755);
      write(long, 'deep', 1_700_000_060);
      const second = gzipSync(tar(format, [long, 'a.txt', 'b.txt', 'link']));
      const modes = readTar(tar(format, ['a.txt']))[0]?.mode?.toString(8);
      assert.deepEqual(compareArtifacts(first, second), [
        'a.txt: content (1 and 6 bytes)',
        `b.txt: permissions ${modes} and 755`,
        `${long}: time 2023-11-14T22:13:20.000Z and 2023-11-14T22:14:20.000Z`,
        'gone.txt: only in the first build',
        'link: only in the second build',
        `the order of the entries, from a.txt and ${long} on`,
      ]);
      assert.deepEqual(compareArtifacts(first, first), []);
    });
  }

  it('tells the packing from what is packed', () => {
    const bytes = tar('ustar', ['a.txt']);
    const other = Buffer.concat([bytes, Buffer.alloc(512)]);
    assert.deepEqual(compareArtifacts(gzipSync(bytes, { level: 1 }), gzipSync(bytes, { level: 9 })).length, 1);
    assert.match(compareArtifacts(gzipSync(bytes, { level: 1 }), gzipSync(bytes, { level: 9 }))[0] ?? '', /compression alone/);
    assert.match(compareArtifacts(bytes, other)[0] ?? '', /packing alone/);
  });

  it('names the first byte of what is no archive, and where one goes on', () => {
    assert.deepEqual(compareArtifacts(Buffer.from('abc'), Buffer.from('abd')), ['the byte at offset 2 (3 bytes each)']);
    assert.deepEqual(compareArtifacts(Buffer.from('ab'), Buffer.from('abc')), ['one goes on after 2 bytes (2 and 3 bytes)']);
    assert.match(compareArtifacts(gzipSync('abc'), gzipSync('abd'))[0] ?? '', /offset 2 /);
  });

  it('tells no more than a reader can use', () => {
    const many = Array.from({ length: 80 }, (_, at) => `f${at}`);
    for (const name of many) write(name, name);
    const first = tar('ustar', many);
    for (const name of many) write(name, `${name}!`);
    const found = compareArtifacts(first, tar('ustar', many));
    assert.deepEqual([found.length, found.at(-1)], [51, 'and 30 more']);
  });

  /** A zip of stored entries, by the specification. */
  const zip = (entries: readonly { readonly path: string; readonly text: string; readonly minute?: number }[]): Buffer => {
    const central: Buffer[] = [];
    const local: Buffer[] = [];
    let offset = 0;
    for (const { path, text, minute = 0 } of entries) {
      const [name, body] = [Buffer.from(path), Buffer.from(text)];
      const fields = Buffer.alloc(26);
      fields.writeUInt16LE(minute << 5, 6);
      fields.writeUInt32LE(body.reduce((sum, byte) => sum * 31 + byte, 7) >>> 0, 10);
      fields.writeUInt32LE(body.length, 14);
      fields.writeUInt32LE(body.length, 18);
      fields.writeUInt16LE(name.length, 22);
      local.push(Buffer.from([0x50, 0x4b, 3, 4]), fields, name, body);
      const head = Buffer.alloc(46);
      Buffer.from([0x50, 0x4b, 1, 2]).copy(head);
      fields.copy(head, 6);
      head.writeUInt32LE((0o100644 << 16) >>> 0, 38);
      head.writeUInt32LE(offset, 42);
      central.push(head, name);
      offset += 30 + name.length + body.length;
    }
    const end = Buffer.alloc(22);
    Buffer.from([0x50, 0x4b, 5, 6]).copy(end);
    end.writeUInt16LE(entries.length, 8);
    end.writeUInt16LE(entries.length, 10);
    end.writeUInt32LE(Buffer.concat(central).length, 12);
    end.writeUInt32LE(offset, 16);
    return Buffer.concat([...local, ...central, end]);
  };

  it('compares zips by entries', () => {
    const first = zip([
      { path: 'a.txt', text: 'a' },
      { path: 'b.txt', text: 'b' },
    ]);
    const second = zip([
      { path: 'a.txt', text: 'A' },
      { path: 'b.txt', text: 'b', minute: 5 },
    ]);
    assert.deepEqual(compareArtifacts(first, second), [
      'a.txt: content (1 and 1 bytes)',
      'b.txt: time 1980-00-00 00:00:00 and 1980-00-00 00:05:00',
    ]);
    assert.deepEqual(
      readZip(first).map(({ path, mode, size }) => [path, mode, size]),
      [
        ['a.txt', 0o644, 1],
        ['b.txt', 0o644, 1],
      ],
    );
  });

  it('bears archives that are cut, altered or lie about their sizes', () => {
    const seeds = [tar('pax', ['a.txt', long]), tar('gnu', ['a.txt', long]), zip([{ path: 'a', text: 'b' }])];
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(4095), fc.nat(255)), { maxLength: 8 }),
        fc.nat(4096),
        (seed, changes, cut) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const hostile = bytes.subarray(0, Math.max(1, bytes.length - cut));
          for (const read of [readTar, readZip]) {
            try {
              read(hostile);
            } catch (error) {
              assert.ok(error instanceof NotAnArchive, String(error));
            }
          }
          assert.ok(Array.isArray(compareArtifacts(hostile, seed)));
        },
      ),
      { numRuns: 400 },
    );
    const lying = Buffer.from(tar('ustar', ['a.txt']));
    lying.write('77777777777', 124);
    assert.throws(() => readTar(lying), NotAnArchive);
    assert.throws(() => readTar(readFileSync(process.execPath).subarray(0, 4096)), NotAnArchive);
  });
});
