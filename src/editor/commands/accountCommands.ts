import * as vscode from 'vscode';
import { CancelledError, HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import { ActionableError } from '../actionableError';
import { githubToken } from '../secrets';
import type { CommandHandlers } from '../commandTable';
import type { FeatureContext } from './featureContext';
import { showInformation } from '../messages';

/** Who Patchline is towards GitHub. Tokens live in the editor's SecretStorage and nowhere else. */
export function accountCommands(
  context: FeatureContext,
): Pick<CommandHandlers, 'patchline.signIn' | 'patchline.setToken' | 'patchline.clearToken'> {
  const { secrets } = context.extension;
  return {
    'patchline.signIn': async () => {
      const { apiUrl } = context.services.settings().github;
      if (!URL.canParse(apiUrl))
        throw new ActionableError(
          `The setting patchline.github.apiUrl is no address: ${cleanLine(apiUrl, 120)}. It begins with https://, or stays as it was.`,
          [
            {
              title: 'Open Setting',
              command: 'workbench.action.openSettings',
              args: ['patchline.github.apiUrl'],
            },
          ],
        );
      if (new URL(apiUrl).hostname !== 'api.github.com') {
        throw new HumanError(
          `Signing in works for github.com. For ${new URL(apiUrl).hostname} store a token: Patchline: Set GitHub Token.`,
        );
      }
      const session = await vscode.authentication.getSession('github', ['repo'], { createIfNone: true });
      context.services.log.hide(session.accessToken);
      void showInformation(`Patchline opens pull requests as ${session.account.label}.`);
    },
    'patchline.setToken': async () => {
      const token = await vscode.window.showInputBox({
        title: 'GitHub token for opening pull requests',
        prompt:
          'A fine-grained token with access to contents and pull requests is enough; actions and deployments where Patchline uses them.',
        password: true,
        ignoreFocusOut: true,
        validateInput: (value) =>
          /^\S{8,}$/.test(value.trim()) ? undefined : 'A token has no spaces and at least 8 characters.',
      });
      if (token === undefined) throw new CancelledError();
      context.services.log.hide(token.trim());
      await secrets.store(githubToken, token.trim());
      void showInformation('The token is stored in the editor’s secret storage.');
    },
    'patchline.clearToken': async () => {
      await secrets.delete(githubToken);
      void showInformation('The stored GitHub token is gone.');
    },
  };
}
