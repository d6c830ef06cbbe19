import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNpmRegistry } from '../../../src/adapters/advisories/npmRegistry';
import { createHttp } from '../../../src/adapters/clients/http';
import type { HttpRequest } from '../../../src/adapters/clients/http';
import { isVendorError } from '../../../src/core/errors';
import { startNpmRegistry } from '../../support/npmRegistry';
import type { FakeRegistry } from '../../support/npmRegistry';

describe('npm registry', () => {
  let server: FakeRegistry;
  let folder = '';
  const sent: HttpRequest[] = [];

  before(async () => {
    server = await startNpmRegistry({
      '@s/p': [
        { version: '1.0.0', engines: { node: '>=18' }, deprecated: 'old' },
        {
          version: '1.0.1',
          bin: 'cli.js',
          dependencies: { a: '1', b: '2' },
          optionalDependencies: { b: '2' },
          license: 'ISC',
        },
        {
          version: '1.0.2',
          bin: { p: './bin/p.js', '../up': '/../x.js', none: '' },
          license: { type: 'MIT', url: 'https://example.org' },
        },
      ],
    });
    folder = mkdtempSync(join(tmpdir(), 'patchline-test-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function registry(mayRun = true, env: Record<string, string> = {}): ReturnType<typeof createNpmRegistry> {
    const http = createHttp({ vendor: 'npm registry', sleep: () => Promise.resolve() });
    const spying = {
      ...http,
      json: (request: HttpRequest) => {
        sent.push(request);
        return http.json(request);
      },
    };
    return createNpmRegistry({
      http: spying,
      projectRoot: folder,
      mayRun: () => mayRun,
      env: { npm_config_userconfig: join(folder, 'user'), npm_config_registry: server.url, ...env },
    });
  }

  it('reads versions, deprecation, engines, times and tags', async () => {
    assert.deepEqual(await registry().published('@s/p'), {
      name: '@s/p',
      distTags: { latest: '1.0.2' },
      versions: [
        { version: '1.0.0', deprecated: 'old', enginesNode: '>=18', publishedAt: '2020-01-01T00:00:00.000Z' },
        { version: '1.0.1', publishedAt: '2020-01-01T00:00:00.000Z' },
        { version: '1.0.2', publishedAt: '2020-01-01T00:00:00.000Z' },
      ],
    });
    assert.equal(await registry().published('ghost'), undefined);
  });

  it('gives a version as npm writes it into a lock', async () => {
    const manifest = await registry().manifest('@s/p', '1.0.1');
    assert.deepEqual(manifest.fields, {
      dependencies: { a: '1' },
      optionalDependencies: { b: '2' },
      bin: { p: 'cli.js' },
      license: 'ISC',
    });
    assert.deepEqual((await registry().manifest('@s/p', '1.0.2')).fields, {
      bin: { p: 'bin/p.js', up: 'x.js' },
      license: 'MIT',
    });
    assert.equal(manifest.tarball, `${server.url}@s/p/-/p-1.0.1.tgz`);
    assert.match(manifest.integrity ?? '', /^sha512-/);
    assert.equal(manifest.carriesDependencies, false);
    await assert.rejects(registry().manifest('@s/p', '9.9.9'), isVendorError);
  });

  it('says by undefined that the registry answers no advisory questions, and reads them where it does', async () => {
    assert.equal(await registry().advisories({ '@s/p': ['1.0.0'] }), undefined);
    server.advisories = {
      '@s/p': [
        { id: 7, url: 'https://github.com/advisories/GHSA-2222-3333-4444', title: 't', vulnerable_versions: '<1.0.1' },
        { id: 8, vulnerable_versions: '*' },
      ],
    };
    assert.deepEqual(await registry().advisories({ '@s/p': ['1.0.0'] }), {
      '@s/p': [
        { ids: ['GHSA-2222-3333-4444'], source: 'registry', range: '<1.0.1', fixed: [] },
        { ids: ['npm advisory 8'], source: 'registry', range: '*', fixed: [] },
      ],
    });
    server.advisories = undefined;
  });

  it('takes address and token from .npmrc, and a workspace’s token only when it is trusted', async () => {
    const host = server.url.replace('http:', '');
    writeFileSync(join(folder, '.npmrc'), `@s:registry=${server.url}\n${host}:_authToken=\${SECRET}\n`);
    const env = { npm_config_registry: 'http://127.0.0.1:9/', SECRET: 'hunter2' };
    sent.length = 0;
    await registry(true, env).published('@s/p');
    await registry(false, env).published('@s/p');
    assert.deepEqual(
      sent.map(({ headers }) => headers?.['authorization']),
      ['Bearer hunter2', undefined],
    );
    writeFileSync(join(folder, 'user'), `${host}:_authToken=mine\n`);
    sent.length = 0;
    await registry(false, env).published('@s/p');
    assert.equal(sent[0]?.headers?.['authorization'], 'Bearer mine');
    rmSync(join(folder, '.npmrc'));
    rmSync(join(folder, 'user'));
  });
});
