import * as vscode from 'vscode';
import type { Approver } from '../../core/delivery';
import { CancelledError, HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { CommandHandlers } from '../commandTable';
import { approvalLabel } from '../delivery/deliveryWords';
import { offer } from '../guard';
import type { FeatureContext } from './featureContext';
import { confirm, pickDelivery } from './pickDelivery';
import type { PlainItem } from '../messages';
import { pickOne, showInformation } from '../messages';

/** Signing off. */
export function approvalCommands(context: FeatureContext): Pick<CommandHandlers, 'patchline.approve'> {
  const { work } = context;
  return {
    'patchline.approve': async (...args) => {
      const { engine, findingId, name, state } = await pickDelivery(args, context, 'Approve which patch?', 'approve');
      const approver = await pickApprover(await engine.delivery.approvers(findingId), name);
      const risk = state.approval?.requirement;
      if (approver.kind === 'solo') {
        await confirm(
          `Approve your own patch alone: ${name}?`,
          [
            'Nobody else has looked at it. It is recorded as solo and shown as such wherever the approval is shown.',
            ...(risk === undefined
              ? []
              : [`Risk: ${risk.risk}. ${risk.reasons.map((reason) => cleanLine(reason, 200)).join(' ')}`]),
          ].join('\n\n'),
          'Approve Alone',
        );
      }
      const comment = await vscode.window.showInputBox({
        title: `Approve ${name}`,
        prompt: 'A comment for the record; may stay empty. Enter approves, Escape does not.',
        ignoreFocusOut: true,
      });
      if (comment === undefined) throw new CancelledError();
      const decision = await work.run(`Approving ${name}`, (task) =>
        engine.delivery.approve(findingId, approver, comment.trim() === '' ? undefined : comment.trim(), task),
      );
      const actions =
        decision.outcome === 'successful'
          ? [{ title: 'Start Rollout…', command: 'patchline.startRollout', args: [findingId] }]
          : [];
      void offer(showInformation, cleanLine(decision.summary, 400), [
        ...actions,
        { title: 'Show Panel', command: 'patchline.openPanel', args: [findingId] },
      ]);
    },
  };
}

const kinds: Readonly<Record<Approver['kind'], string>> = { person: 'a person', rule: 'the policy’s rule', solo: 'the author' };

/** Who signs off: those who count first, then those who would not, each with why. @throws HumanError for one of the latter. */
async function pickApprover(approvers: readonly Approver[], name: string): Promise<Approver> {
  if (approvers.length === 0) throw new HumanError('Nobody can approve here and now: the policy names no one who could.');
  const itemOf = (approver: Approver) => ({
    icon: approver.refused === undefined ? 'person' : 'circle-slash',
    label: cleanLine(approver.by, 120),
    description: `${kinds[approver.kind]} · ${cleanLine(approver.source, 40)}`,
    // On a line of its own: beside a long name it would be cut, and it must be read.
    ...(detailOf(approver) === '' ? {} : { detail: detailOf(approver) }),
    approver,
  });
  const refused = approvers.filter((one) => one.refused !== undefined).map(itemOf);
  const items: (PlainItem & { readonly approver?: Approver })[] = [
    ...approvers.filter((one) => one.refused === undefined).map(itemOf),
    ...(refused.length === 0 ? [] : [{ label: 'Would not count', kind: vscode.QuickPickItemKind.Separator }, ...refused]),
  ];
  const chosen = await pickOne(items, { title: `Approve ${name}`, placeHolder: 'Who approves?' });
  if (chosen?.approver === undefined) throw new CancelledError();
  if (chosen.approver.refused !== undefined)
    throw new HumanError(`${cleanLine(chosen.approver.by, 120)} cannot approve this: ${cleanLine(chosen.approver.refused, 300)}`);
  return chosen.approver;
}

function detailOf(approver: Approver): string {
  const refused = approver.refused === undefined ? [] : [`would not count: ${cleanLine(approver.refused, 200)}`];
  return [...(approvalLabel(approver) === undefined ? [] : [approvalLabel(approver)]), ...refused]
    .join('; ')
    .replace(/^./, (letter) => letter.toUpperCase());
}
