import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import { npmCommand } from '../../../src/adapters/packageManagers/npm';
import { createWorktreeProver } from '../../../src/adapters/proof/worktreeProver';
import { npmAuditReader } from '../../../src/adapters/scanners/npmAudit';

import { sarifReader } from '../../../src/adapters/scanners/sarif';
import { nodeTest } from '../../../src/adapters/testFrameworks/nodeTest';
import { createProjectTestWriter } from '../../../src/adapters/testWriters/projectTestWriter';
import { nodeWorkspace } from '../../../src/adapters/workspace/nodeWorkspace';
import type { Finding } from '../../../src/core/model/finding';
import type { Patch } from '../../../src/core/model/patch';
import type { Policy } from '../../../src/core/model/policy';
import type { Proof } from '../../../src/core/model/proof';
import type { RegressionTest } from '../../../src/core/model/regressionTest';
import { parsePolicy } from '../../../src/core/policy/parsePolicy';
import type { TestRepo } from '../../support/gitRepo';
import { memoryEvidence } from '../../support/memoryEvidence';
import { sampleRepo } from '../../support/sampleProject';

/**
 * The sample's findings, taken from the reports that the real tools wrote, proven with fixes made here by hand: the test writer
 * and the prover alone are under test. Installs the sample's packages once (from npm's cache where they are).
 */
