import { posix } from 'node:path';
import { joinFolder, parentsOf, readNpmProject } from '../../core/dependencies/readNpmProject';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { Finding } from '../../core/model/finding';
import type { NoTest, RegressionTest } from '../../core/model/regressionTest';
import type { ProjectFacts, TestContext, TestFramework, TestPlan, TestWriter, Workspace } from '../../core/ports';
import { withSource } from '../../core/rules/findFaults';
import type { Source } from '../../core/rules/findFaults';
import { projectPackages } from '../../core/rules/projectPackages';
import { driverFor } from '../../core/rules/sqlDrivers';
import type { SqlDriver } from '../../core/rules/sqlDrivers';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { syntaxLanguageOf } from '../../core/syntax/syntaxTree';
import { planCommandInjection } from '../../core/testPlans/commandInjection';
import { planDependencyVersion } from '../../core/testPlans/dependencyVersion';
import { findReach } from '../../core/testPlans/findReach';
import { findSink } from '../../core/testPlans/findSink';
import { packageFolderOf, viewFolder } from '../../core/testPlans/packageFolder';
import { planPathTraversal } from '../../core/testPlans/pathTraversal';
import type { PlanContext, PlannedTest } from '../../core/testPlans/plannedTest';
import { planSkeleton } from '../../core/testPlans/skeleton';
import { planSqlInjection } from '../../core/testPlans/sqlInjection';
import { weaknessOf } from '../../core/testPlans/weakness';
import type { CodeWeakness } from '../../core/testPlans/weakness';
import { gatherProject } from './gatherProject';

/** Writes regression tests in the framework, the place and the style of the project. Nothing is written to disk. */
export function createProjectTestWriter(frameworks: readonly TestFramework[], parser: SyntaxParser): TestWriter {
  return {
    async write(finding, context) {
      const refuse = (noTest: string): NoTest => ({ findingId: finding.id, noTest });
      const weakness = weaknessOf(finding);
      if (weakness === undefined) {
        return refuse(
          `because ${finding.ruleId} names no weakness that tests can be planned for (command injection, path traversal, SQL injection, vulnerable package)`,
        );
      }
      context.onProgress?.('Looking at how the project is tested');
      const scope = await scopeOf(finding, context);
      const source = finding.locations[0]?.path;
      const project = await gatherProject(
        scope.context,
        weakness === 'vulnerable-dependency' || source === undefined ? undefined : within(scope.folder, source),
      );
      throwIfCancelled(context.signal);
      const framework = chooseFramework(frameworks, project, context.policy.test?.framework);
      const planned =
        weakness === 'vulnerable-dependency'
          ? await planVersionTest(finding, context, project, scope.folder)
          : await planCodeTest(weakness, finding, scope, project, parser);
      if ('because' in planned) return refuse(planned.because);
      return place(finding, planned, framework, project, scope, context);
    },
  };
}

/** The package that a test is written for, as if it were a project alone. */
interface Scope {
  /** Workspace folder of the package, `` for the workspace itself. */
  readonly folder: string;
  /** Its paths are relative to that folder. */
  readonly context: TestContext;
}

/** The finding's package; the workspace itself where the policy puts regression tests outside of that package. */
async function scopeOf(finding: Finding, context: TestContext): Promise<Scope> {
  const folder = await packageFolderOf(finding, (path) => context.workspace.readText(path));
  if (folder === '') return { folder, context };
  const { test } = context.policy;
  if (test?.folder === undefined) return { folder, context: { ...context, workspace: viewFolder(context.workspace, folder) } };
  const wanted = posix.normalize(test.folder);
  const scope = `${wanted}/`.startsWith(`${folder}/`) ? folder : '';
  const policy = { ...context.policy, test: { ...test, folder: within(scope, wanted) } };
  return { folder: scope, context: { ...context, policy, workspace: viewFolder(context.workspace, scope) } };
}

/** A workspace path as seen from a workspace folder. */
function within(folder: string, path: string): string {
  return folder === '' ? path : posix.relative(`/${folder}`, `/${path}`);
}

/**
 * The framework that the policy names, else the one the project uses; without any trace, Node's own, which needs no package.
 * @throws HumanError when the policy names a framework that is not known.
 */
function chooseFramework(frameworks: readonly TestFramework[], project: ProjectFacts, wanted: string | undefined): TestFramework {
  if (wanted !== undefined) {
    const named = frameworks.find((framework) => framework.id === wanted);
    if (named !== undefined) return named;
    throw new HumanError(
      `.patchline.json: test.framework “${wanted}” is not known; known are ${frameworks.map((one) => one.id).join(', ')}.`,
    );
  }
  const ranked = frameworks
    .map((framework) => ({ framework, score: framework.detect(project) }))
    .sort((a, b) => b.score - a.score);
  const best = ranked[0];
  if (best !== undefined && best.score > 0) return best.framework;
  const fallback = frameworks.find((framework) => framework.id === 'node-test') ?? best?.framework;
  if (fallback === undefined) throw new HumanError('No test framework is registered.');
  return fallback;
}

