import type { SuggestedFix, SuggestedReplacement } from '../model/finding';
import type { ResolveArtifact } from './artifactPath';
import { toUtf16Columns } from './columns';
import type { LineOf } from './columns';
import { asArray, asInteger, asObject, asString } from './json';
import { messageString } from './message';
import { readRegion } from './region';

/** What a fix needs of its run. */
export interface FixContext {
  readonly resolve: ResolveArtifact;
  readonly codePointLines: LineOf | undefined;
}

/** More replacements than this are no fix of one finding. */
const mostReplacements = 1000;

/**
 * The first of a result's `fixes` (§3.55; they are alternatives) that can be carried out whole: every artifactChange inside
 * the workspace, every replacement with a region and text. `onRefused` hears why one was passed over, with its index.
 */
export function readFix(
  fixes: unknown,
  run: FixContext,
  onRefused: (index: number, reason: string) => void,
): SuggestedFix | undefined {
  for (const [i, fix] of asArray(fixes).entries()) {
    const replacements = readReplacements(asObject(fix)?.['artifactChanges'], run);
    if (typeof replacements === 'string') {
      onRefused(i, replacements);
      continue;
    }
    const description = messageString(asObject(fix)?.['description']);
    return { ...(description === undefined ? {} : { description }), replacements };
  }
  return undefined;
}

/** The replacements of all changes, or why the fix cannot be taken. */
function readReplacements(changes: unknown, run: FixContext): readonly SuggestedReplacement[] | string {
  const replacements: SuggestedReplacement[] = [];
  for (const change of asArray(changes)) {
    const object = asObject(change);
    const resolved = run.resolve(object?.['artifactLocation']);
    if (resolved === undefined) return 'a change of the fix names no file';
    if ('reason' in resolved) return resolved.reason;
    if (resolved.isContainer === true) return `the fix would change a file inside of \`${resolved.path}\``;
    // A hook or a config of the repository is code that runs without anybody asking for it.
    if (/(?:^|\/)\.git(?:\/|$)/i.test(resolved.path)) return `the fix would change \`${resolved.path}\` of the repository itself`;
    for (const one of asArray(object?.['replacements'])) {
      const replacement = readReplacement(one, resolved.path, run);
      if (typeof replacement === 'string') return replacement;
      if (replacements.push(replacement) > mostReplacements) return `the fix has more than ${mostReplacements} replacements`;
    }
  }
  return replacements.length === 0 ? 'the fix replaces nothing' : replacements;
}

/** One replacement (§3.57): without `insertedContent` the region is deleted. */
function readReplacement(value: unknown, path: string, { codePointLines }: FixContext): SuggestedReplacement | string {
  const object = asObject(value);
  const deleted = asObject(object?.['deletedRegion']);
  if (deleted === undefined) return 'a replacement of the fix has no deletedRegion';
  const inserted = asObject(object?.['insertedContent']);
  const text = asString(inserted?.['text']) ?? (inserted?.['binary'] === undefined ? '' : undefined);
  if (text === undefined) return 'a replacement of the fix is binary';
  const region = readRegion(deleted);
  if (region.startLine !== undefined)
    return { path, region: codePointLines === undefined ? region : toUtf16Columns(region, path, codePointLines), text };
  const charOffset = asInteger(deleted['charOffset'], 0);
  if (charOffset !== undefined) return { path, charOffset, charLength: asInteger(deleted['charLength'], 0) ?? 0, text };
  const byteOffset = asInteger(deleted['byteOffset'], 0);
  if (byteOffset !== undefined) return { path, byteOffset, byteLength: asInteger(deleted['byteLength'], 0) ?? 0, text };
  return 'a replacement of the fix has a deletedRegion without a place';
}
