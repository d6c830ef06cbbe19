import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PingService } from '../support/pingService';
import { documentOf, report, usePingService, weakFile } from '../support/pingService';

type Json = Readonly<Record<string, unknown>>;

describe('the command line: fixing, proving and asking', function () {
  this.timeout(120_000);
  let cli: PingService['cli'];
  let repo: PingService['repo'];
  let ids: PingService['ids'];
  let run: PingService['run'];
  usePingService((service) => ({ cli, repo, ids, run } = service));

  describe('fix', () => {
    it('all findings of one file make one diff that git applies', () => {
      const ran = run('fix', report, '--all');
      assert.equal(ran.code, 0);
      assert.match(ran.err, new RegExp(`^${ids.slow}: no fix, because (?!because)`));
      const checked = spawnSync('git', ['apply', '--index', '-'], { cwd: repo.root, input: ran.out, encoding: 'utf8' });
      assert.equal(checked.status, 0, checked.stderr);
      const fixed = repo.read(weakFile);
      repo.git('reset', '--quiet', '--hard');
      assert.match(fixed, /execFile\('ping'/);
      assert.match(fixed, /execFile\('traceroute'/);
    });

    it('each answer holds a diff of its own, or says why there is none', () => {
      const ran = run('fix', report, '--all', '--json');
      assert.equal(ran.code, 0);
      const answers = documentOf<{ finding: string; fixer?: string; diff?: string; files?: string[]; noFix?: string }[]>(ran);
      assert.deepEqual(answers.map(({ finding }) => finding).sort(), Object.values(ids).sort());
      for (const { finding, fixer, diff = '', files, noFix } of answers) {
        if (finding === ids.slow) {
          assert.match(noFix ?? '', /^because (?!because)/);
          continue;
        }
        assert.equal(fixer, 'structural-rule');
        assert.deepEqual(files, [weakFile]);
        const checked = spawnSync('git', ['apply', '--check', '-'], { cwd: repo.root, input: diff, encoding: 'utf8' });
        assert.equal(checked.status, 0, checked.stderr);
      }
    });

    it('of a scanner’s fixes that overlap the first is made, and in text the notes of a fix are said', () => {
      const file = 'src/names.js';
      const results = ['once', 'twice'].map((text, index) => {
        const region = { startLine: index + 1, endLine: index + 3, startColumn: 1, endColumn: 1 };
        const replacements = [{ deletedRegion: region, insertedContent: { text: `// ${text}\n` } }];
        const artifactLocation = { uri: file };
        return {
          ruleId: `rule-${text}`,
          message: { text },
          locations: [{ physicalLocation: { artifactLocation, region } }],
          fixes: [{ artifactChanges: [{ artifactLocation, replacements }] }],
        };
      });
      for (const order of [results, [...results].reverse()]) {
        const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'Overlap' } }, results: order }] };
        const overlap = join(repo.root, 'reports/overlap.json');
        writeFileSync(overlap, JSON.stringify(log));
        const ran = run('fix', overlap, '--all');
        rmSync(overlap);
        assert.equal(ran.code, 0, ran.err);
        assert.match(ran.out, new RegExp(`^\\+// ${order[0]?.message.text}$`, 'm'));
        assert.doesNotMatch(ran.out, new RegExp(`^\\+// ${order[1]?.message.text}$`, 'm'));
        assert.match(ran.err, /pl-[0-9a-f]{16}: The report does not say what stood at the place/);
      }
    });

    it('one finding gives one object, and exit 1 where there is no fix', () => {
      const fixed = run('fix', report, '--finding', ids.ping, '--json');
      assert.equal(fixed.code, 0);
      assert.equal(documentOf(fixed)['finding'], ids.ping);
      const none = run('fix', report, '--finding', ids.slow, '--json');
      assert.equal(none.code, 1);
      assert.deepEqual(Object.keys(documentOf(none)), ['finding', 'noFix']);
    });

    it('--write writes what the diff says, and refuses a file that drifted', () => {
      const diff = run('fix', report, '--finding', ids.ping).out;
      const ran = run('fix', report, '--finding', ids.ping, '--write', '--json');
      assert.equal(ran.code, 0);
      const written = repo.read(weakFile);
      repo.git('checkout', '--quiet', '--', weakFile);
      spawnSync('git', ['apply', '-'], { cwd: repo.root, input: diff });
      assert.equal(written, repo.read(weakFile));
      // What the report names stands there no longer.
      const again = run('fix', report, '--finding', ids.ping, '--write', '--json');
      const { noFix } = documentOf(again);
      assert.equal(again.code, 1);
      assert.match(String(noFix), /^because /);
      assert.equal(repo.read(weakFile), written);
      repo.git('checkout', '--quiet', '--', weakFile);
    });

    it('finds the workspace from elsewhere', () => {
      const ran = cli.run('/', ['fix', join(repo.root, report), '--workspace', repo.root, '--finding', ids.ping]);
      assert.equal(ran.code, 0);
      assert.match(ran.out, /^diff --git a\/src\/ping\.js b\/src\/ping\.js\n/);
    });
  });

  describe('test', () => {
    it('two findings of one file give two tests, in one diff that git applies', () => {
      const ran = run('test', report, '--all');
      assert.equal(ran.code, 0);
      assert.match(ran.err, new RegExp(`^${ids.slow}: no test, because (?!because)`));
      const paths = [...ran.out.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, path]) => path);
      assert.equal(new Set(paths).size, 2);
      const checked = spawnSync('git', ['apply', '--check', '-'], { cwd: repo.root, input: ran.out, encoding: 'utf8' });
      assert.equal(checked.status, 0, checked.stderr);
    });

    it('gives framework, place, text and command, or says why there is none', () => {
      const made = documentOf(run('test', report, '--finding', ids.ping, '--json'));
      assert.deepEqual(
        { finding: made['finding'], framework: made['framework'], path: made['path'], command: made['command'] },
        {
          finding: ids.ping,
          framework: 'node-test',
          path: 'test/ping.command-injection.test.js',
          command: ['node', '--test', 'test/ping.command-injection.test.js'],
        },
      );
      const none = run('test', report, '--finding', ids.slow, '--json');
      assert.equal(none.code, 1);
      assert.match(String(documentOf(none)['noTest']), /^because (?!because)/);
    });

    it('--write writes a test that fails on the weak code; written again it is the same one', () => {
      const first = run('test', report, '--finding', ids.ping, '--write');
      const path = 'test/ping.command-injection.test.js';
      const text = repo.read(path);
      const second = run('test', report, '--finding', ids.ping, '--write', '--json');
      assert.deepEqual([first.code, second.code], [0, 0], second.err);
      assert.equal(documentOf(second)['path'], path);
      assert.equal(repo.read(path), text);
      const ran = spawnSync(process.execPath, ['--test', path], { cwd: repo.root, env: cli.environment, encoding: 'utf8' });
      assert.notEqual(ran.status, 0);
      rmSync(join(repo.root, path));
    });
  });

  it('prove says no with exit 1 where there is nothing to prove', () => {
    const ran = run('prove', report, '--finding', ids.slow, '--json');
    assert.equal(ran.code, 1);
    const { finding, outcome, noProof } = documentOf(ran);
    assert.deepEqual({ finding, outcome }, { finding: ids.slow, outcome: 'error' });
    assert.match(String(noProof), /^because there is no fix to prove, because no fixer/);
  });

  it('prove shows every check of a proof', () => {
    const ran = run('prove', report, '--finding', ids.ping, '--json');
    assert.equal(ran.code, 0, ran.err);
    const { finding, outcome, checks } = documentOf<{
      finding: string;
      outcome: string;
      checks: { id: string; outcome: string }[];
    }>(ran);
    assert.deepEqual({ finding, outcome }, { finding: ids.ping, outcome: 'successful' });
    assert.deepEqual(
      checks.map((check) => `${check.id} ${check.outcome}`),
      ['clean', 'parse', 'red', 'green', 'repeat', 'suite', 'gone'].map((id) => `${id} successful`),
    );
    assert.equal(repo.git('status', '--porcelain'), '');
  });

  it('cvss answers each vector on its line', () => {
    const vectors = ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'AV:N/AC:L/Au:N/C:P/I:P/A:P', 'nonsense'];
    const ran = cli.run(repo.root, ['cvss'], `${vectors.join('\r\n')}\n\n`);
    assert.equal(ran.code, 0);
    const answers = ran.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    assert.deepEqual(answers.slice(0, 2), [
      { vector: vectors[0], version: '3.1', baseScore: 9.8, severity: 'critical' },
      { vector: vectors[1], version: '2.0', baseScore: 7.5, severity: 'high' },
    ]);
    assert.deepEqual(Object.keys(answers[2] ?? {}), ['vector', 'error']);
  });

  it('owners answers each path on its line', () => {
    const ran = cli.run(repo.root, ['owners', '--codeowners', '.github/CODEOWNERS'], `${weakFile}\n./README.md\n`);
    assert.equal(ran.code, 0);
    assert.equal(ran.out, `{"path":"${weakFile}","owners":["@example/network-team"]}\n{"path":"./README.md","owners":[]}\n`);
  });

  it('providers lists every adapter of the registry', () => {
    const list = documentOf<Json[]>(run('providers', '--json'));
    for (const one of list) assert.deepEqual(Object.keys(one).sort(), ['capabilities', 'displayName', 'id', 'port', 'url']);
    const named = new Set(list.map(({ port, id }) => `${String(port)}/${String(id)}`));
    assert.equal(named.size, list.length);
    for (const expected of ['scanners/sarif', 'scanners/npm-audit', 'scanners/semgrep', 'forges/github', 'forges/local'])
      assert.ok(named.has(expected), expected);
  });

  it('log verify tells an intact chain from an altered one', () => {
    const folder = join(repo.root, '.git/patchline/log');
    run('run', report, '--finding', ids.slow);
    const chain = spawnSync('sh', ['-c', 'ls | grep -v private | grep jsonl'], { cwd: folder, encoding: 'utf8' }).stdout.trim();
    const file = join(folder, chain);
    const intact = run('log', 'verify', file, '--json');
    assert.equal(intact.code, 0);
    assert.equal(documentOf(intact)['kind'], 'intact');
    const text = readFileSync(file, 'utf8');
    const copy = join(repo.root, 'copy.jsonl');
    writeFileSync(copy, text);
    assert.equal(documentOf(run('log', 'verify', copy, '--json'))['kind'], 'intact');
    writeFileSync(copy, text.replace('"rejected":0', '"rejected":1'));
    const altered = run('log', 'verify', copy, '--json');
    rmSync(copy);
    assert.equal(altered.code, 1);
    const { kind, n } = documentOf(altered);
    assert.deepEqual({ kind, n }, { kind: 'altered', n: 1 });
  });

  it('run says no with exit 1 where a finding has no fix, in one document', () => {
    const ran = run('run', report, '--finding', ids.slow, '--json');
    assert.equal(ran.code, 1);
    const { outcome, runs } = documentOf<{ outcome: string; runs: Json[] }>(ran);
    assert.equal(outcome, 'failed');
    assert.equal(runs[0]?.['finding'], ids.slow);
    assert.match(String(runs[0]['because']), /no fixer/);
  });

  it('a finding keeps its id and its clock when another scanner reports it as well', () => {
    run('run', report, '--finding', ids.slow);
    const triaged = (...reports: string[]) =>
      documentOf<{ findings: Json[] }>(run('triage', ...reports, '--json')).findings.map(
        ({ id, detectedAt, due }) => `${String(id)} ${String(detectedAt)} ${String(due)}`,
      );
    const alone = triaged(report);
    for (const name of ['Alpha', 'Zeta', 'Other', 'One more']) {
      const second = join(repo.root, 'reports/second.sarif');
      const log = JSON.parse(repo.read(report)) as { runs: { tool: { driver: { name: string } } }[] };
      for (const { tool } of log.runs) tool.driver.name = name;
      writeFileSync(second, JSON.stringify(log));
      const both = triaged(report, second);
      const fixed = run('fix', report, second, '--finding', ids.ping, '--json');
      rmSync(second);
      assert.deepEqual(both.sort(), [...alone].sort(), name);
      assert.equal(fixed.code, 0, fixed.err);
    }
  });

  it('help and version are answers', () => {
    for (const args of [['--help'], ['fix', '--help'], ['--version']]) {
      const ran = run(...args);
      assert.equal(ran.code, 0);
      assert.equal(ran.err, '');
      assert.match(ran.out, /^patchline/);
    }
  });
});
