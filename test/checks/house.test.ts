import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import ts from 'typescript';
import { isOwnSource, readText, repositoryFiles, root } from './support';

const longest = 400;
const files = repositoryFiles();
const own = files.filter(isOwnSource);

interface SourceRule {
  readonly name: string;
  /** What to say of a node that breaks the rule. */
  readonly pick: (node: ts.Node) => string | undefined;
  /** Source that breaks it once. */
  readonly sample: string;
  readonly where?: RegExp;
}

/** Every place that breaks one of the rules, as `file:line what`; one walk over the file serves all of them. */
function placesOf(file: string, source: string, rules: readonly SourceRule[]): ReadonlyMap<string, readonly string[]> {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found = new Map<string, readonly string[]>(rules.map(({ name }) => [name, []]));
  const visit = (node: ts.Node): void => {
    for (const { name, pick } of rules) {
      const what = pick(node);
      const line = what === undefined ? 0 : tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (what !== undefined) found.set(name, [...(found.get(name) ?? []), `${file}:${line} ${what}`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const isAny = (node: ts.Node): string | undefined => (node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : undefined);
const isNonNull = (node: ts.Node): string | undefined => (ts.isNonNullExpression(node) ? 'non-null !' : undefined);
const isEnum = (node: ts.Node): string | undefined => (ts.isEnumDeclaration(node) ? 'enum' : undefined);
const isDefaultExport = (node: ts.Node): string | undefined => {
  const exported =
    ts.isExportAssignment(node) ||
    (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword));
  return exported === true ? 'default export' : undefined;
};
/** A file that only hands on what other files export. */
const isStarExport = (node: ts.Node): string | undefined =>
  ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && node.exportClause === undefined ? 'export *' : undefined;
/** An interface named by the old habit: `I`, then another capital and a small letter. */
const isPrefixed = (node: ts.Node): string | undefined =>
  ts.isInterfaceDeclaration(node) && /^I[A-Z][a-z]/.test(node.name.text) ? node.name.text : undefined;
/** Where VS Code would make links or icons of words from outside: only through the module that takes them out. */
const isRawMessage = (node: ts.Node): string | undefined =>
  ts.isPropertyAccessExpression(node) &&
  /^(show(Information|Warning|Error)Message|setStatusBarMessage|withProgress|showQuickPick|createQuickPick)$/.test(node.name.text)
    ? node.name.text
    : undefined;
/** A Cancel button beside work that never hears of it. */
const isDeafWork = (node: ts.Node): string | undefined => {
  if (!ts.isCallExpression(node) || !/\bwork\.run$/.test(node.expression.getText())) return undefined;
  const work = node.arguments[1];
  return work !== undefined && ts.isArrowFunction(work) && work.parameters.length === 0 ? node.getText().slice(0, 60) : undefined;
};
/** `.only` and `.skip` on mocha's functions: `this.skip()` with a spoken reason is another thing. */
const isFocused = (node: ts.Node): string | undefined =>
  ts.isPropertyAccessExpression(node) &&
  /^(describe|it|context|test)$/.test(node.expression.getText()) &&
  /^(only|skip)$/.test(node.name.text)
    ? node.getText()
    : undefined;

const sourceRules: readonly SourceRule[] = [
  { name: 'any', pick: isAny, sample: 'let x: any;' },
  { name: 'the non-null assertion', pick: isNonNull, sample: 'a!.b;', where: /^src\// },
  { name: 'enums', pick: isEnum, sample: 'enum A { B }' },
  { name: 'default exports', pick: isDefaultExport, sample: 'export default function f() {}' },
  { name: 'barrels', pick: isStarExport, sample: "export * from './x';" },
  { name: 'the I prefix', pick: isPrefixed, sample: 'interface IThing {}' },
  {
    name: 'messages past editor/messages.ts',
    pick: isRawMessage,
    sample: "vscode.window.showInformationMessage('x');",
    where: /^src\/(?!editor\/messages\.ts$)/,
  },
  {
    name: 'work.run without the signal (there is runToEnd)',
    pick: isDeafWork,
    sample: "work.run('Reading', () => read());",
    where: /^src\/editor\//,
  },
  { name: 'focused or skipped tests', pick: isFocused, sample: "it.only('x', () => {});" },
];

describe('the house', () => {
  const found = new Map<string, readonly string[]>();

  before(() => {
    const typescript = own.filter((file) => file.endsWith('.ts'));
    assert.ok(typescript.length > 0);
    for (const file of typescript) {
      const rules = sourceRules.filter(({ where }) => where === undefined || where.test(file));
      for (const [name, places] of placesOf(file, readText(file), rules))
        found.set(name, [...(found.get(name) ?? []), ...places]);
    }
  });

  for (const rule of sourceRules) {
    it(`${rule.name}: seen where they are`, () => {
      assert.equal(placesOf('sample.ts', rule.sample, [rule]).get(rule.name)?.length, 1);
    });

    it(`${rule.name}: nowhere`, () => {
      assert.deepEqual(found.get(rule.name), []);
    });
  }

  it(`no file is longer than ${longest} lines`, () => {
    const long = own
      .map((file) => ({ file, lines: readText(file).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > longest);
    assert.deepEqual(long, []);
  });

  it('nothing is left for later', () => {
    // In comments: the words also stand in formats that are read here. Put together, so that this file does not find itself.
    const later = new RegExp(
      `(//|/\\*|^\\s*\\*|<!--).*\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b|not ${'implemented'}`,
    );
    assert.match('  // TO' + 'DO: later', later);
    const found = own.flatMap((file) =>
      readText(file)
        .split('\n')
        .flatMap((line, index) => (later.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
    assert.deepEqual(found, []);
  });

  it('files carry camelCase names', () => {
    const odd = own
      .filter((file) => /^(src|test)\//.test(file))
      .filter((file) => !/\/[a-z][A-Za-z0-9]*(\.(test|e2e|config|d))?\.(ts|mjs|cjs)$/.test(file));
    assert.deepEqual(odd, []);
  });

  // Put together from parts, so that this file does not find itself.
  const named = [
    {
      name: 'a host of a package registry',
      parts: ['registry npmjs org', 'registry yarnpkg com', 'deb debian org', 'registry npmmirror com'],
      join: '\\.',
      // npm's own default has to stand in one place.
      where: ['.', ':!src/core/dependencies/npmrc.ts'],
    },
    {
      name: 'a folder of somebody’s machine',
      parts: ['work', 'tmp', 'root', 'home [a-z]+', 'Users [A-Za-z]+'].map((folder) => ` ${folder} `),
      join: '/',
      // Test data has to have made-up places in it.
      where: ['.', ':!*.test.ts', ':!test/fixtures', ':!test/golden'],
    },
  ] as const;

  for (const { name, parts, join, where } of named) {
    it(`${name} stands in no file`, () => {
      // Not as part of an address or a longer path.
      const pattern = `(^|[^A-Za-z0-9._/-])(https?://)?(${parts.map((part) => part.split(' ').join(join)).join('|')})`;
      assert.match(`see ${parts[0]?.split(' ').join(join.replaceAll('\\', ''))}`, new RegExp(pattern));
      const result = spawnSync('git', ['grep', '--untracked', '--no-color', '-nIE', pattern, '--', ...where], {
        cwd: root,
        encoding: 'utf8',
      });
      // git grep ends with 1 where it finds nothing.
      assert.ok(result.status === 0 || result.status === 1, result.stderr);
      assert.deepEqual(
        result.stdout.split('\n').filter((line) => line !== ''),
        [],
      );
    });
  }

  it('the lock file names no address to download from', () => {
    for (const lock of files.filter((file) => file.endsWith('package-lock.json') && !file.startsWith('test/fixtures/'))) {
      const { packages } = JSON.parse(readText(lock)) as {
        readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
      };
      assert.ok(Object.keys(packages).length > 0);
      assert.deepEqual(
        Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined && /^https?:/.test(resolved)),
        [],
      );
    }
  });
});
