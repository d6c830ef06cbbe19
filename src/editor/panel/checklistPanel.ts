import { cleanLine } from '../../core/findings/cleanText';
import type { ChecklistItem } from '../../core/pullRequest/checklist';
import type { PanelChecklistItem, PanelLink } from '../../webview/protocol';
import type { CommandId } from '../commandTable';
import { commandIds, factsOf } from '../commandTable';

/** Where what is missing can be got where the line itself does not say: by what it is about, the first that fits. */
const sources: readonly (readonly [RegExp, CommandId])[] = [
  [/triage/, 'patchline.showFinding'],
  [/change|focus/, 'patchline.generateFix'],
  [/test|scan|licen/, 'patchline.refreshDelivery'],
  [/artifact/, 'patchline.buildArtifact'],
  [/approv/, 'patchline.approve'],
  [/roll|way-back|plan|monitor|alert|metric/, 'patchline.openPolicy'],
];

/** The ready-to-deploy lines: what shows each, or what is missing and where to get it. */
export function checklistPanel(items: readonly ChecklistItem[]): readonly PanelChecklistItem[] {
  return items.map((item) => {
    const link = linkOf(item);
    return {
      text: cleanLine(item.text, 200),
      state: item.state,
      ...(item.detail === undefined ? {} : { detail: cleanLine(item.detail, 400) }),
      ...(link === undefined ? {} : { link }),
    };
  });
}

function linkOf({ id, state, command }: ChecklistItem): PanelLink | undefined {
  const named = commandIds.find((known) => known === command);
  const found = named ?? (state === 'done' ? undefined : sources.find(([about]) => about.test(id))?.[1]);
  return found === undefined ? undefined : { command: found, title: factsOf(found).title };
}
