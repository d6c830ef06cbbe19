import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { treeSitter } from '../../../src/adapters/clients/treeSitter';
import type { SyntaxLanguage } from '../../../src/core/syntax/syntaxTree';

describe('treeSitter', () => {
  const texts: readonly [SyntaxLanguage, string][] = [
    ['javascript', '\uFEFFconst é = <a href={x}>😀</a>;\r\nexec(`ls ${dir}`);\r\n'],
    ['typescript', 'export const run = async <T,>(name: string): Promise<T> => (await exec(name)) as T;\n'],
    ['tsx', 'const A = ({ n }: { n: string }) => <b>{n as string}</b>;\n'],
  ];
  for (const [language, text] of texts)
    it(`parses ${language}, offsets in UTF-16`, async () => {
      const tree = await treeSitter.parse(text, language);
      try {
        assert.equal(tree.root.hasError, false);
        assert.equal(tree.root.endIndex, text.length);
        const at = text.lastIndexOf('n');
        const node = tree.root.descendantForIndex(at, at + 1);
        assert.equal(node?.text, text.slice(node?.startIndex, node?.endIndex));
      } finally {
        tree.dispose();
      }
    });

  it('says where a text does not parse', async () => {
    const tree = await treeSitter.parse('function (', 'javascript');
    assert.equal(tree.root.hasError, true);
    tree.dispose();
  });

  it('parses many texts at once, each with its own grammar', async () => {
    const trees = await Promise.all(
      Array.from({ length: 30 }, (_, i) => treeSitter.parse(`let a${i}: T = <b/>;`, i % 2 === 0 ? 'tsx' : 'javascript')),
    );
    trees.forEach((tree, i) => {
      assert.equal(tree.root.hasError, i % 2 === 1);
      tree.dispose();
    });
  });

  it('works in a CommonJS bundle with the grammars beside it, away from node_modules', async function () {
    this.timeout(60_000);
    const root = path.resolve(import.meta.dirname, '../../..');
    const folder = mkdtempSync(path.join(tmpdir(), 'patchline-bundle-'));
    try {
      writeFileSync(
        path.join(folder, 'probe.ts'),
        `import { treeSitter } from ${JSON.stringify(path.join(root, 'src/adapters/clients/treeSitter'))};
void treeSitter.parse('const a: string = "x";', 'typescript').then((tree) => console.log(tree.root.type, tree.root.hasError));`,
      );
      // The options of esbuild.config.mjs for everything that runs in Node.
      await build({
        entryPoints: [path.join(folder, 'probe.ts')],
        outfile: path.join(folder, 'out/probe.js'),
        absWorkingDir: root,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
        mainFields: ['module', 'main'],
        conditions: ['node', 'require'],
        define: { 'import.meta.url': '__bundleUrl' },
        banner: { js: `const __bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
        logLevel: 'error',
      });
      mkdirSync(path.join(folder, 'out/grammars'));
      cpSync(
        path.join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm/tree-sitter-typescript.wasm'),
        path.join(folder, 'out/grammars/tree-sitter-typescript.wasm'),
      );
      cpSync(
        path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'),
        path.join(folder, 'out/grammars/web-tree-sitter.wasm'),
      );
      const output = execFileSync(process.execPath, [path.join(folder, 'out/probe.js')], { cwd: folder, encoding: 'utf8' });
      assert.equal(output.trim(), 'program false');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
