import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registries } from '../../../src/adapters/registry';
import { isCancelled, isHumanError } from '../../../src/core/errors';
import type { ArtifactRegistry } from '../../../src/core/ports';

/** What the scenario needs of the world behind a registry. */
interface Harness {
  readonly registry: ArtifactRegistry;
  /** Changes the stored bytes behind the registry's back. */
  damage(sha256: string): void;
  /** How many copies of these bytes it holds. */
  copies(sha256: string): number;
  dispose(): void;
}

const setups: Readonly<Record<string, () => Harness>> = {
  local: () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchline-registry-'));
    const files = (): readonly string[] =>
      existsSync(folder)
        ? readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
        : [];
    return {
      registry: registries['local']!.create({ folder }),
      damage: (sha256) => {
        const file = join(folder, 'blobs', 'sha256', sha256);
        chmodSync(file, 0o600);
        writeFileSync(file, 'something else');
      },
      copies: (sha256) => files().filter((file) => digestOf(readFileSync(file)) === sha256).length,
      dispose: () => rmSync(folder, { recursive: true }),
    };
  },
};

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

it('every registry has a set-up here', () => {
  assert.deepEqual(Object.keys(registries).sort(), Object.keys(setups).sort());
});

for (const [id, start] of Object.entries(setups)) {
  describe(`registry ${id}`, () => {
    let harness: Harness;
    const bytes = new Uint8Array([0, 1, 2, 255, 0]);
    const digest = { sha256: digestOf(bytes) };
    const artifact = { name: '@acme/greeter', version: '1.0.0', mediaType: 'application/gzip', bytes, provenance: '{"a":1}' };

    beforeEach(() => {
      harness = start();
    });
    afterEach(() => harness.dispose());

    it('gives back exactly the bytes that were stored', async () => {
      const { uri } = await harness.registry.store(artifact);
      assert.ok(URL.canParse(uri), uri);
      const fetched = await harness.registry.fetch({ uri, digest });
      assert.deepEqual(fetched && [...fetched], [...bytes]);
    });

    it('stores the same bytes once, also under another name, and at the same time', async () => {
      const stored = await Promise.all([
        harness.registry.store(artifact),
        harness.registry.store(artifact),
        harness.registry.store({ ...artifact, version: '1.0.1', provenance: '{"b":2}' }),
      ]);
      assert.deepEqual(await harness.registry.store(artifact), stored[0]);
      assert.equal(harness.copies(digest.sha256), 1);
      for (const { uri } of stored) assert.ok(await harness.registry.fetch({ uri, digest }));
    });

    it('keeps versions and builds of the same version apart', async () => {
      const other = { ...artifact, bytes: new Uint8Array([7]) };
      const [one, two] = [await harness.registry.store(artifact), await harness.registry.store(other)];
      assert.notEqual(one.uri, two.uri);
      assert.deepEqual(await harness.registry.fetch({ uri: one.uri, digest }), Buffer.from(bytes));
    });

    it('never gives back damaged bytes, names them, and mends them when they are stored again', async () => {
      const { uri } = await harness.registry.store(artifact);
      harness.damage(digest.sha256);
      await assert.rejects(
        harness.registry.fetch({ uri, digest }),
        (error: Error) => isHumanError(error) && error.message.includes(digest.sha256),
      );
      await harness.registry.store(artifact);
      assert.ok(await harness.registry.fetch({ uri, digest }));
    });

    it('has nothing that was not stored, and refuses what is no digest', async () => {
      const { uri } = await harness.registry.store(artifact);
      const other = { sha256: 'a'.repeat(64) };
      assert.equal(await harness.registry.fetch({ uri, digest: other }), undefined);
      assert.equal(await harness.registry.fetch({ uri: uri.replace(digest.sha256, other.sha256), digest: other }), undefined);
      assert.equal(await harness.registry.fetch({ uri: 'https://example.org/x', digest }), undefined);
      await assert.rejects(harness.registry.fetch({ uri, digest: { sha256: '../../etc/passwd' } }), isHumanError);
    });

    it('takes hostile names and versions', async () => {
      for (const name of ['../../x', 'a/b', 'CON', '.', '..', 'a\0b', 'ö'.repeat(500), '%2e']) {
        const { uri } = await harness.registry.store({ ...artifact, name, version: name });
        assert.ok(await harness.registry.fetch({ uri, digest }), name);
      }
      await assert.rejects(harness.registry.store({ ...artifact, name: '' }), isHumanError);
    });

    it('stops when it is cancelled', async () => {
      const task = { signal: AbortSignal.abort() };
      await assert.rejects(harness.registry.store(artifact, task), isCancelled);
      await assert.rejects(harness.registry.fetch({ uri: 'x:', digest }, task), isCancelled);
      assert.equal(harness.copies(digest.sha256), 0);
    });

    it('says what it is', () => {
      assert.equal(harness.registry.id, id);
      assert.equal(registries[id]?.provider.id, id);
      assert.ok(harness.registry.capabilities.includes('store'));
    });
  });
}

describe('registry local', () => {
  it('keeps an index by name and version, with digest, size and provenance', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchline-registry-'));
    try {
      const registry = registries['local']!.create({ folder });
      const bytes = new Uint8Array([1, 2, 3]);
      const stored = { name: '@Acme/greeter', version: '1.0.0', mediaType: 'application/gzip', bytes };
      const { uri } = await registry.store({ ...stored, provenance: '{"a":1}' });
      await registry.store({ ...stored, provenance: '{"a":2}' });
      assert.equal(fileURLToPath(uri), join(folder, 'blobs', 'sha256', digestOf(bytes)));
      const place = join(folder, 'index', '@%41cme%2fgreeter', '1.0.0', digestOf(bytes));
      const statement = digestOf(Buffer.from('{"a":1}'));
      assert.deepEqual(
        readdirSync(place).sort(),
        [statement, digestOf(Buffer.from('{"a":2}'))].map((each) => `${each}.json`).sort(),
      );
      assert.deepEqual(JSON.parse(readFileSync(join(place, `${statement}.json`), 'utf8')), {
        name: '@Acme/greeter',
        version: '1.0.0',
        mediaType: 'application/gzip',
        size: 3,
        digest: { sha256: digestOf(bytes) },
        provenance: { digest: { sha256: statement } },
      });
      assert.equal(readFileSync(join(folder, 'blobs', 'sha256', statement), 'utf8'), '{"a":1}');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
