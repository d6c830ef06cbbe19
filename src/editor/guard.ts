import * as vscode from 'vscode';
import { isCancelled, isHumanError, isVendorError, messageOf } from '../core/errors';
import type { Action } from './actionableError';
import { actionsOf } from './actionableError';
import { policyActions } from './policyActions';
import type { SafeLog } from './safeLog';
import type { Show } from './messages';
import { showError, showWarning } from './messages';

const showLog: Action = { title: 'Show Log', command: 'patchline.showOutput' };

/**
 * The one place where errors end. Cancellation is silent; a HumanError is shown as it stands, with its actions; a vendor's
 * error names the vendor; anything else goes to the log and the person is told where to look. Never throws.
 */
export async function guard(log: SafeLog, could: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // The message is not awaited: a command is over when it failed, not when its message was closed.
    void tell(log, could, error);
  }
}

async function tell(log: SafeLog, could: string, error: unknown): Promise<void> {
  if (isCancelled(error) || error instanceof vscode.CancellationError) return;
  if (isHumanError(error)) {
    log.warn(`could not ${could}: ${error.message}`);
    const actions = actionsOf(error);
    return offer(showWarning, error.message, actions.length > 0 ? actions : policyActions(error.message));
  }
  log.error(`could not ${could}`, error);
  if (isVendorError(error)) {
    const again = error.options.retryable ? ' It may pass: try again in a while.' : '';
    return offer(showError, `Patchline could not ${could}. ${error.vendor}: ${log.clean(error.message)}${again}`, [showLog]);
  }
  const reason = log.clean(messageOf(error)).split('\n', 1)[0]?.slice(0, 160) ?? '';
  return offer(showError, `Patchline could not ${could} (${reason}); see the log.`, [showLog]);
}

/** Shows a message with buttons and runs the command of the one that was pressed. */
export async function offer(show: Show, message: string, actions: readonly Action[]): Promise<void> {
  const picked = await show(message, ...actions.map((action) => action.title));
  const action = actions.find((candidate) => candidate.title === picked);
  if (action !== undefined) await vscode.commands.executeCommand(action.command, ...(action.args ?? []));
}
