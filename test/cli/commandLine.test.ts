import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PingService } from '../support/pingService';
import { documentOf, report, usePingService, weakFile } from '../support/pingService';

type Json = Readonly<Record<string, unknown>>;

function assertOneLine(text: string): void {
  assert.match(text, /^[^\n]+\n$/, `one line was expected, and got: ${text}`);
}

function sarif(title: string, path: string): string {
  const physicalLocation = { artifactLocation: { uri: path }, region: { startLine: 1 } };
  const results = [{ ruleId: 'some-rule', message: { text: title }, locations: [{ physicalLocation }] }];
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'some-tool' } }, results }] });
}

describe('the command line: reading', function () {
  this.timeout(120_000);
  let cli: PingService['cli'];
  let repo: PingService['repo'];
  let ids: PingService['ids'];
  let run: PingService['run'];
  usePingService((service) => ({ cli, repo, ids, run } = service));

  describe('bad usage and unreadable input: exit 2, nothing on stdout, one line that names what is wrong', () => {
    const cases: readonly {
      readonly args: readonly string[];
      readonly says: RegExp;
      readonly files?: Readonly<Record<string, string>>;
    }[] = [
      { args: [], says: /--help/ },
      { args: ['frobnicate'], says: /no command “frobnicate”/ },
      { args: ['constructor'], says: /no command “constructor”/ },
      { args: ['import', '--frob', report], says: /--frob/ },
      { args: ['import', report, '--format'], says: /--format/ },
      { args: ['import', report, '--write'], says: /import takes no option --write/ },
      { args: ['import'], says: /name at least one report/ },
      { args: ['import', report, '--format', 'nope'], says: /"nope".*sarif.*npm-audit.*semgrep/ },
      { args: ['import', report, '--workspace', 'no-such-folder'], says: /no-such-folder: there is no such folder/ },
      { args: ['triage', report, '--workspace', 'package.json'], says: /package\.json: there is no such folder/ },
      { args: ['triage', report, '--policy', 'no-policy.json'], says: /no-policy\.json: there is no such file/ },
      { args: ['triage', report, '--policy', 'bad.json'], files: { 'bad.json': '{\n  "slaDays": }' }, says: /bad\.json:2:14: / },
      {
        args: ['triage', report, '--policy', 'bad.json'],
        files: { 'bad.json': '{ "slaDay": {} }' },
        says: /bad\.json:1:\d+: slaDay /,
      },
      { args: ['fix', report], says: /--finding ID or --all/ },
      { args: ['fix', report, '--all', '--finding', 'x'], says: /--finding ID or --all/ },
      { args: ['fix', report, '--finding', 'pl-none'], says: /no finding “pl-none”/ },
      { args: ['test', report, '--finding', 'pl-none'], says: /no finding “pl-none”/ },
      { args: ['prove', report, '--finding', 'pl-none'], says: /no finding “pl-none”/ },
      { args: ['run', report, '--all', '--forge', 'nope'], says: /no forge “nope”.*github.*local/ },
      { args: ['cvss', 'a-file'], says: /a-file/ },
      { args: ['owners'], says: /--codeowners FILE/ },
      { args: ['owners', '--codeowners', 'none'], says: /none: there is no such file/ },
      { args: ['owners', '--codeowners', 'src'], says: /src: is a folder/ },
      { args: ['log', 'verify'], says: /log verify FILE/ },
      { args: ['log', 'verify', 'none.jsonl'], says: /none\.jsonl: there is no such file/ },
      { args: ['log', 'verify', 'package.json', '--anchor', 'x'], says: /anchor/ },
      { args: ['import', 'no\u001b[31m\nsuch'], says: /such: there is no such file/ },
    ];
    for (const { args, says, files = {} } of cases) {
      it(`patchline ${args.map((arg) => JSON.stringify(arg)).join(' ')}`, () => {
        for (const [name, text] of Object.entries(files)) repo.write(name, text);
        const ran = run(...args);
        for (const name of Object.keys(files)) rmSync(join(repo.root, name));
        assert.equal(ran.code, 2);
        assert.match(ran.err, says);
        assertOneLine(ran.err);
        assert.doesNotMatch(ran.err, /\u001b|unexpected| at .*\.js:/);
        if (!ran.err.includes('such file')) assert.equal(ran.out, '');
      });
    }

    it('a broken .patchline.json is named with line and column by every command that goes by it', () => {
      const whole = repo.read('.patchline.json');
      repo.write('.patchline.json', '{\n  "slaDays": { "high": "soon" }\n}');
      try {
        for (const command of [
          ['triage', report],
          ['fix', report, '--all'],
          ['test', report, '--all'],
          ['prove', report, '--all'],
          ['run', report, '--all'],
        ]) {
          const ran = run(...command, '--json');
          assert.equal(ran.code, 2, command[0]);
          assert.equal(ran.out, '');
          assertOneLine(ran.err);
          assert.match(ran.err, /\.patchline\.json:2:\d+: slaDays\.high/);
        }
      } finally {
        repo.write('.patchline.json', whole);
      }
    });
  });

  describe('import', () => {
    it('gives one document with the findings, as the format of the command says', () => {
      const ran = run('import', report, '--json');
      assert.equal(ran.code, 0);
      assert.equal(ran.err, '');
      const { findings, rejected, stats } = documentOf<{ findings: Json[]; rejected: Json[]; stats: Json }>(ran);
      assert.deepEqual(rejected, []);
      assert.deepEqual(stats, { reports: 1, results: 3, findings: 3, suppressed: 0, passedOver: 0, rejected: 0 });
      const ping = findings.find(({ id }) => id === ids.ping);
      assert.ok(ping);
      const { id, scanner, ruleId, title, severity, locations, aliases, cwe, suppressed, witnesses } = ping;
      assert.match(String(id), /^pl-[0-9a-f]{16}$/);
      assert.deepEqual(
        { scanner, ruleId, title, severity, aliases, cwe, suppressed, witnesses },
        {
          scanner: 'tiny-scan',
          ruleId: 'command-injection',
          title: 'A value is put into the text of a shell command.',
          severity: 'high',
          aliases: [],
          cwe: ['CWE-78'],
          suppressed: false,
          witnesses: [{ scanner: 'tiny-scan', file: report, ruleId: 'command-injection', index: 1 }],
        },
      );
      assert.deepEqual(
        (locations as Json[]).map(({ path, startLine }) => ({ path, startLine })),
        [{ path: weakFile, startLine: 6 }],
      );
    });

    it('gives package, aliases and score of a dependency', () => {
      const audit = readFileSync(new URL('../fixtures/npm-audit/npm7.json', import.meta.url), 'utf8');
      repo.write('audit.json', audit);
      const { findings } = documentOf<{ findings: Json[] }>(run('import', 'audit.json', '--json'));
      rmSync(join(repo.root, 'audit.json'));
      const packages = findings.filter((finding) => finding['package'] !== undefined);
      assert.ok(packages.length > 0);
      for (const finding of packages) {
        const { purl, manifest, fixedVersions } = finding['package'] as Json;
        assert.match(String(purl), /^pkg:npm\//);
        assert.equal(manifest, 'package.json');
        assert.ok(Array.isArray(fixedVersions));
      }
      assert.ok(packages.some(({ aliases }) => (aliases as string[]).some((alias) => /^GHSA-/.test(alias))));
      const scored = packages.find(({ cvss }) => cvss !== undefined)?.['cvss'] as Json;
      assert.match(String(scored['vector']), /^CVSS:3/);
      assert.equal(typeof scored['score'], 'number');
    });

    it('reads the other reports when one is missing and one is cut off, and says so with exit 2', () => {
      repo.write('cut.sarif', repo.read(report).slice(0, 700));
      const ran = run('import', 'missing.sarif', 'cut.sarif', report, 'src', '--json');
      rmSync(join(repo.root, 'cut.sarif'));
      assert.equal(ran.code, 2);
      const { findings, rejected } = documentOf<{ findings: Json[]; rejected: { file: string; path: string; reason: string }[] }>(
        ran,
      );
      assert.equal(findings.length, 3);
      assert.deepEqual(rejected.map(({ file }) => file).sort(), ['cut.sarif', 'missing.sarif', 'src']);
      const lines = ran.err.trimEnd().split('\n');
      assert.equal(lines.length, 3);
      assert.ok(
        lines.some((line) => /^cut\.sarif: .*line \d+, column \d+/.test(line)),
        ran.err,
      );
      assert.ok(lines.some((line) => line === 'missing.sarif: there is no such file'));
    });

    it('accounts for every result, of a report that is named twice once: witnesses, passed over, rejected', () => {
      const log = JSON.parse(sarif('a', 'src/a.js')) as { runs: { results: (Json | null)[] }[] };
      const [result] = log.runs[0]?.results ?? [];
      log.runs[0]?.results.push(
        { ...result, kind: 'pass' },
        { ...result, baselineState: 'absent' },
        ...Array.from({ length: 1100 }, () => null),
      );
      repo.write('all.sarif', JSON.stringify(log));
      const ran = run('import', 'all.sarif', './all.sarif', join(repo.root, 'all.sarif'), '--json');
      rmSync(join(repo.root, 'all.sarif'));
      const { findings, stats } = documentOf<{ findings: Json[]; stats: Json }>(ran);
      assert.deepEqual(stats, { reports: 1, results: 1103, findings: 1, suppressed: 0, passedOver: 2, rejected: 1100 });
      assert.deepEqual(
        findings.map(({ witnesses }) => (witnesses as Json[]).map(({ file, index }) => ({ file, index }))),
        [[{ file: 'all.sarif', index: 0 }]],
      );
    });

    it('a hostile title or path steers no terminal', () => {
      const hostile = 'red \u001b[31m \u009b31m \u0007 \r over \u202e turned';
      repo.write('hostile.sarif', sarif(hostile, 'src/a\u001b]0;title\u0007.js'));
      const [text, json] = [run('import', 'hostile.sarif'), run('import', 'hostile.sarif', '--json')];
      rmSync(join(repo.root, 'hostile.sarif'));
      for (const ran of [text, json]) assert.doesNotMatch(ran.out + ran.err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      assert.match(text.out, /some-rule/);
      assert.equal(documentOf<{ findings: Json[] }>(json).findings.length, 1);
    });

    it('writes many findings as one document', () => {
      const one = JSON.parse(sarif('a', 'src/a.js')) as { runs: { results: Json[] }[] };
      const [first] = one.runs;
      assert.ok(first?.results[0]);
      const result = first.results[0];
      first.results = Array.from({ length: 2501 }, (_, index) => ({ ...result, ruleId: `rule-${index}` }));
      repo.write('many.sarif', JSON.stringify(one));
      const ran = run('import', 'many.sarif', '--json');
      assert.equal(documentOf<{ findings: Json[] }>(ran).findings.length, 2501);
      rmSync(join(repo.root, 'many.sarif'));
    });

    it('is quiet when its reader goes away', async function () {
      if (process.platform === 'win32') return;
      const results = Array.from(
        { length: 4000 },
        (_, index) => JSON.parse(sarif(`title ${index}`, `src/${index}.js`)) as { runs: Json[] },
      );
      repo.write('long.sarif', JSON.stringify({ version: '2.1.0', runs: results.flatMap(({ runs }) => runs) }));
      try {
        for (const json of [[], ['--json']]) {
          const child = spawn(process.execPath, [cli.file, 'import', 'long.sarif', ...json], {
            cwd: repo.root,
            env: cli.environment,
          });
          let err = '';
          child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
          child.stdout.once('data', () => child.stdout.destroy());
          const [code] = (await once(child, 'close')) as [number | null];
          assert.equal(err, '');
          assert.equal(code, 0);
        }
      } finally {
        rmSync(join(repo.root, 'long.sarif'));
      }
    });
  });

  it('triage gives priority, reasons, owner and due date, worst first', () => {
    const ran = run('triage', report, '--json');
    assert.equal(ran.code, 0);
    assert.equal(ran.err, '');
    const { findings } = documentOf<{
      findings: { id: string; priority: number; reasons: { points: number }[]; owner: string; due: string; detectedAt: string }[];
    }>(ran);
    assert.deepEqual(
      findings.map(({ priority }) => priority),
      [...findings.map(({ priority }) => priority)].sort((a, b) => b - a),
    );
    for (const { priority, reasons } of findings)
      assert.equal(
        reasons.reduce((sum, { points }) => sum + points, 0),
        priority,
      );
    const ping = findings.find(({ id }) => id === ids.ping);
    assert.equal(ping?.owner, '@example/network-team');
    assert.equal((Date.parse(ping.due) - Date.parse(ping.detectedAt)) / 86_400_000, 14);
  });

  it('triage says of a report so large that it is streamed what it says of the same one when it is small', () => {
    const small = repo.read(report);
    // Large by what stands between its members.
    const large = `{${' '.repeat(8 * 1024 * 1024)}${small.trimStart().slice(1)}`;
    const answers = [small, large].map((text) => {
      repo.write('sized.sarif', text);
      const { findings } = documentOf<{ findings: Json[] }>(run('triage', 'sized.sarif', '--json'));
      return findings.map(({ id, title, severity, locations, priority, reasons, owner }) => {
        assert.equal(typeof title, 'string');
        const places = (locations as Json[]).map(({ path, startLine }) => ({ path, startLine }));
        return { id, title, severity, places, priority, reasons, owner };
      });
    });
    rmSync(join(repo.root, 'sized.sarif'));
    assert.equal(answers[0]?.length, 3);
    assert.deepEqual(answers[1], answers[0]);
  });
});
