import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readZip } from '../../../src/adapters/clients/readZip';
import { isHumanError } from '../../../src/core/errors';
import { TestRepo } from '../../support/gitRepo';
import { makeZip } from '../../support/zip';

const limits = { entries: 10, each: 10_000, total: 15_000 };
const read = (archive: Uint8Array, wants: (name: string) => boolean = () => true): readonly (readonly [string, string])[] =>
  readZip(archive, limits, wants).map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]);
const refuses = (archive: Uint8Array, pattern: RegExp): void =>
  assert.throws(
    () => read(archive),
    (error: Error) => isHumanError(error) && pattern.test(error.message),
  );

describe('zip archives', () => {
  it('are read whether stored or deflated, only what is wanted, behind a comment as well', () => {
    const zip = makeZip([
      { name: 'a.xml', content: 'one' },
      { name: 'dir/', content: '' },
      { name: '../../b.xml', content: 'two', stored: true },
      { name: 'c.bin', content: 'x'.repeat(50_000) },
    ]);
    const wanted = [
      ['a.xml', 'one'],
      ['../../b.xml', 'two'],
    ];
    assert.deepEqual(
      read(zip, (name) => name.endsWith('.xml')),
      wanted,
    );
    zip.writeUInt16LE(5, zip.length - 2);
    assert.deepEqual(
      read(Buffer.concat([zip, Buffer.from('12345')]), (name) => name.endsWith('.xml')),
      wanted,
    );
    assert.deepEqual(read(makeZip([])), []);
  });

  it('are those of other programs', () => {
    const repo = new TestRepo();
    try {
      repo.write('reports/r.xml', '<testsuites/>'.repeat(20));
      repo.commitAll();
      repo.git('archive', '--format=zip', '--output=o.zip', 'HEAD');
      const zip = readFileSync(join(repo.root, 'o.zip'));
      assert.deepEqual(read(zip), [['reports/r.xml', '<testsuites/>'.repeat(20)]]);
    } finally {
      repo.dispose();
    }
  });

  it('are refused beyond the limits, and where they lie', () => {
    refuses(makeZip([{ name: 'bomb', content: Buffer.alloc(20_000_000) }]), /too large/);
    refuses(makeZip([{ name: 'bomb', content: Buffer.alloc(20_000_000), size: 9000 }]), /larger than it says/);
    refuses(makeZip([{ name: 'short', content: 'ab', size: 9 }]), /another length/);
    refuses(makeZip([1, 2].map((n) => ({ name: String(n), content: 'x'.repeat(9000), stored: true }))), /too large/);
    refuses(makeZip(Array.from({ length: 11 }, (_, n) => ({ name: String(n), content: '' }))), /lists 11 files/);
    refuses(Buffer.from('not a zip at all, only some text'), /no zip archive/);
    refuses(new Uint8Array(0), /no zip archive/);
    const encrypted = makeZip([{ name: 'a', content: 'x' }]);
    encrypted.writeUInt8(1, encrypted.indexOf('PK\x01\x02') + 8);
    refuses(encrypted, /encrypted/);
  });

  it('never bring anything but a clear refusal, however they are damaged', () => {
    const zip = makeZip([
      { name: 'a.xml', content: 'one'.repeat(50) },
      { name: 'b.xml', content: 'two', stored: true },
    ]);
    fc.assert(
      fc.property(fc.nat(zip.length - 1), fc.nat(255), fc.nat(zip.length), (place, value, length) => {
        const damaged = Buffer.from(zip);
        damaged[place] = value;
        for (const each of [damaged, damaged.subarray(0, length)]) {
          try {
            for (const [, text] of read(each)) assert.ok(text.length <= limits.each);
          } catch (error) {
            assert.ok(isHumanError(error), String(error));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
