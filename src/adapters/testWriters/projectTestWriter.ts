import { readNpmProject } from '../../core/dependencies/readNpmProject';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { Finding } from '../../core/model/finding';
import type { NoTest, RegressionTest } from '../../core/model/regressionTest';
import type { ProjectFacts, TestContext, TestFramework, TestPlan, TestWriter } from '../../core/ports';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { syntaxLanguageOf } from '../../core/syntax/syntaxTree';
import { planCommandInjection } from '../../core/testPlans/commandInjection';
import { planDependencyVersion } from '../../core/testPlans/dependencyVersion';
import { findReach } from '../../core/testPlans/findReach';
import { findSink } from '../../core/testPlans/findSink';
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
      const source = finding.locations[0]?.path;
      context.onProgress?.('Looking at how the project is tested');
      const project = await gatherProject(context, weakness === 'vulnerable-dependency' ? undefined : source);
      throwIfCancelled(context.signal);
      const framework = chooseFramework(frameworks, project, context.policy.test?.framework);
      const planned =
        weakness === 'vulnerable-dependency'
          ? await planVersionTest(finding, context, project)
          : await planCodeTest(weakness, finding, context, project, parser);
      if ('because' in planned) return refuse(planned.because);
      return place(finding, planned, framework, project, context);
    },
  };
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
): Promise<PlannedTest | { readonly because: string }> {
  const found =
    finding.package?.ecosystem === 'npm' ? await readNpmProject(context.workspace, finding.package.manifest) : undefined;
  const lock = found?.lock && { path: found.lock.path, lockfileVersion: found.lock.tree.lockfileVersion };
  return planDependencyVersion(finding, context.findings ?? [], context.patch?.update?.to, lock, project.typescript);
}

async function planCodeTest(
  weakness: CodeWeakness,
  finding: Finding,
  context: TestContext,
  project: ProjectFacts,
  parser: SyntaxParser,
): Promise<PlannedTest | { readonly because: string }> {
  const location = finding.locations[0];
  if (location === undefined) return { because: 'the report names no place in the code' };
  const language = syntaxLanguageOf(location.path);
  if (language === undefined) return { because: `${location.path} is neither JavaScript nor TypeScript` };
  const text = await context.workspace.readText(location.path);
  if (text === undefined) return { because: `${location.path} is not in the workspace` };
  const plan: PlanContext = {
    findingId: finding.id,
    ruleId: finding.ruleId,
    path: location.path,
    stem: stemOf(location.path),
    typescript: project.typescript,
  };
  const at = `${location.path}${location.startLine === undefined ? '' : `:${location.startLine}`}`;
  const tree = await parser.parse(text, language);
  try {
    const sink = findSink(tree, text, location, weakness);
    if (sink === undefined) return planSkeleton(weakness, 'no call stands at the place that the report names', at, plan);
    const reach = findReach(sink, { path: location.path, tree });
    if ('because' in reach) return planSkeleton(weakness, reach.because, at, plan);
    if (weakness === 'command-injection') return planCommandInjection(reach, plan);
    if (weakness === 'sql-injection') {
      const planned = planSqlInjection(reach, plan);
      return 'because' in planned ? planSkeleton(weakness, planned.because, at, plan) : planned;
    }
    const files = await context.workspace.list(['**/*'], context);
    return planPathTraversal(reach, { ...plan, exampleIn: (folder) => exampleIn(files, folder) });
  } finally {
    tree.dispose();
  }
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
  context: TestContext,
): Promise<RegressionTest> {
  // A test that is there already is somebody's work: another name is taken, unless it is this very text.
  for (let number = 1; ; number++) {
    const plan: TestPlan = number === 1 ? planned.plan : { ...planned.plan, stem: `${planned.plan.stem}-${number}` };
    const { path, text, command } = framework.render(plan, project);
    const there = await context.workspace.read(path);
    if (there !== undefined && Buffer.from(there).toString('utf8') !== text) continue;
    const { strength, expectedFailure, claim } = planned;
    return { findingId: finding.id, framework: framework.id, path, text, command, strength, expectedFailure, claim };
  }
}
