import { HumanError } from '../../core/errors';
import type { ProjectFacts, TestContext } from '../../core/ports';
import { chooseFolder, isTestFile } from '../../core/testPlans/testPlacement';

/**
 * What the project says of how it is tested: its package.json, its tests, one of them as an example (the nearest to the folder
 * where the new one goes). `source` is the workspace path of the code under test.
 * @throws HumanError when package.json is no JSON object.
 */
export async function gatherProject(context: TestContext, source: string | undefined): Promise<ProjectFacts> {
  const { workspace, policy } = context;
  const packageJson = parseObject(await workspace.readText('package.json'));
  const scripts = await workspace.list(['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'], context);
  const testFiles = scripts.filter(isTestFile);
  const folder = policy.test?.folder ?? chooseFolder(testFiles, source);
  const examplePath = testFiles.find((path) => path.startsWith(`${folder}/`)) ?? testFiles[0];
  const exampleText = examplePath === undefined ? undefined : await workspace.readText(examplePath);
  const extension = /\.([cm]?)[jt]sx?$/.exec(source ?? examplePath ?? '')?.[1];
  const moduleKind = extension === 'm' || (extension !== 'c' && packageJson['type'] === 'module') ? 'esm' : 'cjs';
  const ofTypeScript = (path: string | undefined): boolean => path !== undefined && /\.[cm]?tsx?$/.test(path);
  return {
    packageJson,
    testFiles,
    ...(examplePath === undefined || exampleText === undefined ? {} : { example: { path: examplePath, text: exampleText } }),
    moduleKind,
    typescript: examplePath === undefined ? ofTypeScript(source) : ofTypeScript(examplePath),
    folder,
  };
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new HumanError(`package.json cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HumanError('package.json is no JSON object.');
  return value as Readonly<Record<string, unknown>>;
}
