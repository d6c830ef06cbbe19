import type { Ran } from './commandLine';
import { CommandLine, fixtureRepo } from './commandLine';
import type { TestRepo } from './gitRepo';

export const report = 'reports/tiny-scan.sarif';
export const weakFile = 'src/ping.js';

/** The one JSON document that a command wrote; fails when there is anything else on standard output. */
export function documentOf<T = Readonly<Record<string, unknown>>>({ out }: Ran): T {
  return JSON.parse(out) as T;
}

/** The command line over a repository of its own with the fixture `ping-service`; set as soon as the suite's tests begin. */
export interface PingService {
  cli: CommandLine;
  repo: TestRepo;
  /** Ids of the fixture's findings: the pattern without a fix, then both commands. */
  ids: { readonly slow: string; readonly ping: string; readonly trace: string };
  run(...args: string[]): Ran;
}

/** Sets it up before the tests of the surrounding suite, and takes it away after them. */
export function usePingService(take: (service: PingService) => void): void {
  let cli: CommandLine;
  let repo: TestRepo;
  before(() => {
    cli = new CommandLine();
    repo = fixtureRepo('ping-service');
    const run = (...args: string[]): Ran => cli.run(repo.root, args);
    const { findings } = documentOf<{ findings: { id: string; locations: { path: string; startLine: number }[] }[] }>(
      run('import', report, '--json'),
    );
    const idAt = (path: string, line: number): string =>
      findings.find(({ locations: [place] }) => place?.path === path && place.startLine === line)?.id ?? 'none';
    take({ cli, repo, run, ids: { slow: idAt('src/names.js', 1), ping: idAt(weakFile, 6), trace: idAt(weakFile, 15) } });
  });
  after(() => {
    cli.dispose();
    repo.dispose();
  });
}
