import { combineChanges } from '../edits/combineChanges';
import { overlayWorkspace } from '../edits/overlayWorkspace';
import { isCancelled, messageOf, throwIfCancelled } from '../errors';
import type { Finding } from '../model/finding';
import type { FileChange, NoFix, Patch } from '../model/patch';
import type { FixContext, Fixer } from '../ports';
import { isNoFix, proposePatch } from './generation';

export interface BatchFixes {
  /** What came of each finding: its own patch as if it were alone, or why there is none. */
  readonly answers: readonly (Patch | NoFix)[];
  /** All patches together, to be applied at once. */
  readonly combined: readonly FileChange[];
  /** Findings whose patch could not be put together with the others, with the reason. */
  readonly left: readonly NoFix[];
}

/**
 * Fixes many findings at once. Each gets its own patch on the workspace as it is; one update that closes several findings is
 * made once. Then the patches are put together, and what does not go beside the others (lock files) is proposed again on
 * top of what is there already.
 */
export async function proposeBatch(
  findings: readonly Finding[],
  fixers: readonly Fixer[],
  context: FixContext,
): Promise<BatchFixes> {
  const answers: (Patch | NoFix)[] = [];
  const made = new Set<string>();
  for (const [index, finding] of findings.entries()) {
    throwIfCancelled(context.signal);
    context.onProgress?.(finding.title, index / findings.length);
    const shared = answers.find((answer): answer is Patch => !isNoFix(answer) && answer.closes?.includes(finding.id) === true);
    if (shared === undefined) made.add(finding.id);
    answers.push(shared === undefined ? await propose(finding, fixers, context) : { ...shared, findingId: finding.id });
  }
  const patches = answers.filter((answer): answer is Patch => !isNoFix(answer) && made.has(answer.findingId));
  const beside = combineChanges(patches.map(({ findingId, changes }) => ({ id: findingId, changes })));
  let combined = beside.changes;
  const left: NoFix[] = [];
  for (const { id, because } of beside.skipped) {
    const finding = findings.find((candidate) => candidate.id === id);
    if (finding === undefined) continue;
    // A scanner's edits are of the text that it saw: on top of others that touch the same characters they mean something else.
    if (patches.find((patch) => patch.findingId === id)?.trust === 'scanner') {
      left.push({ findingId: id, noFix: because });
      continue;
    }
    const answer = await propose(finding, fixers, { ...context, workspace: overlayWorkspace(context.workspace, combined) });
    const joined = isNoFix(answer)
      ? undefined
      : combineChanges([
          { id: 'before', changes: combined },
          { id, changes: answer.changes },
        ]);
    if (joined === undefined || joined.skipped.length > 0)
      left.push({ findingId: id, noFix: joined?.skipped[0]?.because ?? because });
    else combined = joined.changes;
  }
  return { answers, combined, left };
}

async function propose(finding: Finding, fixers: readonly Fixer[], context: FixContext): Promise<Patch | NoFix> {
  try {
    return await proposePatch(finding, fixers, context);
  } catch (error) {
    if (isCancelled(error)) throw error;
    // One finding that cannot be worked on must not take the others' fixes away.
    return { findingId: finding.id, noFix: `generating it failed: ${messageOf(error)}` };
  }
}
