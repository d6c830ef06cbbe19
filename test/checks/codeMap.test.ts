import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readText, repositoryFiles, root } from './support';

const files = repositoryFiles();
const pages = files.filter((file) => file.endsWith('.md') && !/^test\/(fixtures|workspaces|golden)\//.test(file));

interface Packages {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Packages;

describe('the code map', () => {
  it('is there', () => {
    assert.ok(pages.includes('src/README.md'));
    assert.ok(pages.includes('README.md'));
  });

  it('links only to what exists', () => {
    let links = 0;
    const dead = pages.flatMap((page) =>
      [...readText(page).matchAll(/\]\((?!https?:|mailto:|#|command:)([^)\s#]+)/g)].flatMap(([, target]) => {
        links += 1;
        const file = path.join(root, path.dirname(page), decodeURI(target ?? ''));
        return existsSync(file) ? [] : [`${page} → ${target}`];
      }),
    );
    assert.ok(links > 0, 'no links at all: this would check nothing');
    assert.deepEqual(dead, []);
  });

  it('names every room', () => {
    const map = readText('src/README.md');
    const rooms = new Set(
      files.flatMap(
        (file) =>
          /^src\/(core|adapters|editor|webview|cli)\/(?:([^/]+)\/)?/
            .exec(file)
            ?.slice(1)
            .filter((part) => part !== undefined) ?? [],
      ),
    );
    assert.ok(rooms.size > 0);
    assert.deepEqual(
      [...rooms].filter((room) => !map.includes(room)),
      [],
    );
  });

  it('says of every package what it is for', () => {
    const map = readText('src/README.md');
    const unnamed = [...Object.keys(dependencies), ...Object.keys(devDependencies)].filter(
      (name) => !map.includes(`\`${name}\``),
    );
    assert.deepEqual(unnamed, []);
  });
});

describe('packages', () => {
  const texts = files
    .filter(
      (file) =>
        /\.(ts|mjs|cjs|json|css|html|yml)$/.test(file) &&
        !/package(-lock)?\.json$/.test(file) &&
        !/^test\/(fixtures|workspaces|golden)\//.test(file),
    )
    .map((file) => ({ file, text: readText(file) }));
  const scripts = JSON.stringify((JSON.parse(readText('package.json')) as { readonly scripts: unknown }).scripts);

  /** Brought in by name, in a path below node_modules, or by a tool's configuration. */
  const usedIn = (name: string, where: RegExp): boolean =>
    texts.some(
      ({ file, text }) =>
        where.test(file) && [`'${name}'`, `'${name}/`, `"${name}"`, `/${name}/`, `=${name}"`].some((form) => text.includes(form)),
    );

  it('of the product are used by the product', () => {
    const unused = Object.keys(dependencies).filter((name) => !usedIn(name, /^src\/|^esbuild\.config\.mjs$/));
    assert.deepEqual(unused, []);
  });

  it('of the development are used by it', () => {
    /** By the name of their program in the scripts, by what asks for them, or by their types. */
    const lint = readText('.ci/lint.mjs');
    const programs: Readonly<Record<string, string>> = {
      '@vscode/vsce': 'vsce ',
      oxfmt: 'oxfmt ',
      'oxlint-tsgolint': '--type-aware',
      typescript: 'tsc ',
    };
    const unused = Object.keys(devDependencies).filter(
      (name) => !name.startsWith('@types/') && !usedIn(name, /./) && !(scripts + lint).includes(programs[name] ?? '\0'),
    );
    assert.deepEqual(unused, []);
  });
});
