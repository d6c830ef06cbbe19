import { join } from 'node:path';
import { HumanError, throwIfCancelled } from '../../core/errors';
import { unifiedDiff } from '../../core/edits/unifiedDiff';
import { sha256Hex } from '../../core/log/digest';
import type { Patch } from '../../core/model/patch';
import type { Proof, ProofCheck } from '../../core/model/proof';
import type { RegressionTest } from '../../core/model/regressionTest';
import type { Clock, EvidenceStore, Prover, ReportReader, Task, Workspace } from '../../core/ports';
import { checkClean } from '../../core/proof/checkClean';
import { foldVerdict } from '../../core/proof/foldVerdict';
import { packageFolderOf } from '../../core/testPlans/packageFolder';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { shutdownSignal } from '../clients/process';
import { readText } from '../clients/readText';
import { checkGone, checkParse, checkRepeat, checkSuites, findSuites, runGreen, runRed } from './proofChecks';
import { installPackages } from './installPackages';
import { ProofSession } from './proofSession';
import type { Side } from './proofSession';
import { filesOf, openProofTrees, writePatch } from './proofTrees';

export interface ProverOptions {
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly parser: SyntaxParser;
  /** For reading what a scanner says when it is run again. */
  readonly readers: readonly ReportReader[];
  /** Program and first arguments of npm; undefined where it is not found. */
  readonly npm: () => readonly string[] | undefined;
  /** Folder that keeps installed packages by lock file, outside of the workspace. */
  readonly cache: string;
  /** Further runs of the test on both sides, to see whether it always says the same. */
  readonly repeat: number;
  /** Limit of one program's run. */
  readonly timeoutSeconds: number;
  /** False in Restricted Mode: then nothing of the workspace is run. */
  readonly mayRun: () => boolean;
}

/**
 * Proves a patch in two clean work trees of the last commit, one with the patch: see core/proof for the rules. The person's work
 * tree, index and branch are not touched, and the work trees are removed whatever happens.
 */
export function createWorktreeProver(options: ProverOptions): Prover {
  return {
    async prove(finding, patch, test, context) {
      if (!options.mayRun()) {
        throw new HumanError(
          'A proof runs code of the workspace, and the workspace is not trusted. Trust it first (Workspaces: Manage Workspace Trust).',
        );
      }
      // What ends every process must end the proof as well: a run that was cut off shows nothing.
      const task: Task = {
        signal: AbortSignal.any([shutdownSignal(), ...(context.signal === undefined ? [] : [context.signal])]),
        ...(context.onProgress === undefined ? {} : { onProgress: context.onProgress }),
      };
      throwIfCancelled(task.signal);
      task.onProgress?.('Checking out two clean work trees of the last commit', 0);
      const trees = await openProofTrees(context.workspace.root, task);
      try {
        const session = new ProofSession(trees, task, {
          evidence: options.evidence,
          clock: options.clock,
          timeoutMs: options.timeoutSeconds * 1000,
        });
        const checks = await makeChecks(session, patch, test, finding, context, options);
        return proofOf(finding.id, patch, test, trees.commit, checks);
      } finally {
        await trees.dispose();
      }
    },
  };
}

type ProveContext = Parameters<Prover['prove']>[3];
type ProveFinding = Parameters<Prover['prove']>[0];

function proofOf(findingId: string, patch: Patch, test: RegressionTest, base: string, checks: readonly ProofCheck[]): Proof {
  return {
    findingId,
    patchDigest: sha256Hex(unifiedDiff(patch.changes)),
    testDigest: sha256Hex(test.text),
    base,
    outcome: foldVerdict(checks.map((check) => check.outcome)),
    weaker: test.strength !== 'behaviour',
    checks,
  };
}

