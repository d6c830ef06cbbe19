import * as vscode from 'vscode';
import { CancelledError } from '../core/errors';
import type { Task } from '../core/ports';
import { showProgress } from './messages';

/** Milliseconds after which what began by itself is told. */
const longMs = 4000;

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

  /**
   * The same inside a view's own thin progress line: for what starts by itself. What takes more than a moment is told as well, so
   * that it can be cancelled.
   */
  async runQuietly<T>(title: string, viewId: string, work: (task: Task) => Promise<T>): Promise<T> {
    return showProgress({ location: { viewId } }, (progress, token) =>
      this.follow(title, (task) => tellWhenLong(title, work, task), progress, token),
    );
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
    try {
      const result = await work({ signal: controller.signal, onProgress: reportTo(progress) });
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

/** Runs the work, and after a moment shows a notification beside the task's own progress, whose Cancel fires the work's signal. */
async function tellWhenLong<T>(title: string, work: (task: Task) => Promise<T>, task: Task): Promise<T> {
  const controller = new AbortController();
  let also: Task['onProgress'];
  const running = work({
    signal: controller.signal,
    onProgress: (message, fraction) => {
      task.onProgress?.(message, fraction);
      also?.(message, fraction);
    },
  });
  const timer = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void showProgress(options, async (progress, token) => {
      also = reportTo(progress);
      const listening = token.onCancellationRequested(() => controller.abort());
      // How it ends is told to whoever asked for the work.
      await running.catch(() => undefined);
      listening.dispose();
    });
  }, longMs);
  try {
    const result = await running;
    if (controller.signal.aborted) throw new CancelledError();
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** Fractions of the whole as the increments that VS Code adds up; it never goes back. */
function reportTo(progress: vscode.Progress<{ message?: string; increment?: number }>): NonNullable<Task['onProgress']> {
  let done = 0;
  return (message, fraction) => {
    const percent = fraction === undefined ? done : Math.min(100, fraction * 100);
    progress.report({ message, increment: Math.max(0, percent - done) });
    done = Math.max(done, percent);
  };
}
