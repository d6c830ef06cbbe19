import { folderOf, joinFolder, parentsOf } from '../dependencies/readNpmProject';
import type { Finding } from '../model/finding';
import type { Workspace } from '../ports';
import { dependsOn, testScript } from './runnerFlags';

/** Frameworks that a manifest names as packages; node:test is seen by the test script alone. */
const frameworkPackages = ['jest', 'mocha', 'vitest'] as const;

/**
 * The folder of the package that a finding is about, as workspace path (`` for the workspace itself): the nearest one at or
 * above its manifest or its file whose package.json has a test script or names a test framework. Where none does, the workspace
 * itself. Regression tests are written and run there, and its own tests are what a proof compares.
 * @param readText - text of a workspace path, undefined when there is no such file
 */
export async function packageFolderOf(finding: Finding, readText: Workspace['readText']): Promise<string> {
  const path = finding.package?.manifest ?? finding.locations[0]?.path;
  if (path === undefined) return '';
  const own = folderOf(path);
  for (const folder of [own, ...parentsOf(own)]) {
    // What is installed has test scripts too, and they are not the team's.
    if (folder === '' || folder.split('/').includes('node_modules')) continue;
    const manifest = await readText(joinFolder(folder, 'package.json'));
    if (manifest !== undefined && isTested(parseManifest(manifest))) return folder;
  }
  return '';
}

/** The script of a manifest that runs tests; undefined for the placeholder that `npm init` writes. */
export function suiteScript(manifest: Readonly<Record<string, unknown>>): string | undefined {
  const script = testScript(manifest);
  return script === undefined || /no test specified/.test(script) ? undefined : script;
}

function isTested(manifest: Readonly<Record<string, unknown>>): boolean {
  return suiteScript(manifest) !== undefined || frameworkPackages.some((name) => dependsOn(manifest, name));
}

/** What is no manifest says nothing of tests: an empty one. */
export function parseManifest(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : {};
  } catch {
    return {};
  }
}

/** The files of one folder of the workspace, by paths relative to it. `list` takes globs that begin with `**`. */
export function viewFolder(workspace: Workspace, folder: string): Workspace {
  if (folder === '') return workspace;
  return {
    root: `${workspace.root}/${folder}`,
    read: (path) => workspace.read(joinFolder(folder, path)),
    readText: (path) => workspace.readText(joinFolder(folder, path)),
    async list(globs, task) {
      const files = await workspace.list(globs, task);
      return files.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
    },
  };
}
