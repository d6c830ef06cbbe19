import type { ProjectFacts } from '../ports';

const testName = /(?:[._-](?:test|spec))\.(?:[cm]?[jt]s|[jt]sx)$/;

/** Which of the paths look like JavaScript or TypeScript tests, by the conventions of the four frameworks. */
export function isTestFile(path: string): boolean {
  if (!/\.(?:[cm]?[jt]s|[jt]sx)$/.test(path) || path.endsWith('.d.ts')) return false;
  if (testName.test(path)) return true;
  return (
    /(?:^|\/)(?:tests?|__tests__|spec)\//.test(path) &&
    !/(?:^|\/)(?:fixtures?|support|helpers?|tools|data|mocks?|__mocks__|workspaces)\//.test(path)
  );
}

/**
 * Where a new test goes: the policy's folder, else beside the source when that is where the tests are, else the folder that
 * holds most of them; named as the example is (`x.test.js`, `x.spec.ts`, plain `x.js` in a test folder).
 */
export function placeTest(stem: string, project: ProjectFacts): string {
  const example = project.example?.path;
  const pattern = example === undefined ? undefined : testName.exec(example)?.[0];
  const extension = /\.(?:[cm]?[jt]s|[jt]sx)$/.exec(example ?? '')?.[0] ?? (project.typescript ? '.ts' : '.js');
  // JSX is for components; what we write holds none.
  const ending = (pattern ?? (example === undefined ? `.test${extension}` : extension)).replace(/x$/, '');
  const folder = project.folder ?? 'test';
  return `${folder === '' || folder === '.' ? '' : `${folder}/`}${stem}${ending}`;
}

/** The folder for the tests of a source file, from where tests lie already. `source` is undefined for package manifests. */
export function chooseFolder(testFiles: readonly string[], source: string | undefined): string {
  const folders = testFiles.map(folderOf);
  if (source !== undefined) {
    const beside = folderOf(source);
    if (folders.includes(beside)) return beside;
    if (folders.includes(join(beside, '__tests__'))) return join(beside, '__tests__');
    // test/orders/x.test.js for src/orders/x.js: the folder under test that mirrors the source's.
    const inner = beside.split('/').slice(1).join('/');
    for (const top of ['test', 'tests', 'spec', '__tests__']) {
      if (inner !== '' && folders.includes(join(top, inner))) return join(top, inner);
    }
    const besideOthers =
      testFiles.length > 0 && testFiles.every((path) => testName.test(path) && !/(?:^|\/)(?:tests?|spec|__tests__)\//.test(path));
    if (besideOthers) return beside;
  }
  const tops = folders.filter((folder) => /(?:^|\/)(?:tests?|__tests__|spec)$/.test(folder));
  return mostCommon(tops.length > 0 ? tops : folders) ?? 'test';
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length || (a[0] < b[0] ? -1 : 1))[0]?.[0];
}
