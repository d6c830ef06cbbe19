import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createGithubActions } from '../../../src/adapters/ci/githubActions';
import type { Change, Ci } from '../../../src/core/ports';
import type { GitHubDelivery } from '../../support/githubDelivery';
import { GitHubServer } from '../../support/githubServer';
import { makeZip } from '../../support/zip';

const head = 'a'.repeat(40);
const base = 'b'.repeat(40);
const junit = '<?xml version="1.0"?>\n<testsuites><testsuite name="s"/></testsuites>';
const change: Change = { run: 'r', number: 1, branch: 'fix', base: 'main', headCommit: head, baseCommit: base, diffHash: 'd' };

describe('checks at GitHub, what their tests left:', () => {
  let server: GitHubServer;
  let delivery: GitHubDelivery;
  let name: string;

  const ci = (): Ci =>
    createGithubActions({
      root: '/workspace',
      apiUrl: server.apiUrl,
      repository: 'octo-org/orders',
      token: async () => server.token,
      clock: { now: () => Date.parse('2026-01-05T09:00:00Z') },
      secondMs: 5,
      paceAs: name,
      paceWrites: false,
      timeoutMs: 5000,
    });
  const asked = (operation: string): number => server.calls.filter((call) => call.operation === operation).length;

  beforeEach(async () => {
    server = await GitHubServer.start();
    ({ delivery } = server);
    name = randomUUID();
  });
  afterEach(async () => {
    await server.stop();
    assert.deepEqual(server.violations, [], "every request and every answer fits GitHub's description");
  });

  it('leave JUnit documents: those of the head, or of the base’s runs that passed', async () => {
    delivery.runs.push(
      { id: 10, sha: head, suite: 10, conclusion: 'failure' },
      { id: 20, sha: base, suite: 20, conclusion: 'failure', event: 'push' },
      { id: 21, sha: base, suite: 21, workflow: 2, event: 'push' },
    );
    const zip = makeZip([
      { name: 'out/../../TEST-a.xml', content: junit },
      { name: 'coverage.xml', content: '<coverage/>' },
      { name: 'index.html', content: '<testsuites>' },
    ]);
    delivery.artifacts.push(
      { id: 1, run: 10, name: 'test-results', zip: makeZip([{ name: 'old.xml', content: junit }]) },
      { id: 2, run: 10, name: 'test-results', zip },
      { id: 3, run: 10, name: 'gone-tests', zip, expired: true },
      { id: 4, run: 10, name: 'dist', zip, size: 50_000_000 },
      { id: 5, run: 20, name: 'tests', zip },
      { id: 6, run: 21, name: 'tests', zip },
    );
    const expected = { name: 'test-results/out/../../TEST-a.xml', text: junit };
    assert.deepEqual(await ci().testDocuments(change, 'head'), [expected]);
    assert.deepEqual(await ci().testDocuments(change, 'head'), [expected]);
    assert.deepEqual(
      (await ci().testDocuments(change, 'base')).map((each) => each.name),
      ['tests/out/../../TEST-a.xml'],
    );
    assert.equal(asked('actions/download-artifact'), 2, 'each archive is fetched once');
  });

  it('say so where test results cannot be read', async () => {
    delivery.runs.push({ id: 10, sha: head, suite: 10 });
    delivery.artifacts.push({ id: 1, run: 10, name: 'junit', zip: Buffer.from('no zip') });
    await assert.rejects(ci().testDocuments(change, 'head'), /no zip archive/);
    delivery.artifacts.splice(0, 1, { id: 2, run: 10, name: 'junit', zip: Buffer.from(''), size: 1e9 });
    await assert.rejects(ci().testDocuments(change, 'head'), /“junit” is larger than the 32 MiB/);
  });

  it('bear an archive of documents whose comments never end', async () => {
    const content = '<!--'.repeat(5000);
    const zip = makeZip(Array.from({ length: 1000 }, (_, i) => ({ name: `${i}.xml`, content })));
    delivery.runs.push({ id: 10, sha: head, suite: 10 });
    delivery.artifacts.push({ id: 1, run: 10, name: 'junit', zip });
    assert.deepEqual(await ci().testDocuments(change, 'head'), []);
  });
});
