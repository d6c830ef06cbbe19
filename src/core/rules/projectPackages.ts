import type { SyntaxParser } from '../syntax/syntaxTree';
import { withSource } from './findFaults';
import type { Source } from './findFaults';
import { driverOf, modulesOf } from './sqlDrivers';

type Read = (path: string) => Promise<string | undefined>;

/**
 * The database packages that a file is likely to work with although it does not import them itself: those of the files it imports,
 * one step far; else those of the nearest package.json.
 * @param read gives the text of a workspace file, undefined when there is none
 */
export async function projectPackages(source: Source, read: Read, parser: SyntaxParser): Promise<readonly string[]> {
  const own = (await withSource(source, parser, modulesOf)) ?? [];
  const found: string[] = [];
  for (const specifier of own.filter((module) => /^\.\.?\//.test(module))) {
    const neighbour = await readModule(source.path, specifier, read);
    if (neighbour !== undefined) found.push(...((await withSource(neighbour, parser, modulesOf)) ?? []));
  }
  const near = found.filter((module) => driverOf(module) !== undefined);
  return near.length > 0 ? near : declaredPackages(source.path, read);
}

/** The file that a relative specifier names, by the extensions that Node and TypeScript try. */
async function readModule(from: string, specifier: string, read: Read): Promise<Source | undefined> {
  const path = joinPath(from.split('/').slice(0, -1), specifier);
  if (path === undefined) return undefined;
  const bare = path.replace(/\.[mc]?jsx?$/, '');
  const candidates = [
    path,
    ...['.js', '.ts', '.mjs', '.cjs', '.mts', '.cts', '.tsx', '.jsx', '/index.js', '/index.ts'].map((end) => bare + end),
  ];
  for (const candidate of candidates) {
    if (!/\.[mc]?[jt]sx?$/.test(candidate)) continue;
    const text = await read(candidate);
    if (text !== undefined) return { path: candidate, text };
  }
  return undefined;
}

/** Undefined when the path leads out of the workspace. */
function joinPath(folder: readonly string[], specifier: string): string | undefined {
  const parts = [...folder];
  for (const part of specifier.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

async function declaredPackages(path: string, read: Read): Promise<readonly string[]> {
  for (const folders = path.split('/').slice(0, -1); ; folders.pop()) {
    const text = await read([...folders, 'package.json'].join('/'));
    if (text !== undefined) return packagesOf(text);
    if (folders.length === 0) return [];
  }
}

function packagesOf(manifest: string): readonly string[] {
  try {
    const { dependencies } = JSON.parse(manifest) as { readonly dependencies?: unknown };
    return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : [];
  } catch {
    // A manifest that does not parse names no packages; the rule then says that the driver is not known.
    return [];
  }
}
