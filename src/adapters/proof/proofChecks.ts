import { join } from 'node:path';
import { readNpmProject } from '../../core/dependencies/readNpmProject';
import { VendorError, isHumanError } from '../../core/errors';
import type { Finding } from '../../core/model/finding';
import type { FileChange } from '../../core/model/patch';
import type { Policy } from '../../core/model/policy';
import type { RegressionTest } from '../../core/model/regressionTest';
import type { Verdict } from '../../core/proof/checkClean';
import { compareSuites } from '../../core/proof/compareSuites';
import { foldVerdict } from '../../core/proof/foldVerdict';
import { judgeGreen, judgeRed, judgeRepeat } from '../../core/proof/judgeTest';
import { judgeLock } from '../../core/proof/lockInstances';
import { compareScans, judgeGone } from '../../core/proof/rescan';
import type { RescanResult, RuleAnswer, Scan } from '../../core/proof/rescan';
import type { ReportReader } from '../../core/ports';
import { findFaults, withSource } from '../../core/rules/findFaults';
import { answerTo } from '../../core/rules/rules';
import { findBroken } from '../../core/syntax/stillParses';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { parseManifest, suiteScript } from '../../core/testPlans/packageFolder';
import type { ProofSession, Side } from './proofSession';
import { filesOf } from './proofTrees';
import { readText } from '../clients/readText';

/** What was changed still parses: a file that had no syntax error has none now. */
export async function checkParse(changes: readonly FileChange[], parser: SyntaxParser): Promise<Verdict> {
  const { broken, unread } = await findBroken(changes, parser);
  if (broken.length > 0) return { outcome: 'failed', detail: `No longer parses with the fix: ${broken.join(', ')}.` };
  if (unread.length > 0) return { outcome: 'inconclusive', detail: `Nothing here can parse ${unread.join(', ')}.` };
  return { outcome: 'successful', detail: 'What was changed still parses.' };
}

/** One run of the regression test without the fix. */
export async function runRed(session: ProofSession, test: RegressionTest): Promise<Verdict> {
  return sayWhere(judgeRed(await session.run('base', test.command, test.folder), test.expectedFailure), test.folder);
}

/** One run of the same test with the fix. */
export async function runGreen(session: ProofSession, test: RegressionTest): Promise<Verdict> {
  return sayWhere(judgeGreen(await session.run('patched', test.command, test.folder)), test.folder);
}

/** Further runs on both sides. A first run that was not as it must be cannot be confirmed by more of them. */
export async function checkRepeat(
  session: ProofSession,
  test: RegressionTest,
  times: number,
  first: readonly Verdict[],
): Promise<Verdict> {
  const unsettled = first.find((verdict) => verdict.outcome !== 'successful');
  if (unsettled !== undefined) {
    return {
      outcome: unsettled.outcome === 'failed' ? 'inconclusive' : unsettled.outcome,
      detail: `Not repeated: ${unsettled.detail}`,
    };
  }
  const base: Verdict[] = [];
  const patched: Verdict[] = [];
  for (let i = 0; i < times; i++) {
    const again = await session.onBoth((side) => (side === 'base' ? runRed(session, test) : runGreen(session, test)));
    base.push(again.base);
    patched.push(again.patched);
  }
  return judgeRepeat(base, patched);
}

/** Names the folder that a verdict is about, where it is not the workspace's own. */
function sayWhere(verdict: Verdict, folder = ''): Verdict {
  return folder === '' ? verdict : { ...verdict, detail: `In ${folder}: ${verdict.detail}` };
}

/** How the project's own tests are run. */
export interface Suite {
  readonly command: readonly string[];
  /** Workspace folder, `` for the workspace itself. */
  readonly folder: string;
}

/** The project's own tests on both sides; none of several may be worse. */
export async function checkSuites(
  session: ProofSession,
  suites: readonly Suite[],
  npm: readonly string[] | undefined,
  packageFolder: string,
): Promise<Verdict> {
  if (suites.length === 0) {
    return {
      outcome: 'inconclusive',
      detail: `The project has no tests of its own: ${packageFolder === '' ? 'package.json has' : `${packageFolder}/package.json and package.json at the workspace root have`} no test script, and the policy names no “test.suite”.`,
    };
  }
  const verdicts: Verdict[] = [];
  for (const { command, folder } of suites) {
    const { base, patched } = await session.onBoth((side) => session.run(side, withNpm(command, npm), folder));
    verdicts.push(sayWhere(compareSuites(base, patched), folder));
  }
  return { outcome: foldVerdict(verdicts.map(({ outcome }) => outcome)), detail: verdicts.map(({ detail }) => detail).join(' ') };
}

/**
 * The project's own tests: by the policy's command at the workspace root, else by the test script of the finding's package in its
 * folder and by that of the root: neither need run the other's.
 */
export async function findSuites(session: ProofSession, policy: Policy, packageFolder: string): Promise<readonly Suite[]> {
  const own = policy.test?.suite;
  if (own !== undefined && own.length > 0) return [{ command: own, folder: '' }];
  const suites: Suite[] = [];
  for (const folder of new Set([packageFolder, ''])) {
    // The base decides: the patch may not change the script, and must not get a say in it.
    const manifest = await readText(join(session.folder('base'), folder, 'package.json'));
    if (manifest !== undefined && suiteScript(parseManifest(manifest)) !== undefined)
      suites.push({ command: ['npm', 'test'], folder });
  }
  return suites;
}

