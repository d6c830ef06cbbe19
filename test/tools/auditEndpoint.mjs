// A loopback npm registry for tests: answers npm's bulk advisory request from advisories.json and passes every other request
// on to the real registry. Some registries (mirrors, proxies) have no audit endpoint of their own.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import semver from 'semver';

const { advisories } = JSON.parse(readFileSync(new URL('advisories.json', import.meta.url), 'utf8'));

/** What the bulk endpoint says of `{ name: [version, …] }`: the advisories that hit one of the versions, by package. */
export function answerBulk(asked) {
  const answer = {};
  advisories.forEach((advisory, index) => {
    const versions = Object.hasOwn(asked, advisory.package) ? asked[advisory.package] : [];
    if (!versions.some((version) => semver.satisfies(version, advisory.vulnerable_versions, { includePrerelease: true }))) return;
    (answer[advisory.package] ??= []).push({
      id: index + 1,
      url: `https://github.com/advisories/${advisory.ghsa}`,
      title: advisory.title,
      severity: advisory.severity,
      vulnerable_versions: advisory.vulnerable_versions,
      cwe: advisory.cwe,
      cvss: advisory.cvss,
    });
  });
  return answer;
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/** Starts the endpoint on a free loopback port. @returns its address and a function that stops it. */
export async function startAuditEndpoint(registry) {
  const server = createServer(async (request, response) => {
    try {
      if (request.method === 'POST' && request.url === '/-/npm/v1/security/advisories/bulk') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answerBulk(JSON.parse((await readBody(request)).toString('utf8')))));
        return;
      }
      const target = new URL(request.url.replace(/^\//, ''), registry.endsWith('/') ? registry : `${registry}/`);
      const upstream = await fetch(target, {
        headers: { accept: request.headers.accept ?? '*/*' },
        signal: AbortSignal.timeout(60_000),
      });
      response.writeHead(upstream.status, { 'content-type': upstream.headers.get('content-type') ?? 'application/octet-stream' });
      response.end(Buffer.from(await upstream.arrayBuffer()));
    } catch (error) {
      response.writeHead(502, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
