// Builds everything that ships into dist/: `node esbuild.config.mjs [--production] [--watch]`.
// With --tests, instead: only the tests that run inside the extension host, into dist/test/.
// With --terminal DIR, instead: only what the command line needs, into that folder, so that its tests run what ships.
import { build as buildOnce, context } from 'esbuild';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { existsSync } from 'node:fs';

const production = process.argv.includes('--production');
const tests = process.argv.includes('--tests');
const watch = process.argv.includes('--watch');
const terminal = process.argv.includes('--terminal') ? process.argv[process.argv.indexOf('--terminal') + 1] : undefined;
const root = import.meta.dirname;

/** Node entries: name in dist → source. Each is a bundle of its own; an import() or require() of one in another is a require at run time. */
const entries = {
  extension: 'src/extension.ts',
  engine: 'src/adapters/engine.ts',
  features: 'src/editor/features.ts',
  ingestWorker: 'src/adapters/ingest/ingestWorker.ts',
  cvss4Calculator: 'src/core/cvss/cvss4Calculator.ts',
  cli: 'src/cli.ts',
};

/**
 * Keeps `await import('./adapters/engine')` out of the importing bundle, so that activation loads registrations only. At run time it
 * is a require: Node's import would first read the whole of the other bundle to find its format and its exports, which takes
 * longer than to run it.
 */
const lazyEntries = {
  name: 'lazy-entries',
  setup(b) {
    const byFile = new Map(Object.entries(entries).map(([name, file]) => [path.join(root, file), name]));
    b.onResolve({ filter: /^\./ }, (args) => {
      if (args.namespace === 'lazy-entry') return { path: args.path, external: true };
      if (args.kind !== 'dynamic-import' && args.kind !== 'require-call') return undefined;
      const target = path.resolve(args.resolveDir, args.path);
      const name = byFile.get(target) ?? byFile.get(`${target}.ts`);
      return name === undefined ? undefined : { path: name, namespace: 'lazy-entry' };
    });
    b.onLoad({ filter: /./, namespace: 'lazy-entry' }, (args) => ({
      contents: `module.exports = require('./${args.path}.js');`,
      loader: 'js',
    }));
  },
};

/** Builds once, or goes on building whenever a source changes. */
async function build(options) {
  if (!watch) return buildOnce(options);
  const watching = await context({ ...options, logLevel: 'info' });
  await watching.rebuild().catch(() => undefined);
  await watching.watch();
}

const common = {
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'warning',
  legalComments: 'none',
};

async function buildTests() {
  await rm(path.join(root, 'dist/test'), { recursive: true, force: true });
  const files = (await readdir(path.join(root, 'test/host'))).filter((name) => name.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: ['index.ts', ...files].map((name) => `test/host/${name}`),
    outdir: 'dist/test',
    outbase: 'test/host',
    absWorkingDir: root,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
  });
}

/** The Node entries whose source is there, among the names asked for, each as a bundle in `outdir`. */
function buildEntries(outdir, names = Object.keys(entries)) {
  const present = Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(path.join(root, file))));
  return Object.entries(present)
    .filter(([name]) => names.includes(name))
    .map(([name, file]) =>
      build({
        ...common,
        entryPoints: { [name]: file },
        outdir,
        absWorkingDir: root,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
        external: ['vscode'],
        mainFields: ['module', 'main'],
        conditions: ['node', 'require'],
        plugins: [lazyEntries],
        // ESM-only packages ask for import.meta.url; in a CommonJS bundle the file's own URL is the right answer.
        define: { 'import.meta.url': '__bundleUrl' },
        banner: {
          js: `${name === 'cli' ? '#!/usr/bin/env node\n' : ''}const __bundleUrl = require('node:url').pathToFileURL(__filename).href;`,
        },
      }),
    );
}

/** The parser's runtime and its grammars, which the bundles look for beside themselves. */
async function copyGrammars(outdir) {
  const wasm = path.join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm');
  await mkdir(path.join(outdir, 'grammars'), { recursive: true });
  for (const name of ['tree-sitter-javascript', 'tree-sitter-typescript', 'tree-sitter-tsx'])
    await cp(path.join(wasm, `${name}.wasm`), path.join(outdir, `grammars/${name}.wasm`));
  await cp(
    path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    path.join(outdir, 'grammars/web-tree-sitter.wasm'),
  );
}

async function buildTerminal(outdir) {
  await Promise.all([...buildEntries(outdir, ['cli', 'engine', 'ingestWorker', 'cvss4Calculator']), copyGrammars(outdir)]);
}

async function buildProduct() {
  if (production) await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await mkdir(path.join(root, 'dist'), { recursive: true });
  const jobs = [...buildEntries('dist'), copyGrammars(path.join(root, 'dist'))];
  if (existsSync(path.join(root, 'src/webview/panel.ts'))) {
    jobs.push(
      build({
        ...common,
        entryPoints: { panel: 'src/webview/panel.ts', dashboard: 'src/webview/dashboard.ts' },
        outdir: 'dist/webview',
        absWorkingDir: root,
        platform: 'browser',
        format: 'iife',
        target: 'es2022',
      }),
    );
  }
  await Promise.all(jobs);

  const codicons = path.join(root, 'node_modules/@vscode/codicons/dist');
  await mkdir(path.join(root, 'dist/webview'), { recursive: true });
  for (const file of ['codicon.css', 'codicon.ttf']) await cp(path.join(codicons, file), path.join(root, 'dist/webview', file));
}

await (tests ? buildTests() : terminal !== undefined ? buildTerminal(path.resolve(terminal)) : buildProduct());
