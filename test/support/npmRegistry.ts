import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** One made-up version: what its package.json holds beside name and version. */
export interface FakeVersion {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly deprecated?: string;
  readonly bundleDependencies?: readonly string[];
  readonly license?: string | Readonly<Record<string, string>>;
}

export interface FakeRegistry {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** `METHOD path` of every request, in order. */
  readonly requests: readonly string[];
  /** Answers of the bulk advisory endpoint by package; undefined: it answers 405, as mirrors do. */
  advisories: Readonly<Record<string, readonly unknown[]>> | undefined;
  close(): Promise<void>;
}

/**
 * A package registry on loopback with made-up packages, for the real npm client: packuments (short and whole), version
 * documents, tarballs with true integrity, and the bulk advisory endpoint.
 */
export async function startNpmRegistry(packages: Readonly<Record<string, readonly FakeVersion[]>>): Promise<FakeRegistry> {
  const requests: string[] = [];
  const registry = { url: '', requests, advisories: undefined as FakeRegistry['advisories'] };
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent((request.url ?? '/').slice(1).replace(/\?.*$/, ''));
    requests.push(`${request.method ?? ''} ${path}`);
    if (path === '-/npm/v1/security/advisories/bulk')
      return registry.advisories === undefined ? send(response, 405, {}) : send(response, 200, registry.advisories);
    const tarball = /^(.+)\/-\/[^/]+-(\d+\.\d+\.\d+[^/]*)\.tgz$/.exec(path);
    if (tarball !== null) {
      const found = packages[tarball[1] ?? '']?.find((each) => each.version === tarball[2]);
      if (found === undefined) return send(response, 404, { error: 'Not found' });
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      return void response.end(pack(tarball[1] ?? '', found));
    }
    const whole = packages[path];
    if (whole !== undefined) return send(response, 200, packument(registry.url, path, whole));
    const [name = '', version = ''] = /^(@[^/]+\/[^/]+|[^/]+)\/([^/]+)$/.exec(path)?.slice(1) ?? [];
    const one = packages[name]?.find((each) => each.version === version);
    if (one !== undefined) return send(response, 200, document(registry.url, name, one));
    send(response, 404, { error: 'Not found' });
  }

  return Object.assign(registry, {
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function packument(url: string, name: string, versions: readonly FakeVersion[]): Record<string, unknown> {
  return {
    name,
    'dist-tags': { latest: versions.at(-1)?.version },
    modified: '2020-01-01T00:00:00.000Z',
    time: Object.fromEntries(versions.map((each) => [each.version, '2020-01-01T00:00:00.000Z'])),
    versions: Object.fromEntries(versions.map((each) => [each.version, document(url, name, each)])),
  };
}

function document(url: string, name: string, version: FakeVersion): Record<string, unknown> {
  const file = `${name.replace(/^@[^/]+\//, '')}-${version.version}.tgz`;
  return {
    name,
    license: 'MIT',
    ...version,
    dist: { tarball: `${url}${name}/-/${file}`, integrity: integrityOf(name, version) },
  };
}

/** What the lock must hold for this version. */
export function integrityOf(name: string, version: FakeVersion): string {
  return `sha512-${createHash('sha512').update(pack(name, version)).digest('base64')}`;
}

/** A tarball with package/package.json alone (ustar; POSIX.1-1988). */
function pack(name: string, version: FakeVersion): Buffer {
  const content = Buffer.from(JSON.stringify({ name, ...version }));
  const header = Buffer.alloc(512);
  header.write('package/package.json', 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return gzipSync(Buffer.concat([header, content, padding, Buffer.alloc(1024)]), { level: 9 });
}
