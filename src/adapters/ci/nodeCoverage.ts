import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { FileCoverage, TestCoverage } from '../../core/model/testReport';
import { mergeCoverage, ranParts } from '../../core/testReports/v8Coverage';

/** A document of Node's own coverage (nodejs.org/api/cli.html: NODE_V8_COVERAGE), one a process. */
const documentSchema = v.object({
  result: v.array(v.object({ url: v.string(), functions: v.unknown() })),
  'source-map-cache': v.exactOptional(v.record(v.string(), v.unknown())),
});

const offset = v.pipe(v.number(), v.integer(), v.minValue(0));
const functionsSchema = v.array(
  v.object({ ranges: v.array(v.object({ startOffset: offset, endOffset: offset, count: v.number() })) }),
);

/** Beyond these it is no measurement of a patch's tests but a burden on the machine. */
const most = { processes: 1000, bytes: 512 * 1024 * 1024, oneBytes: 64 * 1024 * 1024 };

/** Why a command is not measured; undefined where it may be. A tool that measures by itself would lose what we take. */
export function whyNotMeasured(commands: readonly string[]): string | undefined {
  const own = commands.find((text) => /\bc8\b|\bnyc\b|NODE_V8_COVERAGE|--coverage\b|experimental-test-coverage/.test(text));
  return own === undefined ? undefined : 'the command measures coverage itself';
}

/**
 * What all processes of a job ran of the workspace's own files.
 *
 * @param folder - absolute, where Node left its documents
 * @param root - absolute real path of the workspace folder in the job's work tree
 * @param isTracked - whether a path below the root is of the commit; others were made by the job
 * @returns undefined where nothing was measured: no process of Node's ended by itself, or there is too much of it
 */
export async function readNodeCoverage(
  folder: string,
  root: string,
  isTracked: (path: string) => boolean,
): Promise<TestCoverage | undefined> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (names.length > most.processes || bytes > most.bytes || sizes.some((size) => size > most.oneBytes)) return undefined;
  const seen: TestCoverage[] = [];
  for (const name of names) {
    const one = readDocument(await readFile(join(folder, name), 'utf8'), root, isTracked);
    if (one !== undefined) seen.push(one);
  }
  const all = mergeCoverage(seen);
  // A tool of the job's alone, such as npm: of the workspace nothing was seen.
  return all.files.length === 0 && !all.transformed ? undefined : all;
}

/** Undefined for a document that was cut short: a process that was killed while it wrote. */
function readDocument(text: string, root: string, isTracked: (path: string) => boolean): TestCoverage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const document = v.safeParse(documentSchema, value);
  if (!document.success) return undefined;
  const own = (url: string): string | undefined => {
    const path = pathBelow(root, url);
    return path === undefined || /(?:^|\/)(?:node_modules|\.git)\//.test(path) ? undefined : path;
  };
  let transformed = Object.keys(document.output['source-map-cache'] ?? {}).some((url) => own(url) !== undefined);
  const files: FileCoverage[] = [];
  for (const { url, functions } of document.output.result) {
    const path = own(url);
    if (path === undefined) continue;
    if (!isTracked(path)) {
      transformed = true;
      continue;
    }
    const parsed = v.safeParse(functionsSchema, functions);
    const parts = parsed.success ? ranParts(parsed.output) : undefined;
    if (parts !== undefined) files.push({ path, ...parts });
  }
  return { files, transformed };
}

function pathBelow(root: string, url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  try {
    const path = relative(root, fileURLToPath(url)).replaceAll('\\', '/');
    return path === '' || path.startsWith('../') || /^(?:[a-z]:|\/)/i.test(path) ? undefined : path;
  } catch {
    // No address of a file on this system.
    return undefined;
  }
}
