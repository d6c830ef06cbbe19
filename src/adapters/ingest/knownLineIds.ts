import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import type { ReportFile } from '../../core/ports';

/** Ids by the position of the result in the report (Witness.index). */
export type LineIds = ReadonlyMap<number, string>;

/** Reports whose ids are remembered; the ones longest unused are forgotten first. */
const mostReports = 200;
/** Hashing larger reports takes longer than the ids are worth. */
const largestReport = 64 * 1024 * 1024;
const stored = v.array(v.tuple([v.number(), v.pipe(v.string(), v.regex(/^pl-[0-9a-f]{16}$/))]));

/**
 * Ids that were given by the source as it stood when a report was first read. A report stays as it is while the source
 * moves on, by our own fixes too; read again, it must give the same findings under the same ids.
 */
export interface KnownLineIds {
  recall(file: ReportFile): Promise<LineIds | undefined>;
  remember(file: ReportFile, ids: LineIds): Promise<void>;
}

/** Kept as one small file per report, named by the SHA-256 of its bytes, in `folder`, which is made when first needed. */
export function createKnownLineIds(folder: string): KnownLineIds {
  return {
    async recall(file) {
      const path = await pathOf(folder, file);
      const text = path === undefined ? undefined : await readFile(path, 'utf8').catch(ignoreMissing);
      // A damaged file is as good as none: the ids are then given anew.
      const parsed = text === undefined ? undefined : v.safeParse(v.pipe(v.string(), v.parseJson(), stored), text);
      return parsed?.success === true ? new Map(parsed.output) : undefined;
    },
    async remember(file, ids) {
      const path = await pathOf(folder, file);
      if (path === undefined) return;
      await mkdir(folder, { recursive: true });
      await writeFile(`${path}.part`, JSON.stringify([...ids]));
      await rename(`${path}.part`, path);
      await forgetOldest(folder);
    },
  };
}

async function pathOf(folder: string, file: ReportFile): Promise<string | undefined> {
  if (file.size > largestReport) return undefined;
  const hash = createHash('sha256');
  if (file.bytes !== undefined) hash.update(file.bytes);
  else if (file.fsPath !== undefined) await pipeline(createReadStream(file.fsPath), hash);
  else return undefined;
  return join(folder, `${hash.digest('hex')}.json`);
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= mostReports) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name)).catch(ignoreMissing))?.mtimeMs ?? 0 })),
  );
  aged.sort((a, b) => a.time - b.time);
  await Promise.all(aged.slice(0, names.length - mostReports).map(({ name }) => rm(join(folder, name), { force: true })));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
