import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ProvenanceStatement } from '../../../src/core/model/artifact';
import { checkProvenance } from '../../../src/core/provenance/checkProvenance';
import type { ExpectedProvenance } from '../../../src/core/provenance/checkProvenance';
import { lockDependencies } from '../../../src/core/provenance/lockDependencies';
import { builderId, buildType, provenanceOf, provenanceText, repositoryUri } from '../../../src/core/provenance/provenanceOf';
import type { ProvenanceInput } from '../../../src/core/provenance/provenanceOf';

const commit = '1'.repeat(40);
const tree = '2'.repeat(40);
const bytes = new TextEncoder().encode('artifact');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const input: ProvenanceInput = {
  built: {
    name: 'greeter',
    version: '1.0.0',
    mediaType: 'application/gzip',
    bytes,
    command: ['npm', 'pack', '--ignore-scripts', '--json'],
    tree,
    dependencies: [{ digest: { gitCommit: commit } }, { uri: 'pkg:npm/left@1.0.0', digest: { sha512: 'ab'.repeat(64) } }],
    builder: { id: builderId, version: { node: '20.0.0' } },
    startedOn: '2026-01-01T00:00:00.000Z',
    finishedOn: '2026-01-01T00:00:02.000Z',
  },
  commit,
  repository: 'https://ada:token@example.org/acme/greeter.git?x=secret#y',
  invocationId: 'urn:uuid:0',
};
const statement = provenanceOf(input);
const expected: ExpectedProvenance = {
  sha256,
  commit,
  tree,
  name: 'greeter',
  repository: 'https://example.org/acme/greeter.git',
};

/** The statement with one place set to another value. */
const altered = (path: string, value: unknown): ProvenanceStatement => {
  const copy = JSON.parse(JSON.stringify(statement)) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy as unknown as ProvenanceStatement;
};

describe('provenance', () => {
  it('is an in-toto statement with SLSA provenance, field by field, without credentials', () => {
    assert.deepEqual(statement, {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'greeter', digest: { sha256 } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType,
          externalParameters: {
            repository: 'git+https://example.org/acme/greeter.git',
            commit,
            command: ['npm', 'pack', '--ignore-scripts', '--json'],
          },
          internalParameters: {},
          resolvedDependencies: [
            {
              name: 'source',
              uri: `git+https://example.org/acme/greeter.git@${commit}`,
              digest: { gitCommit: commit, gitTree: tree },
            },
            { uri: 'pkg:npm/left@1.0.0', digest: { sha512: 'ab'.repeat(64) } },
          ],
        },
        runDetails: {
          builder: { id: builderId, version: { node: '20.0.0' } },
          metadata: {
            invocationId: 'urn:uuid:0',
            startedOn: '2026-01-01T00:00:00.000Z',
            finishedOn: '2026-01-01T00:00:02.000Z',
          },
        },
      },
    });
    assert.doesNotMatch(provenanceText(statement), /token|secret/);
  });

  it('has a build type and a builder that are written down where their addresses say', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../src/core/provenance/buildType.md'), 'utf8');
    assert.match(buildType, /\/src\/core\/provenance\/buildType\.md#v1$/);
    assert.match(page, /^## v1$/m);
    assert.match(page, /^## builder$/m);
    const { externalParameters } = statement.predicate.buildDefinition;
    for (const name of Object.keys(externalParameters)) assert.ok(page.includes(`\`${name}\``), name);
    for (const address of [buildType, builderId]) assert.ok(page.includes(address), address);
  });

  it('gives the same text whatever the order of the fields', () => {
    const reversed = Object.fromEntries(Object.entries(statement).reverse()) as unknown as ProvenanceStatement;
    assert.equal(provenanceText(reversed), provenanceText(statement));
  });

  for (const [address, uri] of [
    ['git@github.com:acme/greeter.git', 'git+ssh://github.com/acme/greeter.git'],
    ['ssh://git@example.org:22/acme/greeter', 'git+ssh://example.org:22/acme/greeter'],
    ['/srv/greeter.git', undefined],
    ['C:\\greeter', undefined],
    ['file:///srv/greeter', undefined],
    ['ext::sh -c x', undefined],
  ] as const) {
    it(`says ${address} as ${uri ?? 'nothing'}`, () => assert.equal(repositoryUri(address), uri));
  }
});

