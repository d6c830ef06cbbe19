import * as vscode from 'vscode';
import { CancelledError } from '../core/errors';
import type { Task } from '../core/ports';
import { showProgress } from './messages';

/** Tells the status bar what is running now. */
export class RunningWork {
  private readonly titles = new Map<symbol, string>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  /** Titles of what runs now, oldest first. */
  list(): readonly string[] {
    return [...this.titles.values()];
  }

  /**
   * Runs something long with a cancellable progress notification. The task's signal fires when the person cancels.
   * @throws CancelledError when it was cancelled, whatever the work itself made of the signal.
   */
  async run<T>(title: string, work: (task: Task) => Promise<T>): Promise<T> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return showProgress(options, (progress, token) => this.follow(title, work, progress, token));
  }

  /** The same without a Cancel button: for what is short and takes no signal. */
  async runToEnd<T>(title: string, work: () => Promise<T>): Promise<T> {
    const options = { location: vscode.ProgressLocation.Notification, title };
    return showProgress(options, (progress, token) => this.follow(title, work, progress, token));
  }

  /** The same inside a view's own thin progress line, without a notification: for what starts by itself. */
  async runQuietly<T>(title: string, viewId: string, work: (task: Task) => Promise<T>): Promise<T> {
    return showProgress({ location: { viewId } }, (progress, token) => this.follow(title, work, progress, token));
  }

  private async follow<T>(
    title: string,
    work: (task: Task) => Promise<T>,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ): Promise<T> {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    const key = Symbol(title);
    this.titles.set(key, title);
    this.changed.fire();
    let done = 0;
    try {
      const result = await work({
        signal: controller.signal,
        onProgress: (message, fraction) => {
          const percent = fraction === undefined ? done : Math.min(100, fraction * 100);
          progress.report({ message, increment: Math.max(0, percent - done) });
          done = Math.max(done, percent);
        },
      });
      if (controller.signal.aborted) throw new CancelledError();
      return result;
    } finally {
      listening.dispose();
      this.titles.delete(key);
      this.changed.fire();
    }
  }

  dispose(): void {
    this.changed.dispose();
  }
}
