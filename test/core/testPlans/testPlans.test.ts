import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import type { ProjectFacts, TestPlan } from '../../../src/core/ports';
import { benignValue } from '../../../src/core/testPlans/commandInjection';
import { readModuleFacts } from '../../../src/core/testPlans/moduleFacts';
import { renderTest, specifier } from '../../../src/core/testPlans/renderTest';
import { dependsOn, loaderFlags } from '../../../src/core/testPlans/runnerFlags';
import { chooseFolder, isTestFile, placeTest } from '../../../src/core/testPlans/testPlacement';
import { applyTestStyle, readTestStyle } from '../../../src/core/testPlans/testStyle';
import { weaknessOf } from '../../../src/core/testPlans/weakness';
import { makeFinding } from '../../support/findings';

describe('what a finding is about', () => {
  const cases: readonly (readonly [ruleId: string, cwe: readonly string[], weakness: string | undefined])[] = [
    ['security/detect-child-process', [], 'command-injection'],
    ['js/command-line-injection', [], 'command-injection'],
    ['javascript.lang.security.detect-child-process.detect-child-process', [], 'command-injection'],
    ['security/detect-non-literal-fs-filename', [], 'path-traversal'],
    ['javascript.lang.security.audit.path-traversal.path-join-resolve-traversal', [], 'path-traversal'],
    ['js/path-injection', [], 'path-traversal'],
    ['sql/no-unsafe-query', [], 'sql-injection'],
    ['js/sql-injection', [], 'sql-injection'],
    ['sonarjs/sql-queries', [], 'sql-injection'],
    ['anything', ['CWE-89'], 'sql-injection'],
    ['security/detect-child-process', ['CWE-22'], 'path-traversal'],
    ['security/detect-unsafe-regex', [], undefined],
    ['no-sql-indexes', ['CWE-1'], undefined],
  ];
  for (const [ruleId, cwe, weakness] of cases) {
    it(`${ruleId} ${cwe.join()}`, () => assert.equal(weaknessOf(makeFinding({ ruleId, cwe })), weakness));
  }
});

describe('what a module exports', () => {
  const cases: readonly (readonly [code: string, exports: Readonly<Record<string, string>>])[] = [
    ['function a() {}\nmodule.exports = { a, c: b };\nconst b = () => 1;', { a: 'a', b: 'c' }],
    ['const f = () => 1; module.exports = f;', { f: '(module)' }],
    ['function a() {} exports.x = a; module.exports.y = a2;', { a: 'x', a2: 'y' }],
    ['export function a() {}\nexport const b = () => 1;\nfunction c() {}\nexport { c as d };', { a: 'a', b: 'b', c: 'd' }],
    ['export default function a() {}', { a: '(default)' }],
    ['function a() {}\nexport default a;', { a: '(default)' }],
    ['function a() {}\nexport { a as default };', { a: '(default)' }],
    ['const secret = 1;', {}],
  ];
  for (const [code, exports] of cases) {
    it(code.split('\n')[0] ?? code, async () => {
      const tree = await treeSitter.parse(code, 'javascript');
      try {
        const found = [...readModuleFacts(tree.root).exports].map(([local, as]) => [
          local,
          as.kind === 'named' ? as.name : `(${as.kind})`,
        ]);
        assert.deepEqual(Object.fromEntries(found), exports);
      } finally {
        tree.dispose();
      }
    });
  }
});

describe('where tests lie', () => {
  for (const path of ['test/a.js', 'src/a.test.ts', 'src/a.spec.mjs', 'a_test.js', 'src/__tests__/a.jsx', 'tests/x/a.ts']) {
    it(`${path} is one`, () => assert.equal(isTestFile(path), true));
  }
  for (const path of [
    'src/a.js',
    'test/fixtures/a.js',
    'test/support/a.ts',
    'src/a.test.d.ts',
    'test/readme.md',
    'src/latest.js',
  ]) {
    it(`${path} is none`, () => assert.equal(isTestFile(path), false));
  }

  const folders: readonly (readonly [tests: readonly string[], source: string | undefined, folder: string])[] = [
    [[], 'src/a.js', 'test'],
    [['test/a.test.js'], 'src/a.js', 'test'],
    [['tests/unit/a.test.js', 'tests/unit/b.test.js', 'tests/x.test.js'], 'src/a.js', 'tests'],
    [['src/b/x.test.js'], 'src/a/a.js', 'src/a'],
    [['src/a/__tests__/x.js', 'test/y.js'], 'src/a/a.js', 'src/a/__tests__'],
    [['test/orders/x.test.js', 'test/y.test.js'], 'src/orders/a.js', 'test/orders'],
    [['src/b/x.test.js'], undefined, 'src/b'],
  ];
  for (const [tests, source, folder] of folders) {
    it(`${source ?? 'a manifest'} beside ${tests.join(', ')}`, () => assert.equal(chooseFolder(tests, source), folder));
  }

  const project = (path: string | undefined, folder = 'test'): ProjectFacts => ({
    packageJson: {},
    testFiles: [],
    moduleKind: 'cjs',
    typescript: false,
    folder,
    ...(path === undefined ? {} : { example: { path, text: '' } }),
  });
  const names: readonly (readonly [example: string | undefined, placed: string])[] = [
    [undefined, 'test/x.test.js'],
    ['test/a.spec.ts', 'test/x.spec.ts'],
    ['test/a-test.mjs', 'test/x-test.mjs'],
    ['test/a.js', 'test/x.js'],
    ['test/a.test.tsx', 'test/x.test.ts'],
  ];
  for (const [example, placed] of names)
    it(`named like ${example ?? 'nothing'}`, () => assert.equal(placeTest('x', project(example)), placed));

  const specifiers: readonly (readonly [from: string, test: string, extensions: boolean, specifier: string])[] = [
    ['./src/a.js', 'test/x.test.js', false, '../src/a'],
    ['./src/a.js', 'test/x.test.js', true, '../src/a.js'],
    ['./src/a.js', 'src/x.test.js', false, './a'],
    ['./src/lib/a.ts', 'src/x.test.ts', true, './lib/a.js'],
    ['./a.mjs', 'test/deep/x.test.mjs', false, '../../a.mjs'],
    ['node:fs', 'test/x.js', true, 'node:fs'],
  ];
  for (const [from, test, extensions, result] of specifiers) {
    it(`${from} from ${test}`, () => assert.equal(specifier(from, test, { extensions }), result));
  }
});

