import * as vscode from 'vscode';
import { plainMessage } from './plainMessage';

/** Shows a message with buttons; gives the label of the one that was pressed. */
export type Show = (message: string, ...buttons: readonly string[]) => Thenable<string | undefined>;

export const showInformation: Show = (message, ...buttons) =>
  vscode.window.showInformationMessage(plainMessage(message), ...buttons);

export const showWarning: Show = (message, ...buttons) => vscode.window.showWarningMessage(plainMessage(message), ...buttons);

export const showError: Show = (message, ...buttons) => vscode.window.showErrorMessage(plainMessage(message), ...buttons);

/** Asks before something that counts; true when the answer is the button. `caution` for what others notice or what is replaced. */
export async function askFirst(question: string, detail: string, yes: string, look: 'plain' | 'caution'): Promise<boolean> {
  const show = look === 'caution' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  return (await show(plainMessage(question), { modal: true, detail: plainMessage(detail) }, yes)) === yes;
}

/** Asks which of several ways to go; undefined when the person leaves everything as it is. */
export async function askWhich(question: string, detail: string, ...ways: readonly string[]): Promise<string | undefined> {
  return vscode.window.showWarningMessage(plainMessage(question), { modal: true, detail: plainMessage(detail) }, ...ways);
}

/** A row of a list to pick from: plain words, of which VS Code would make icons, and an icon of ours before them. */
export interface PlainItem {
  readonly icon?: string;
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly kind?: vscode.QuickPickItemKind;
}

/** Lets the person pick one of the rows; undefined when the list was closed. Line breaks of any text are the caller's matter. */
export async function pickOne<T extends PlainItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions,
): Promise<T | undefined> {
  const rows = items.map((item) => ({
    item,
    label: `${item.icon === undefined ? '' : `$(${item.icon}) `}${plainMessage(item.label)}`,
    ...(item.description === undefined ? {} : { description: plainMessage(item.description) }),
    ...(item.detail === undefined ? {} : { detail: plainMessage(item.detail) }),
    ...(item.kind === undefined ? {} : { kind: item.kind }),
  }));
  return (await vscode.window.showQuickPick(rows, options))?.item;
}

/** A line in the status bar that goes by itself after `ms` milliseconds. */
export function setStatus(text: string, ms: number): void {
  vscode.window.setStatusBarMessage(plainMessage(text), ms);
}

/** As `window.withProgress`, for titles and messages that may hold foreign words. */
export function showProgress<T>(
  options: vscode.ProgressOptions,
  work: (progress: vscode.Progress<{ message?: string; increment?: number }>, token: vscode.CancellationToken) => Thenable<T>,
): Thenable<T> {
  const plain = options.title === undefined ? options : { ...options, title: plainMessage(options.title) };
  return vscode.window.withProgress(plain, (progress, token) =>
    work(
      {
        report: ({ message, increment }) =>
          progress.report({
            ...(message === undefined ? {} : { message: plainMessage(message) }),
            ...(increment === undefined ? {} : { increment }),
          }),
      },
      token,
    ),
  );
}
