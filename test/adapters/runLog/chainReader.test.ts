import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { openFileRunLog } from '../../../src/adapters/runLog/fileRunLog';

const actor = { kind: 'person', identity: 'Ada Lovelace <ada@example.org>', source: 'git-config' } as const;

type Deed = 'append' | 'append two' | 'alter' | 'cut' | 'redact' | 'tear' | 'stranger';

describe('reading a chain again', () => {
  it('gives what reading it anew gives, whatever was done to the files in between', async function () {
    this.timeout(60_000);
    const deed = fc.constantFrom<Deed>('append', 'append', 'append', 'append two', 'alter', 'cut', 'redact', 'tear', 'stranger');
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 8 }), async (deeds) => {
        const folder = await mkdtemp(path.join(tmpdir(), 'patchline-chain-'));
        const clock = { now: () => 0 };
        const [reader, writer] = [openFileRunLog({ folder, clock }), openFileRunLog({ folder, clock })];
        try {
          await writer.append({ kind: 'first', body: {}, actor });
          await reader.read();
          for (const one of deeds) {
            await doIt(one, folder, (kind) => writer.append({ kind, body: { note: 'x' }, actor, private: { who: 'Grace' } }));
            const anew = openFileRunLog({ folder, clock });
            assert.deepEqual(await reader.read(), await anew.read(), deeds.join(', '));
            anew.dispose();
          }
        } finally {
          reader.dispose();
          writer.dispose();
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});

async function doIt(deed: Deed, folder: string, append: (kind: string) => Promise<unknown>): Promise<void> {
  const name = (await readdir(folder)).find((file) => /^[0-9a-f-]{36}\.jsonl$/.test(file)) ?? assert.fail('no chain');
  const file = path.join(folder, name);
  const text = await readFile(file, 'utf8');
  switch (deed) {
    case 'append':
    case 'append two':
      // A log whose end was damaged is not written on: that is told, and is no matter of this test.
      await append('more').catch(() => undefined);
      if (deed === 'append two') await append('more').catch(() => undefined);
      return;
    case 'alter':
      return writeFile(file, text.replace('"kind":"first"', '"kind":"worst"'));
    case 'cut':
      return truncate(file, text.lastIndexOf('\n', text.length - 2) + 1);
    case 'redact':
      return writeFile(file.replace('.jsonl', '.private.jsonl'), '');
    case 'tear':
      return appendFile(file, '{"v":1,');
    case 'stranger':
      return appendFile(file, `${text.split('\n')[0] ?? ''}\n`);
  }
}
