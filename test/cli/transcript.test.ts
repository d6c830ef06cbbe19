import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandLine, fixtureRepo } from '../support/commandLine';
import type { TestRepo } from '../support/gitRepo';

const golden = fileURLToPath(new URL('../golden/run.txt', import.meta.url));
const report = 'reports/tiny-scan.sarif';

interface Entry {
  readonly n: number;
  readonly kind: string;
  readonly actor: { readonly kind: string; readonly source: string };
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * One whole way, from a scanner's report to the open pull request, as a person at the terminal sees it. What differs from run to
 * run stands as a word in angle brackets. `UPDATE_GOLDEN=1` writes the transcript anew; without it a missing one fails.
 */
describe('the transcript of one run', function () {
  this.timeout(240_000);
  let cli: CommandLine;
  let repo: TestRepo;

  before(() => {
    cli = new CommandLine();
    repo = fixtureRepo('ping-service');
  });

  after(() => {
    cli.dispose();
    repo.dispose();
  });

  it('is test/golden/run.txt', () => {
    const seen = neutral(transcript(cli, repo), repo.root);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, seen);
    assert.ok(existsSync(golden), 'test/golden/run.txt is missing; UPDATE_GOLDEN=1 writes it');
    assert.equal(seen, readFileSync(golden, 'utf8').replaceAll('\r\n', '\n'));
  });
});

function transcript(cli: CommandLine, repo: TestRepo): string {
  const parts: string[] = [
    'Patchline carries one finding from a scanner’s report to an open pull request. This is what each command of that way\n' +
      'prints, on the small service in test/fixtures/cli/ping-service. Words in <angle brackets> differ from run to run.\n',
  ];
  function heading(text: string): void {
    parts.push(`\n${'-'.repeat(100)}\n${text}\n${'-'.repeat(100)}\n\n`);
  }
  function command(title: string, ...args: string[]): string {
    heading(title);
    const { code, out, err } = cli.run(repo.root, args);
    parts.push(`$ patchline ${args.join(' ')}\n`, out);
    if (err !== '') parts.push('on standard error:\n', err.replace(/^/gm, '  ').trimEnd(), '\n');
    parts.push(`exit ${code ?? 'none'}\n`);
    return out;
  }

  const imported = command('1. What did the scanner find?', 'import', report);
  const idOf = (place: string): string => new RegExp(`${place}.* (pl-[0-9a-f]+)$`, 'm').exec(imported)?.[1] ?? 'none';
  const [ping, slow] = [idOf('src/ping\\.js:6'), idOf('src/names\\.js:1')];
  command('2. What comes first, why, whose is it, and until when?', 'triage', report);
  command('3. How would it be fixed? (git apply takes this)', 'fix', report, '--finding', ping);
  command('4. No fix is said as well, with the reason.', 'fix', report, '--finding', slow, '--json');
  command('5. Which test shows that it was weak, and no longer is?', 'test', report, '--finding', ping);
  command('6. The whole way: fix, test, proof, pull request.', 'run', report, '--finding', ping);
  assert.equal(repo.git('status', '--porcelain'), '', 'the work tree is as it was');

  const data = join(repo.root, '.git/patchline');
  heading('7. What the run log keeps, an entry a line. Each holds the hash of the one before it.');
  const log = readdirSync(join(data, 'log')).find((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name)) ?? 'none';
  const text = readFileSync(join(data, 'log', log), 'utf8').trimEnd();
  for (const line of text.split('\n')) parts.push(`${entryLine(JSON.parse(line) as Entry)}\n`);
  command('8. Is the log as it was written?', 'log', 'verify', `.git/patchline/log/${log}`);

  heading('9. The commit that the pull request is made of.');
  const branch = repo.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/patchline');
  parts.push(`${repo.git('log', '-1', '--format=branch %S%nauthor %an <%ae>%n%n%B', branch)}\n\n`);
  parts.push(`${repo.git('diff', '--stat', `main..${branch}`)}\n`);
  heading('10. The pull request, as its readers see it.');
  const pull = JSON.parse(readFileSync(join(data, 'forge/pulls/1.json'), 'utf8')) as Readonly<Record<string, string>>;
  parts.push(
    `#${pull['number'] ?? ''} ${pull['title'] ?? ''}  (${pull['branch'] ?? ''} into ${pull['base'] ?? ''}, ${pull['state'] ?? ''})\n\n`,
  );
  parts.push(`${(pull['body'] ?? '').trimEnd()}\n`);
  return parts.join('');
}

function entryLine({ n, kind, actor, body }: Entry): string {
  const by = `${actor.kind} (${actor.source})`;
  const { stage, name, attempt, outcome, summary, added, closed, unchanged, run } = body;
  const what =
    kind === 'step'
      ? `${String(stage)} · ${String(name)}, attempt ${String(attempt)}: ${String(outcome)}: ${String(summary)}`
      : kind === 'findings.imported'
        ? `${String(added)} new, ${String(closed)} closed, ${String(unchanged)} unchanged`
        : String(run);
  return `${String(n).padStart(2)}  ${kind.padEnd(17)}  ${by}  ${what}`;
}

/** Ids, digests, times, durations and folders by words; the same id is the same word throughout. */
function neutral(text: string, folder: string): string {
  const findings = new Map<string, string>();
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(folder, '<repository>')
    .replace(/(pl-|-)([0-9a-f]{16})\b/g, (_, prefix: string, id: string) => {
      const word = findings.get(id) ?? `<finding ${findings.size + 1}>`;
      findings.set(id, word);
      return prefix === 'pl-' ? word : `-${word}`;
    })
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<chain>')
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g, '<digest>')
    .replace(/`[0-9a-f]{12}`/g, '`<digest>`')
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replace(/\b20\d\d-\d\d-\d\d\b/g, '<day>')
    .replace(/\b\d+(?:\.\d+)? ?ms\b/g, '<duration>');
}
