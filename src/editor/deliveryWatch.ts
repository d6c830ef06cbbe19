import * as vscode from 'vscode';
import type { Patchline } from '../core/patchline';
import { createWatchLoop } from './delivery/watchLoop';
import type { EditorServices } from './services';

/** Looks after what is under way behind the pull requests as long as this window is open. */
export interface DeliveryWatch extends vscode.Disposable {
  /** Looks once whether anything is under way, and goes on where it is. */
  resume(): void;
}

/** Binds the watch loop to this window: its focus, its trust, its engine. Nothing runs before `resume` or a change of the log. */
export function createDeliveryWatch(services: EditorServices): DeliveryWatch {
  let told: string | undefined;
  /** There was a log to look in: a workspace without one is left alone. */
  let asked = false;
  const loop = createWatchLoop({
    delivery: async () => (await services.patchline()).delivery,
    now: () => Date.now(),
    later: (ms, work) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
    focused: () => vscode.window.state.focused,
    steps: () =>
      services
        .opened()
        ?.runs.all()
        .reduce((sum, { steps }) => sum + steps.length, 0) ?? 0,
    mayRun: () => vscode.workspace.isTrusted && services.root() !== undefined,
    failed: (error) => {
      const message = error instanceof Error ? error.message : String(error);
      // The same trouble every few seconds is one line; the status bar says that nobody watches when it lasts.
      if (message !== told) services.log.error('could not look after the rollouts', error);
      told = message;
    },
  });
  let unsubscribe: (() => void) | undefined;
  const follow = (engine: Patchline | undefined): void => {
    unsubscribe?.();
    unsubscribe = engine?.runs.onDidChange(() => loop.changed());
  };
  follow(services.opened());
  const listening = vscode.Disposable.from(
    services.onDidChangePatchline(follow),
    vscode.window.onDidChangeWindowState((state) => {
      // Only what is under way is worth a look: without an open engine nothing is.
      if (state.focused && (services.opened()?.delivery.active().length ?? 0) > 0) loop.wake();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (asked) loop.wake();
    }),
  );
  return {
    resume() {
      asked = true;
      loop.wake();
    },
    dispose() {
      loop.stop();
      unsubscribe?.();
      listening.dispose();
    },
  };
}
