import { cleanLine } from '../../core/findings/cleanText';
import type { ChecklistItem } from '../../core/pullRequest/checklist';
import type { PanelChecklistItem, PanelLink } from '../../webview/protocol';

/** Where what is missing can be got, by what the line is about; the first that fits. */
const sources: readonly (readonly [RegExp, PanelLink])[] = [
  [/triage|prioriti/, { command: 'patchline.showFinding', title: 'Show Finding' }],
  [/change|focus/, { command: 'patchline.generateFix', title: 'Review Fix' }],
  [/test/, { command: 'patchline.refreshDelivery', title: 'Read Checks Again' }],
  [/artifact/, { command: 'patchline.buildArtifact', title: 'Build Artifact' }],
  [/scan|licen/, { command: 'patchline.refreshDelivery', title: 'Read Checks Again' }],
  [/approv/, { command: 'patchline.approve', title: 'Approve…' }],
  [/roll|way-back|plan/, { command: 'patchline.openPolicy', title: 'Open Policy' }],
  [/monitor|alert|metric/, { command: 'patchline.openPolicy', title: 'Open Policy' }],
];

/** The ready-to-deploy lines, each that is not done with where to get what is missing. */
export function checklistPanel(items: readonly ChecklistItem[]): readonly PanelChecklistItem[] {
  return items.map((item) => {
    const link = item.state === 'done' ? undefined : sources.find(([about]) => about.test(item.id))?.[1];
    return {
      text: cleanLine(item.text, 200),
      state: item.state,
      ...(item.detail === undefined || item.state === 'done' ? {} : { detail: cleanLine(item.detail, 400) }),
      ...(link === undefined ? {} : { link }),
    };
  });
}