async function planVersionTest(
  finding: Finding,
  context: TestContext,
  project: ProjectFacts,
  folder: string,
): Promise<PlannedTest | { readonly because: string }> {
  const found =
    finding.package?.ecosystem === 'npm' ? await readNpmProject(context.workspace, finding.package.manifest) : undefined;
  const lock = found?.lock && { path: within(folder, found.lock.path), lockfileVersion: found.lock.tree.lockfileVersion };
  const manifest = within(folder, finding.package?.manifest ?? 'package.json');
  return planDependencyVersion(finding, manifest, context.findings ?? [], context.patch?.update?.to, lock, project.typescript);
}

async function planCodeTest(
  weakness: CodeWeakness,
  finding: Finding,
  { folder, context }: Scope,
  project: ProjectFacts,
  parser: SyntaxParser,
): Promise<PlannedTest | { readonly because: string }> {
  const location = finding.locations[0];
  if (location === undefined) return { because: 'the report names no place in the code' };
  const language = syntaxLanguageOf(location.path);
  if (language === undefined) return { because: `${location.path} is neither JavaScript nor TypeScript` };
  const path = within(folder, location.path);
  const text = await context.workspace.readText(path);
  if (text === undefined) return { because: `${location.path} is not in the workspace` };
  const plan: PlanContext = {
    findingId: finding.id,
    ruleId: finding.ruleId,
    path,
    stem: stemOf(location.path),
    typescript: project.typescript,
  };
  const at = `${location.path}${location.startLine === undefined ? '' : `:${location.startLine}`}`;
  const tree = await parser.parse(text, language);
  try {
    const sink = findSink(tree, text, location, weakness);
    if (sink === undefined) return planSkeleton(weakness, 'no call stands at the place that the report names', at, plan);
    const reach = findReach(sink, { path, tree });
    if ('because' in reach) return planSkeleton(weakness, reach.because, at, plan);
    if (weakness === 'command-injection') return planCommandInjection(reach, plan);
    if (weakness === 'sql-injection') {
      const driver = await driverOf({ path, text }, context.workspace, parser);
      const planned = planSqlInjection(reach, { ...plan, ...(driver === undefined ? {} : { driver }) });
      return 'because' in planned ? planSkeleton(weakness, planned.because, at, plan) : planned;
    }
    const files = await context.workspace.list(['**/*'], context);
    return planPathTraversal(reach, { ...plan, exampleIn: (served) => exampleIn(files, served) });
  } finally {
    tree.dispose();
  }
}

/** The one driver by which the code asks a database; undefined where it is not known, or there are several kinds. */
async function driverOf(source: Source, workspace: Workspace, parser: SyntaxParser): Promise<SqlDriver | undefined> {
  const packages = await projectPackages(source, (path) => workspace.readText(path), parser);
  const driver = await withSource({ ...source, packages }, parser, driverFor);
  return driver === 'several' ? undefined : driver;
}

/** The first plain file directly in a folder: what the code must still give out after the fix. */
function exampleIn(files: readonly string[], folder: string): { readonly name: string; readonly path: string } | undefined {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const path = files.find(
    (file) => file.startsWith(prefix) && !file.slice(prefix.length).includes('/') && /\.(?:txt|md|csv|html|json)$/.test(file),
  );
  return path === undefined ? undefined : { name: path.slice(prefix.length), path };
}

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.replace(/\.[^.]+$/, '');
}

async function place(
  finding: Finding,
  planned: PlannedTest,
  framework: TestFramework,
  project: ProjectFacts,
  { folder }: Scope,
  { workspace }: TestContext,
): Promise<RegressionTest> {
  // A test that is there already is somebody's work: another name is taken, unless it is this very text.
  for (let number = 1; ; number++) {
    const plan: TestPlan = number === 1 ? planned.plan : { ...planned.plan, stem: `${planned.plan.stem}-${number}` };
    const rendered = framework.render(plan, project);
    const { text } = rendered;
    const path = joinFolder(folder, rendered.path);
    const there = await workspace.read(path);
    if (there !== undefined && Buffer.from(there).toString('utf8') !== text) continue;
    const { strength, expectedFailure, claim } = planned;
    const command = await findRunner(rendered.command, folder, workspace);
    return {
      findingId: finding.id,
      framework: framework.id,
      path,
      text,
      command,
      ...(folder === '' ? {} : { folder }),
      strength,
      expectedFailure,
      claim,
    };
  }
}

/**
 * The command as it is run in a package's folder: a framework that is installed further up, as npm does for the members of a
 * workspace, is called from there. By the lock file where there is one, else by what is installed.
 */
async function findRunner(command: readonly string[], folder: string, workspace: Workspace): Promise<readonly string[]> {
  const at = command.findIndex((part) => part.startsWith('node_modules/'));
  const runner = command[at];
  if (folder === '' || runner === undefined) return command;
  const project = await readNpmProject(workspace, joinFolder(folder, 'package.json'));
  const locked = project?.lock?.tree.packages;
  const name = runner.split('/').slice(0, 2).join('/');
  for (const holder of [folder, ...parentsOf(folder)]) {
    const place = joinFolder(holder, name);
    const isThere =
      locked === undefined
        ? (await workspace.read(`${place}/package.json`)) !== undefined
        : locked.has(within(project?.folder ?? '', place));
    if (isThere) return command.with(at, within(folder, joinFolder(holder, runner)));
  }
  return command;
}
