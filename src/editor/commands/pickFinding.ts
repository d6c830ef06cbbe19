import * as vscode from 'vscode';
import { CancelledError, HumanError } from '../../core/errors';
import type { TriagedFinding } from '../../core/model/triage';
import type { Patchline } from '../../core/patchline';
import { bandTitles, severityIcons } from '../findings/findingWords';
import { cleanLine } from '../../core/findings/cleanText';
import type { PlainItem } from '../messages';
import { pickOne } from '../messages';
import type { FeatureContext } from './featureContext';
import { findingIdIn, findingIdsIn } from './findingIds';

type PickContext = Pick<FeatureContext, 'services' | 'views' | 'diagnostics' | 'imports' | 'panel' | 'review' | 'look'>;

/** Offered in the picker at most; typing narrows them. */
const offered = 1000;

/**
 * The findings a command is about: those named by its arguments, else several selected rows, else that of the panel or the review
 * in front, else the selected row, else the one at the cursor (before the row where the cursor was moved since), else the one the
 * person picks from a list. @throws CancelledError when the list was closed, HumanError when there is none.
 */
export async function pickFindings(
  args: readonly unknown[],
  context: PickContext,
  title: string,
): Promise<readonly TriagedFinding[]> {
  await context.imports.first();
  const engine = await context.services.patchline();
  let ids = findingIdsIn(args);
  if (ids.length === 0) {
    const selected = findingIdsIn([undefined, context.views.findings.visible ? context.views.findings.selection : []]);
    const inFront = context.panel.active() ?? context.review.active();
    const atCursor = context.diagnostics.atCursor();
    const movedOn = atCursor !== undefined && context.look.inEditor();
    // A click on one row leaves the panel or the review; only rows that were added to others can be selected after it came to the front.
    if (selected.length > 1) ids = selected;
    else if (inFront !== undefined) ids = [inFront];
    else if (selected.length === 1 && !movedOn) ids = selected;
    else ids = [atCursor ?? (await pickFromList(engine, title))];
  }
  return ids.map((id) => findingOf(engine, id));
}

/** As `pickFindings`, for commands that take one: the clicked row, else the first. */
export async function pickFinding(args: readonly unknown[], context: PickContext, title: string): Promise<TriagedFinding> {
  const clicked = findingIdIn(args);
  const [first] = await pickFindings(clicked === undefined ? args : [clicked], context, title);
  if (first === undefined) throw new CancelledError();
  return first;
}

/** A finding by its id, also when it is fixed and only its run still knows it. @throws HumanError when nothing knows it. */
export function findingOf(engine: Patchline, id: string): TriagedFinding {
  const finding = engine.findings.get(id) ?? engine.runs.forFinding(id)?.finding;
  if (finding === undefined) {
    throw new HumanError(
      'This finding is no longer there: a newer report does not have it. Refresh the findings to see what is.',
    );
  }
  return finding;
}

async function pickFromList(engine: Patchline, title: string): Promise<string> {
  const rows = engine.findings.rows(undefined, 0, offered);
  if (rows.length === 0) throw new HumanError('There is no finding yet. Import a scanner report first.');
  const items: (PlainItem & { readonly id?: string })[] = [];
  let band: string | undefined;
  for (const row of rows) {
    if (row.band !== band) items.push({ label: bandTitles[row.band], kind: vscode.QuickPickItemKind.Separator });
    band = row.band;
    items.push({
      id: row.id,
      icon: severityIcons[row.severity].icon,
      label: cleanLine(row.title),
      description: cleanLine(row.where),
      detail: cleanLine(`${row.severity} · ${row.scanner} · ${row.ruleId} · priority ${row.priority}`),
    });
  }
  const placeHolder =
    engine.findings.count > offered
      ? `The ${offered} most urgent of ${engine.findings.count} findings`
      : 'Type to narrow the list';
  const picked = await pickOne(items, { title, placeHolder, matchOnDescription: true, matchOnDetail: true });
  if (picked?.id === undefined) throw new CancelledError();
  return picked.id;
}