describe('checkProvenance', () => {
  it('finds nothing wrong with what was made for it, as text and as value', () => {
    assert.deepEqual(checkProvenance(statement, expected), []);
    assert.deepEqual(checkProvenance(provenanceText(statement), expected), []);
    assert.deepEqual(checkProvenance({ ...statement, more: 1 }, expected), [], 'unknown fields are passed over');
    assert.deepEqual(checkProvenance(altered('predicate.buildDefinition.internalParameters', null), expected), []);
  });

  const other = 'f'.repeat(64);
  for (const [path, value, said] of [
    ['_type', 'https://in-toto.io/Statement/v0.1', /The statement is of the type .*v0\.1/],
    ['predicateType', 'https://slsa.dev/provenance/v0.2', /The predicate is of the type/],
    ['subject.0.digest.sha256', other, new RegExp(`another artifact: ${other}, not ${sha256}`)],
    ['subject.0.digest', { md5: 'x' }, /another artifact: no SHA-256/],
    ['subject', [], /not of the expected form at subject/],
    ['subject.0.name', 'other', /The artifact is named other, not greeter/],
    ['predicate.buildDefinition.buildType', 'https://example.org/x', /The build is of the type/],
    ['predicate.buildDefinition.externalParameters.commit', '3'.repeat(40), /built from the commit 3+, not 1+/],
    ['predicate.buildDefinition.externalParameters.commit', undefined, /built from the commit none/],
    [
      'predicate.buildDefinition.externalParameters.repository',
      'git+https://evil.example/x',
      /from the repository git\+https:\/\/evil/,
    ],
    ['predicate.buildDefinition.externalParameters.prelude', 'curl', /parameters that are not known: prelude/],
    ['predicate.buildDefinition.resolvedDependencies', undefined, /is not among what went into the build/],
    ['predicate.buildDefinition.resolvedDependencies.0.digest.gitTree', '4'.repeat(40), /The source is the tree 4+/],
    ['predicate.buildDefinition.resolvedDependencies.1', { name: 'only' }, /resolvedDependencies\.1: it names nothing/],
    ['predicate.runDetails.builder.id', 'https://evil.example/builder', /evil\.example\/builder, which is not believed/],
    ['predicate.runDetails.builder.id', undefined, /expected form at predicate\.runDetails\.builder\.id/],
    ['predicate.runDetails.metadata.startedOn', '2026-02-01T00:00:00Z', /ended .* before it began/],
    ['predicate.runDetails.metadata.startedOn', 'yesterday', /no RFC 3339 time/],
  ] as const) {
    it(`names ${path} = ${JSON.stringify(value)}`, () => {
      const problems = checkProvenance(altered(path, value), { ...expected, builders: [builderId] });
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', said);
    });
  }

  it('names every mismatch, and compares the command', () => {
    const problems = checkProvenance(statement, { ...expected, sha256: other, commit: '9'.repeat(40), command: ['make'] });
    assert.equal(problems.length, 4, problems.join('\n'));
    assert.match(problems.at(-1) ?? '', /It was built by \["npm".*not \["make"\]/);
  });

  it('bears whatever it is given, and approves none of it', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => checkProvenance(value, expected).length > 0));
    fc.assert(fc.property(fc.string(), (value) => checkProvenance(value, expected).length > 0));
    for (const value of [undefined, null, Symbol.iterator, '{"a":', { subject: { length: 1e9 } }])
      assert.ok(checkProvenance(value, expected).length > 0);
    const loud = altered('predicate.buildDefinition.externalParameters.commit', `\u001b[31m${'x'.repeat(5000)}`);
    const [said = ''] = checkProvenance(loud, expected);
    assert.ok(said.length < 400 && !said.includes('\u001b'));
  });
});

describe('lockDependencies', () => {
  const sha512 = createHash('sha512').update('x').digest();
  const lock = (packages: Readonly<Record<string, unknown>>): string => JSON.stringify({ lockfileVersion: 3, packages });

  it('gives every package once, as package URL with its digests in hex, sorted', () => {
    const integrity = `sha512-${sha512.toString('base64')} sha1-${createHash('sha1').update('x').digest('base64')}`;
    const found = lockDependencies(
      lock({
        '': { name: 'greeter' },
        'packages/member': { version: '1.0.0' },
        'node_modules/member': { link: true, resolved: 'packages/member' },
        'node_modules/@acme/b': { version: '2.0.0', integrity },
        'node_modules/a/node_modules/@acme/b': { version: '2.0.0', integrity },
        'node_modules/alias': { name: 'real', version: '1.0.0', integrity: 'sha512-????' },
        'node_modules/a': { version: '1.0.0', resolved: `git+ssh://git@example.org/a.git#${commit}` },
      }),
      'package-lock.json',
      {},
    );
    assert.deepEqual(found, [
      {
        uri: 'pkg:npm/%40acme/b@2.0.0',
        digest: { sha512: sha512.toString('hex'), sha1: createHash('sha1').update('x').digest('hex') },
      },
      { uri: 'pkg:npm/a@1.0.0', digest: { gitCommit: commit } },
      { uri: 'pkg:npm/real@1.0.0' },
    ]);
  });

  it('takes no digest of the wrong length and refuses what is no lock file', () => {
    const short = lock({ 'node_modules/a': { version: '1.0.0', integrity: `sha512-${Buffer.from('x').toString('base64')}` } });
    assert.deepEqual(lockDependencies(short, 'package-lock.json', {}), [{ uri: 'pkg:npm/a@1.0.0' }]);
    assert.throws(() => lockDependencies('[]', 'package-lock.json', {}), /package-lock\.json/);
  });
});