function withNpm(command: readonly string[], npm: readonly string[] | undefined): readonly string[] {
  if (command[0] !== 'npm') return command;
  if (npm === undefined) throw new VendorError('npm', 'npm was not found on PATH.', { retryable: false });
  return [...npm, ...command.slice(1)];
}

export interface GoneRequest {
  readonly finding: Finding;
  readonly findings: readonly Finding[];
  readonly policy: Policy;
  readonly parser: SyntaxParser;
  readonly readers: readonly ReportReader[];
  /** The regression test was red without and green with the fix. */
  readonly cured: boolean;
}

/** Whether the finding is gone: by the lock file for packages; by our own rule and the scanner itself for code. */
export async function checkGone(session: ProofSession, request: GoneRequest): Promise<Verdict> {
  const { finding } = request;
  if (finding.package !== undefined) {
    const lock = await readLock(session.folder('patched'), finding.package.manifest);
    return judgeLock(finding, request.findings, lock);
  }
  const rule = await askRule(session, finding, request.parser);
  const rescan = await runRescan(session, request);
  return judgeGone(rule, rescan, request.cured);
}

/** The lock file that decides what the manifest's packages are: its own, or that of the root whose workspace member it is. */
async function readLock(folder: string, manifest: string): Promise<string | undefined> {
  try {
    return (await readNpmProject(filesOf(folder), manifest))?.lock?.text;
  } catch (error) {
    if (isHumanError(error)) throw new VendorError('npm', error.message, { retryable: false });
    throw error;
  }
}

/** Our own structural rule on both sides: gone when it finds fewer faults in the file than before. */
async function askRule(session: ProofSession, finding: Finding, parser: SyntaxParser): Promise<RuleAnswer> {
  const answer = answerTo(finding);
  if (answer === undefined) return undefined;
  const count = async (side: Side): Promise<number | undefined> => {
    const text = await readText(join(session.folder(side), answer.location.path));
    if (text === undefined) return 0;
    return withSource(
      { path: answer.location.path, text },
      parser,
      async (file) => (await findFaults(answer.rule, file, parser)).length,
    );
  };
  const before = await count('base');
  const after = await count('patched');
  session.note(`rule ${answer.rule.id}: ${before ?? 'no'} faults without the fix, ${after ?? 'no'} with it`);
  // What the rule did not see before, it cannot call gone.
  if (before === undefined || after === undefined || before === 0) return undefined;
  return after < before ? 'gone' : 'there';
}

async function runRescan(session: ProofSession, request: GoneRequest): Promise<RescanResult | undefined> {
  const { finding, policy } = request;
  const scanners = [finding.scanner, ...finding.witnesses.map((witness) => witness.scanner)];
  const scanner = scanners.find((name) => policy.rescan !== undefined && Object.hasOwn(policy.rescan, name));
  const entry = scanner === undefined ? undefined : policy.rescan?.[scanner];
  if (scanner === undefined || entry === undefined) return undefined;
  const reader = request.readers.find((one) => one.id === entry.format);
  if (reader === undefined) {
    throw new VendorError(scanner, `the policy's rescan names the format “${entry.format}”, which no report reader has`, {
      retryable: false,
    });
  }
  const { base, patched } = await session.onBoth((side) => scan(session, side, entry.command, reader, scanner));
  const ruleId = finding.witnesses.find((witness) => witness.scanner === scanner)?.ruleId ?? finding.ruleId;
  return compareScans(finding, ruleId, base, patched);
}

async function scan(
  session: ProofSession,
  side: Side,
  command: readonly string[],
  reader: ReportReader,
  scanner: string,
): Promise<Scan> {
  const run = await session.run(side, command);
  const bytes = Buffer.from(run.stdout);
  if (run.timedOut || bytes.length === 0) {
    throw new VendorError(
      scanner,
      `the scanner gave no report ${side === 'base' ? 'without' : 'with'} the fix (${command.join(' ')}, exit code ${run.exitCode ?? 'none'})`,
      {
        retryable: false,
      },
    );
  }
  try {
    const report = await reader.read({ name: `${scanner} again`, size: bytes.length, bytes }, session.folder(side), session.task);
    if (!report.complete)
      throw new VendorError(scanner, 'the scanner says itself that its scan did not succeed', { retryable: false });
    return { findings: report.findings.filter((one) => !one.suppressed), tool: toolOf(run.stdout) ?? report.scanner };
  } catch (error) {
    if (session.task.signal?.aborted === true || (error instanceof Error && error.name === 'VendorError')) throw error;
    throw new VendorError(
      scanner,
      `the scanner's report cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { retryable: false },
    );
  }
}

/** Name and version of the tool of a SARIF log (§3.19.8 driver). */
function toolOf(report: string): string | undefined {
  try {
    const log = JSON.parse(report) as {
      readonly runs?: readonly {
        readonly tool?: { readonly driver?: { readonly name?: unknown; readonly version?: unknown } };
      }[];
    };
    const driver = log.runs?.[0]?.tool?.driver;
    return typeof driver?.name === 'string'
      ? `${driver.name}${typeof driver.version === 'string' ? ` ${driver.version}` : ''}`
      : undefined;
  } catch {
    return undefined;
  }
}
