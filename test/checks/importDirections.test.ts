import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { repositoryFiles, root } from './support';

/**
 * The directions of the architecture: `model ← core ← adapters`, `model ← webview ← editor → core`; only the two front doors
 * know adapters and the editor. Type imports count: a direction is what a reader has to know, not what runs.
 */
const frontDoor = '^src/(extension|cli)\\.ts$|^src/cli/';

const rules: IForbiddenRuleType[] = [
  { name: 'no-circular', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
  { name: 'resolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true, pathNot: '^vscode$' } },
  { name: 'model-imports-nothing', severity: 'error', from: { path: '^src/core/model/' }, to: { pathNot: '^src/core/model/' } },
  {
    name: 'core-knows-no-other-room',
    severity: 'error',
    from: { path: '^src/core/' },
    to: { path: '^src/', pathNot: '^src/core/' },
  },
  { name: 'core-is-pure', severity: 'error', from: { path: '^src/core/' }, to: { dependencyTypes: ['core'] } },
  {
    name: 'adapters-know-core-alone',
    severity: 'error',
    from: { path: '^src/adapters/' },
    to: { path: '^src/', pathNot: '^src/(core|adapters)/' },
  },
  {
    name: 'webview-knows-model-alone',
    severity: 'error',
    from: { path: '^src/webview/' },
    to: { path: '^src/', pathNot: '^src/(webview/|core/model/)' },
  },
  { name: 'webview-runs-in-a-browser', severity: 'error', from: { path: '^src/webview/' }, to: { dependencyTypes: ['core'] } },
  {
    name: 'editor-knows-core-and-the-messages-of-the-webview',
    severity: 'error',
    from: { path: '^src/editor/' },
    to: { path: '^src/', pathNot: '^src/(editor/|core/|webview/protocol\\.ts$)' },
  },
  {
    name: 'only-front-doors-know-adapters',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/adapters/|${frontDoor}` },
    to: { path: '^src/adapters/' },
  },
  {
    name: 'only-the-front-door-knows-the-editor',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(editor/|extension\\.ts$)' },
    to: { path: '^src/(editor/|extension\\.ts$)' },
  },
  { name: 'nobody-imports-a-front-door', severity: 'error', from: { path: '^src/' }, to: { path: '^src/(extension|cli)\\.ts$' } },
  {
    name: 'vscode-only-in-the-editor',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/(editor/|extension\\.ts$)' },
    to: { path: '^(node_modules/@types/)?vscode(/|$)' },
  },
  {
    name: 'source-never-imports-tests',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^test/' },
  },
  {
    name: 'only-shipped-packages',
    severity: 'error',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^(node_modules/@types/)?vscode(/|$)' },
  },
];

/** Folders of src/adapters that hold one vendor beside another. */
const portFolders = [
  ...new Set(repositoryFiles().flatMap((file) => /^src\/adapters\/([^/]+)\/[^/]+\.ts$/.exec(file)?.[1] ?? [])),
].filter((folder) => folder !== 'clients');

/** A port's folder never imports another port's: they meet in core, through ports, and in the files that put the engine together. */
const folderRules: IForbiddenRuleType[] = portFolders.map((folder) => ({
  name: `adapters-${folder}-know-no-other-port`,
  severity: 'error',
  from: { path: `^src/adapters/${folder}/` },
  to: { path: '^src/adapters/[^/]+/', pathNot: `^src/adapters/(${folder}|clients)/` },
}));

/** Bundles of their own, as esbuild.config.mjs lists them: what none of them reaches is dead. */
const bundles = [...readFileSync(path.join(root, 'esbuild.config.mjs'), 'utf8').matchAll(/'(src\/[\w/]+\.ts)'/g)].map(
  ([, file]) => file ?? '',
);
const entries = `^(${[...new Set(bundles)].map((file) => file.replace('.', '\\.')).join('|')})$`;
const reachRule: IForbiddenRuleType = {
  name: 'reached-by-a-bundle',
  severity: 'error',
  from: { path: entries },
  to: { path: '^src/', pathNot: `\\.d\\.ts$|${entries}`, reachable: false },
};

/** @param folder holds `src`; the checkout, or a small tree that breaks the rules on purpose. */
async function cruise(folder: string, forbidden: readonly IForbiddenRuleType[]): Promise<ICruiseResult> {
  const cruiser = await import('dependency-cruiser');
  const previous = process.cwd();
  process.chdir(folder);
  try {
    const { output } = await cruiser.cruise(['src'], {
      ruleSet: { forbidden: [...forbidden] },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      enhancedResolveOptions: {
        extensions: ['.ts', '.mjs', '.js', '.d.ts'],
        conditionNames: ['import', 'require', 'node', 'default', 'types'],
        exportsFields: ['exports'],
      },
    });
    if (typeof output === 'string') throw new Error('dependency-cruiser gave text where a result was asked for.');
    return output;
  } finally {
    process.chdir(previous);
  }
}

describe('import directions', function () {
  this.timeout(120_000);
  let result: ICruiseResult;

  before(async () => {
    result = await cruise(root, [...rules, ...folderRules, reachRule]);
  });

  it('sees every source file', () => {
    const seen = new Set(result.modules.map((module) => module.source));
    const missing = repositoryFiles().filter((file) => /^src\/.*\.ts$/.test(file) && !seen.has(file));
    assert.deepEqual(missing, []);
  });

  for (const rule of [...rules, ...folderRules, reachRule]) {
    it(String(rule.name), () => {
      const found = result.summary.violations
        .filter((violation) => violation.rule.name === rule.name)
        .map(({ from, to, cycle }) =>
          cycle === undefined ? `${from} → ${to}` : [from, ...cycle.map((step) => step.name)].join(' → '),
        );
      assert.deepEqual([...new Set(found)].sort(), []);
    });
  }
});

/** For each rule: files (path → what it imports) of which the first breaks it. */
const violations: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'no-circular': { 'src/core/a.ts': ['./b'], 'src/core/b.ts': ['./a'] },
  resolvable: { 'src/core/a.ts': ['./gone'] },
  'model-imports-nothing': { 'src/core/model/a.ts': ['../b'], 'src/core/b.ts': [] },
  'core-knows-no-other-room': { 'src/core/a.ts': ['../webview/b'], 'src/webview/b.ts': [] },
  'core-is-pure': { 'src/core/a.ts': ['node:fs'] },
  'adapters-know-core-alone': { 'src/adapters/x/a.ts': ['../../editor/b'], 'src/editor/b.ts': [] },
  'webview-knows-model-alone': { 'src/webview/a.ts': ['../core/b'], 'src/core/b.ts': [] },
  'webview-runs-in-a-browser': { 'src/webview/a.ts': ['node:path'] },
  'editor-knows-core-and-the-messages-of-the-webview': { 'src/editor/a.ts': ['../webview/panel'], 'src/webview/panel.ts': [] },
  'only-front-doors-know-adapters': { 'src/editor/a.ts': ['../adapters/engine'], 'src/adapters/engine.ts': [] },
  'only-the-front-door-knows-the-editor': { 'src/cli.ts': ['./editor/a'], 'src/editor/a.ts': [] },
  'nobody-imports-a-front-door': { 'src/editor/a.ts': ['../extension'], 'src/extension.ts': [] },
  'vscode-only-in-the-editor': { 'src/adapters/a.ts': ['vscode'] },
  'source-never-imports-tests': { 'src/core/a.ts': ['../../test/b'], 'test/b.ts': [] },
  'only-shipped-packages': { 'src/core/a.ts': ['some-tool'], 'node_modules/some-tool/index.js': [], 'package.json': [] },
  [String(folderRules[0]?.name)]: {
    [`src/adapters/${portFolders[0]}/a.ts`]: ['../elsewhere/b'],
    'src/adapters/elsewhere/b.ts': [],
  },
  'reached-by-a-bundle': { 'src/extension.ts': [], 'src/core/dead.ts': [] },
};

describe('the rules of the import directions', function () {
  this.timeout(120_000);

  it('all have a violation to catch', () => {
    const tried = [...rules, folderRules[0], reachRule].map((rule) => String(rule?.name));
    assert.deepEqual(Object.keys(violations).sort(), tried.sort());
  });

  for (const [name, files] of Object.entries(violations)) {
    it(`${name} is seen where it is broken`, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'patchline-directions-'));
      try {
        for (const [file, imports] of Object.entries(files)) {
          await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
          const text = file.endsWith('.json')
            ? JSON.stringify({ name: 'x', devDependencies: { 'some-tool': '1.0.0' } })
            : [...imports.map((from) => `import '${from}';`), 'export {};'].join('\n');
          await writeFile(path.join(folder, file), text);
        }
        const { summary } = await cruise(folder, [...rules, ...folderRules, reachRule]);
        assert.ok(summary.violations.some((violation) => violation.rule.name === name));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }
});