describe('how tests are written', () => {
  it('reads quotes, indentation, semicolons and imports', () => {
    assert.deepEqual(readTestStyle("import { a } from './a.js';\n\nit('x', () => {\n    a('b');\n});\n", 'cjs'), {
      quote: "'",
      indent: '    ',
      semicolons: true,
      imports: true,
      extensions: true,
      lineEnd: '\n',
    });
    assert.deepEqual(readTestStyle('const a = require("../a")\r\n\r\nit("x", () => {\r\n\ta("b")\r\n})\r\n', 'cjs'), {
      quote: '"',
      indent: '\t',
      semicolons: false,
      imports: false,
      extensions: false,
      lineEnd: '\r\n',
    });
    assert.equal(readTestStyle(undefined, 'esm').imports, true);
  });

  const plain = { quote: "'", indent: '  ', semicolons: true, imports: false, extensions: false, lineEnd: '\n' } as const;
  const styled: readonly (readonly [name: string, style: Partial<typeof plain> | object, code: string, result: string])[] = [
    [
      'quotes',
      { quote: '"' },
      "a('x', `it's ${'b'}`, 'say \"no\"', 'a\\'b'); // don't\n",
      "a(\"x\", `it's ${'b'}`, 'say \"no\"', 'a\\'b'); // don't\n",
    ],
    [
      'no semicolons',
      { semicolons: false },
      'a();\nb(); // why\n(c)();\nfor (;;) d();\n',
      'a()\nb(); // why\n(c)()\nfor (;;) d()\n',
    ],
    ['no semicolons before comments', { semicolons: false }, 'a();\n\n// b\n/** c */\nd();\n', 'a()\n\n// b\n/** c */\nd()\n'],
    [
      'tabs',
      { indent: '\t' },
      'a(() => {\n    b();\n  /**\n   * c\n   */\n});\n',
      'a(() => {\n\t\tb();\n\t/**\n\t * c\n\t */\n});\n',
    ],
    ['CRLF', { lineEnd: '\r\n' }, 'a();\nb();\n', 'a();\r\nb();\r\n'],
  ];
  for (const [name, style, code, result] of styled) {
    it(name, () => assert.equal(applyTestStyle(code, { ...plain, ...style } as Parameters<typeof applyTestStyle>[1]), result));
  }

  it('strings mean the same in every style', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 6 }), fc.boolean(), (values, semicolons) => {
        const code = `${values.map((value, index) => `const a${index} = '${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}';`).join('\n')}\n`;
        const expression = `${values.map((_, index) => `a${index}`).join(', ')}`;
        const text = applyTestStyle(code, { ...plain, quote: '"', semicolons });
        const result: unknown = new Function(`${text}\n;return [${expression}]`)();
        assert.deepEqual(result, values);
      }),
    );
  });

  it('words from reports stay inside of their comment', () => {
    const plan: TestPlan = {
      findingId: 'f',
      title: "it's",
      stem: 'x',
      comment: 'a\nprocess.exit()\u2028process.exit()',
      imports: [],
      cases: [{ name: "'); process.exit(); ('", body: 'assert.ok(true);' }],
    };
    const facts: ProjectFacts = { packageJson: {}, testFiles: [], moduleKind: 'cjs', typescript: false };
    const text = renderTest(plan, facts, 'test/x.test.js', {
      suite: 'describe',
      test: 'it',
      pending: (name) => `it.skip(${name}, async () => {`,
    });
    const names: string[] = [];
    const run = new Function('require', 'describe', 'it', 'process', text) as (...args: readonly unknown[]) => void;
    run(
      () => ({}),
      (name: string, body: () => void) => (names.push(name), body()),
      (name: string) => names.push(name),
      { exit: () => assert.fail('ran') },
    );
    assert.deepEqual(names, ["it's", "'); process.exit(); ('"]);
  });
});

describe('what is taken from scripts', () => {
  const cases: readonly (readonly [script: string, flags: readonly string[]])[] = [
    ['node --import tsx --test', ['--import', 'tsx']],
    ['mocha -r ts-node/register test/**/*.ts', ['-r', 'ts-node/register']],
    ['node --require=./setup.js --test', ['--require=./setup.js']],
    ['mocha --require "$(rm -rf .)"', []],
    ['jest', []],
  ];
  for (const [script, flags] of cases) it(script, () => assert.deepEqual(loaderFlags(script), flags));

  it('dependencies of all kinds', () => {
    assert.equal(dependsOn({ devDependencies: { mocha: '1' } }, 'mocha'), true);
    assert.equal(dependsOn({ dependencies: {} }, 'constructor'), false);
  });

  it('harmless values look like what the name says', () => {
    assert.equal(benignValue('query.host'), '127.0.0.1');
    assert.equal(benignValue('fileName'), 'file.txt');
    assert.equal(benignValue('whatever'), 'value');
  });
});