describe('proof of the sample project', function () {
  this.timeout(300_000);
  let repo: TestRepo;
  let root: string;
  let cache: string;
  let findings: readonly Finding[];
  let policy: Policy;
  const evidence = memoryEvidence();

  before(async () => {
    ({ repo, workspace: root } = sampleRepo('services/orders'));
    cache = mkdtempSync(join(tmpdir(), 'patchline-cache-'));
    policy = parsePolicy(readFileSync(join(root, '.patchline.json'), 'utf8'));
    const reports = [
      { reader: sarifReader, name: 'reports/eslint.sarif' },
      { reader: npmAuditReader, name: 'reports/npm-audit.json' },
    ];
    const read = await Promise.all(
      reports.map(({ reader, name }) => {
        const bytes = readFileSync(join(root, name));
        return reader.read({ name, size: bytes.length, bytes }, root);
      }),
    );
    findings = read.flatMap((report) => report.findings);
  });

  after(() => {
    rmSync(cache, { recursive: true, force: true });
    repo.dispose();
  });

  function findingOf(rule: string, path: string): Finding {
    const found = findings.find(
      (one) => (one.ruleId === rule || one.package?.name === rule) && (one.package?.manifest ?? one.locations[0]?.path) === path,
    );
    assert.ok(found, `${rule} in ${path} is not in the reports`);
    return found;
  }

  function patchOf(finding: Finding, path: string, from: string, to: string, further: Patch['changes'] = []): Patch {
    const before = readFileSync(join(root, path), 'utf8');
    assert.ok(before.includes(from), `${from} is not in ${path}`);
    const changes = [{ path, before, after: before.replace(from, () => to) }, ...further];
    return { findingId: finding.id, fixer: 'by-hand', trust: 'person', title: 'A fix', reason: 'Because.', changes, notes: [] };
  }

  async function prove(finding: Finding, patch: Patch): Promise<{ readonly proof: Proof; readonly test: RegressionTest }> {
    const workspace = nodeWorkspace(root);
    const writer = createProjectTestWriter([nodeTest], treeSitter);
    const test = await writer.write(finding, { workspace, policy, patch, findings });
    assert.ok('text' in test, 'noTest' in test ? test.noTest : '');
    const prover = createWorktreeProver({
      evidence,
      clock: { now: () => Date.now() },
      parser: treeSitter,
      readers: [sarifReader, npmAuditReader],
      npm: () => npmCommand(''),
      cache,
      repeat: 1,
      timeoutSeconds: 60,
      mayRun: () => true,
    });
    const before = repo.snapshot();
    const proof = await prover.prove(finding, patch, test, { workspace, findings, policy });
    assert.deepEqual(repo.snapshot(), before, 'the person’s repository stays as it was');
    assert.deepEqual(repo.git('worktree', 'list').split('\n').length, 1, 'no work tree is left');
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`patchline-proof-${process.pid}-`)),
      [],
    );
    return { proof, test };
  }

  const outcomes = (proof: Proof): Readonly<Record<string, string>> =>
    Object.fromEntries(proof.checks.map((check) => [check.id, check.outcome]));
  const details = (proof: Proof): string =>
    proof.checks.map((check) => `${check.id} ${check.outcome}: ${check.detail}`).join('\n');
  const all = {
    clean: 'successful',
    parse: 'successful',
    red: 'successful',
    green: 'successful',
    repeat: 'successful',
    suite: 'successful',
  };

  it('command injection: the cure is proven, by the scanner as well', async () => {
    const finding = findingOf('security/detect-child-process', 'src/diagnostics.js');
    const patch = patchOf(
      finding,
      'src/diagnostics.js',
      '    exec(`ping -c 1 -W 2 ${host}`, { timeout: 5000 }, (error, stdout, stderr) => {',
      "    execFile('ping', ['-c', '1', '-W', '2', host], { timeout: 5000 }, (error, stdout, stderr) => {",
      [],
    );
    const both = {
      ...patch,
      changes: patch.changes.map((change) => ({ ...change, after: change.after.replace('{ exec }', '{ execFile }') })),
    };
    const { proof } = await prove(finding, both);
    assert.deepEqual(outcomes(proof), { ...all, gone: 'successful' }, details(proof));
    assert.equal(proof.outcome, 'successful');
    assert.equal(proof.weaker, false);
    const red = evidence.texts.get(proof.checks.find((check) => check.id === 'red')?.evidence[0]?.digest.sha256 ?? '');
    assert.match(red ?? '', /exit code: 1[\s\S]*Patchline: command injection: the input started a command of its own/);
    assert.ok(!(red ?? '').includes(tmpdir() + '/patchline-proof'), 'evidence names no folder of this machine');
  });

  it('a fix that only filters one separator is not green', async () => {
    const finding = findingOf('security/detect-child-process', 'src/diagnostics.js');
    const patch = patchOf(finding, 'src/diagnostics.js', '-W 2 ${host}`', "-W 2 ${host.replaceAll(';', '')}`");
    const { proof } = await prove(finding, patch);
    assert.equal(outcomes(proof)['green'], 'failed', details(proof));
    assert.equal(proof.outcome, 'failed');
  });

  it('SQL injection: the cure is proven', async () => {
    const finding = findingOf('sql-template/no-unsafe-query', 'src/orders.js');
    const patch = patchOf(
      finding,
      'src/orders.js',
      "`SELECT id, customer, item, quantity, placed FROM orders WHERE customer = '${customer}' ORDER BY id`",
      "'SELECT id, customer, item, quantity, placed FROM orders WHERE customer = ? ORDER BY id', [customer]",
    );
    const { proof } = await prove(finding, patch);
    assert.deepEqual(outcomes(proof), { ...all, gone: 'successful' }, details(proof));
  });

  it('path traversal: everything but the scanner, which flags every name that is not a literal, says cured', async () => {
    const finding = findingOf('security/detect-non-literal-fs-filename', 'src/invoices.js');
    const patch = patchOf(
      finding,
      'src/invoices.js',
      '  try {\n    return await fs.readFile(path.join(INVOICES, name)',
      "  const file = path.resolve(INVOICES, name);\n  if (!file.startsWith(INVOICES + path.sep)) throw new Error('not an invoice');\n  try {\n    return await fs.readFile(file",
    );
    const { proof } = await prove(finding, patch);
    const { gone, ...rest } = outcomes(proof);
    assert.deepEqual(rest, all, details(proof));
    assert.notEqual(gone, 'successful');
    assert.match(details(proof), /still reports security\/detect-non-literal-fs-filename/);
  });

  it('dependency update: every installed copy is clean, and the proof says that it is the weaker kind', async () => {
    const finding = findingOf('json5', 'package.json');
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const integrity = 'sha512-XmOWe7eyHYH14cLdVPoyg+GOH3rYX++KpzrylJwSW98t3Nk+U8XOl8FWKOgwtzdb8lXGf6zYwDUzeHMWfxasyg==';
    const parsed = JSON.parse(lock) as {
      packages: Record<string, { version: string; integrity: string; dependencies?: Record<string, string> }>;
    };
    const entry = parsed.packages['node_modules/json5'];
    assert.ok(entry);
    const after = lock
      .replace(
        `"version": "${entry.version}",\n      "integrity": "${entry.integrity}"`,
        `"version": "2.2.3",\n      "integrity": "${integrity}"`,
      )
      .replace('"json5": "2.2.1"', '"json5": "2.2.3"');
    const patch = {
      ...patchOf(finding, 'package.json', '"json5": "2.2.1"', '"json5": "2.2.3"', [
        { path: 'package-lock.json', before: lock, after },
      ]),
      update: { name: 'json5', from: '2.2.1', to: '2.2.3', manifest: 'package.json' },
    };
    const { proof, test } = await prove(finding, patch);
    assert.equal(test.strength, 'version');
    assert.deepEqual(outcomes(proof), { ...all, gone: 'successful' }, details(proof));
    assert.equal(proof.weaker, true);
  });

  it('a manifest that says the fixed version while the lock file keeps the old one is not green', async () => {
    const finding = findingOf('minimist', 'package.json');
    const patch = patchOf(finding, 'package.json', '"minimist": "^1.2.5"', '"minimist": "^1.2.6"');
    const { proof } = await prove(finding, patch);
    assert.equal(outcomes(proof)['gone'], 'failed', details(proof));
    assert.notEqual(outcomes(proof)['green'], 'successful');
  });
});
