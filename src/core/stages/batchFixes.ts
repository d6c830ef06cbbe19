import { applyEdits } from '../edits/applyEdits';
import { isCancelled, messageOf, throwIfCancelled } from '../errors';
import type { Finding } from '../model/finding';
import type { FileChange, NoFix, Patch, TextEdit } from '../model/patch';
import type { FixContext, Fixer } from '../ports';
import { overlayWorkspace, stackChanges } from '../workspaceOverlay';
import { proposePatch } from './generation';

/** What came of one finding: its own patch as if it were alone, or why there is none. */
export type BatchAnswer = Patch | NoFix;

export interface BatchFixes {
  readonly answers: readonly BatchAnswer[];
  /** All patches together, to be applied at once. */
  readonly combined: readonly FileChange[];
  /** Findings whose patch could not be combined with the others, with the reason. */
  readonly left: readonly NoFix[];
}

/**
 * Fixes many findings at once. Each gets its own patch on the workspace as it is; then the patches are put together:
 * splices of the same file side by side, and what cannot be spliced (lock files, overlapping places) is proposed again on
 * top of what is there already.
 */
export async function proposeBatch(
  findings: readonly Finding[],
  fixers: readonly Fixer[],
  context: FixContext,
): Promise<BatchFixes> {
  const answers: BatchAnswer[] = [];
  const left: NoFix[] = [];
  const splices = new Map<string, { before: string; edits: TextEdit[] }>();
  const again: Finding[] = [];
  for (const [index, finding] of findings.entries()) {
    throwIfCancelled(context.signal);
    context.onProgress?.(finding.title, index / findings.length);
    const answer = await propose(finding, fixers, context);
    answers.push(answer);
    if ('noFix' in answer) continue;
    if (!addSplices(splices, answer)) again.push(finding);
  }
  let combined: readonly FileChange[] = [...splices].map(([path, { before, edits }]) => ({
    path,
    before,
    after: applyEdits(before, edits),
    edits,
  }));
  for (const finding of again) {
    const on = { ...context, workspace: overlayWorkspace(context.workspace, combined) };
    const answer = await propose(finding, fixers, on);
    if ('noFix' in answer) {
      // One update often cures several findings of the same package: then there is nothing left to do for this one.
      if (!closedBy(finding, answers, combined)) left.push(answer);
    } else combined = stackChanges(combined, answer.changes);
  }
  return { answers, combined, left };
}

async function propose(finding: Finding, fixers: readonly Fixer[], context: FixContext): Promise<BatchAnswer> {
  try {
    return await proposePatch(finding, fixers, context);
  } catch (error) {
    if (isCancelled(error)) throw error;
    // One finding that cannot be worked on must not take the others' fixes away.
    return { findingId: finding.id, noFix: `generating it failed: ${messageOf(error)}` };
  }
}

/** True when all changes of the patch are splices that fit beside those already there; equal splices count once. */
function addSplices(splices: Map<string, { before: string; edits: TextEdit[] }>, patch: Patch): boolean {
  const fitting: { path: string; before: string; edits: readonly TextEdit[] }[] = [];
  for (const { path, before, edits } of patch.changes) {
    if (before === null || edits === undefined) return false;
    const known = splices.get(path);
    if (known !== undefined && known.before !== before) return false;
    const fresh = edits.filter((edit) => !known?.edits.some((other) => same(edit, other)));
    if (fresh.some((edit) => known?.edits.some((other) => overlaps(edit, other)))) return false;
    fitting.push({ path, before, edits: fresh });
  }
  for (const { path, before, edits } of fitting) {
    const known = splices.get(path);
    if (known === undefined) splices.set(path, { before, edits: [...edits] });
    else known.edits.push(...edits);
  }
  return true;
}

function same(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

/** Two insertions at one place overlap too: their order would be a guess. */
function overlaps(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start || (a.start < b.end && b.start < a.end);
}

function closedBy(finding: Finding, answers: readonly BatchAnswer[], combined: readonly FileChange[]): boolean {
  const own = answers.find((answer) => answer.findingId === finding.id);
  if (own === undefined || 'noFix' in own || own.update === undefined) return false;
  const { manifest, to, name } = own.update;
  const change = combined.find((candidate) => candidate.path === manifest);
  return change !== undefined && change.after.includes(`"${name}"`) && change.after.includes(to);
}
