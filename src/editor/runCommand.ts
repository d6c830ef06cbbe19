import * as vscode from 'vscode';
import { ActionableError } from './actionableError';
import type { CommandHandlers, CommandId } from './commandTable';
import { commandIds, factsOf } from './commandTable';
import { guard } from './guard';
import type { EditorServices } from './services';

/** Registers every command of the table; the handlers are loaded when the first one runs. */
export function registerCommands(
  services: EditorServices,
  handlers: () => Promise<CommandHandlers>,
): readonly vscode.Disposable[] {
  return commandIds.map((id) =>
    vscode.commands.registerCommand(id, (...args: unknown[]) => runCommand(id, args, services, handlers)),
  );
}

/** The one way in which a command runs: what it needs is looked at first, and every error ends here. Never throws. */
async function runCommand(
  id: CommandId,
  args: readonly unknown[],
  services: EditorServices,
  handlers: () => Promise<CommandHandlers>,
): Promise<void> {
  const { needs, could } = factsOf(id);
  await guard(services.log, could, async () => {
    if (needs.includes('workspace') && services.root() === undefined) {
      throw new ActionableError(`Open the folder that holds your project: Patchline cannot ${could} without one.`, [
        { title: 'Open Folder…', command: 'vscode.openFolder' },
      ]);
    }
    if (needs.includes('trust') && !vscode.workspace.isTrusted) {
      throw new ActionableError(
        `This window is in Restricted Mode: Patchline reads and shows findings, but runs nothing, and so it cannot ${could}.`,
        [{ title: 'Manage Workspace Trust', command: 'workbench.trust.manage' }],
      );
    }
    const all = await handlers();
    await all[id](...args);
  });
}