async function makeChecks(
  session: ProofSession,
  patch: Patch,
  test: RegressionTest,
  finding: ProveFinding,
  context: ProveContext,
  options: ProverOptions,
): Promise<readonly ProofCheck[]> {
  const checks: ProofCheck[] = [];
  const clean = await session.check('clean', 'The patch keeps to the code', 0.05, async () => {
    const verdict = checkClean(patch, test.path);
    session.note(unifiedDiff(patch.changes));
    const dirty = await uncommitted(session, context.workspace, [
      ...patch.changes.map((change) => change.path),
      ...finding.locations.map((location) => location.path),
    ]);
    if (dirty.length === 0) return verdict;
    return { ...verdict, detail: `${verdict.detail} Uncommitted changes of ${dirty.join(', ')} are not part of the proof.` };
  });
  checks.push(clean);
  // A patch that may not be is not run: it could carry a test script of its own.
  if (clean.outcome !== 'successful') return checks;
  const parse = await session.check('parse', 'What was changed still parses', 0.1, () =>
    checkParse(patch.changes, options.parser),
  );
  checks.push(parse);
  if (parse.outcome === 'failed') return checks;

  await writePatch(session.folder('patched'), patch.changes);
  const npm = options.npm();
  const packageFolder = await packageFolderOf(finding, filesOf(session.folder('base')).readText);
  const suiteFolder = context.policy.test?.suite === undefined ? packageFolder : '';
  const missing = await installPackages(session, context.workspace, test.folder ?? suiteFolder, {
    cache: options.cache,
    npm,
    timeoutMs: Math.max(options.timeoutSeconds * 1000, 300_000),
  });
  const ready = (folder: string, ...sides: readonly Side[]): void => {
    for (const side of sides) {
      const { own, root } = missing[side];
      const error = own ?? (folder === '' ? root : undefined);
      if (error !== undefined) throw error;
      if (root !== undefined)
        session.note(
          `${side === 'base' ? 'without' : 'with'} the fix, without the packages of the workspace root: ${root.message}`,
        );
    }
  };
  const testFolder = test.folder ?? '';
  await session.withFile(test.path, test.text, async () => {
    const red = await session.check('red', 'The test fails without the fix, for the stated reason', 0.25, async () => {
      session.note(test.text);
      ready(testFolder, 'base');
      return runRed(session, test);
    });
    const green = await session.check('green', 'The same test passes with the fix', 0.35, async () => {
      ready(testFolder, 'patched');
      return runGreen(session, test);
    });
    const repeat = await session.check('repeat', 'It says the same again', 0.45, async () => {
      ready(testFolder, 'base', 'patched');
      return checkRepeat(session, test, options.repeat, [red, green]);
    });
    checks.push(red, green, repeat);
  });
  checks.push(
    await session.check('suite', "The project's own tests are not worse", 0.6, async () => {
      const suites = await findSuites(session, context.policy, packageFolder);
      for (const { folder } of suites) ready(folder, 'base', 'patched');
      return checkSuites(session, suites, npm, packageFolder);
    }),
  );
  const cured = checks
    .filter((check) => check.id === 'red' || check.id === 'green')
    .every((check) => check.outcome === 'successful');
  checks.push(
    await session.check('gone', 'The finding is gone', 0.85, async () => {
      const { findings, policy } = context;
      // The lock file says it without anything being installed; scanners, which run at the root, need the packages.
      if (finding.package === undefined) ready(policy.rescan === undefined ? testFolder : '', 'base', 'patched');
      return checkGone(session, { finding, findings, policy, parser: options.parser, readers: options.readers, cured });
    }),
  );
  return checks;
}

/** Which of the files differ between the last commit and the person's folder. */
async function uncommitted(session: ProofSession, workspace: Workspace, paths: readonly string[]): Promise<readonly string[]> {
  const dirty: string[] = [];
  for (const path of new Set(paths)) {
    const committed = await readText(join(session.folder('base'), path));
    const own = await workspace.readText(path);
    if (committed !== own) dirty.push(path);
  }
  return dirty;
}
