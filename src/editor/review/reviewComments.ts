import * as vscode from 'vscode';
import { plainMarkdown } from '../plainMarkdown';
import type { PlacedHunk } from './reviewSession';
import { reviewUri } from './reviewFiles';

/** A comment thread at every hunk: the reason, and Accept and Reject in its title. */
export class ReviewComments {
  private readonly controller: vscode.CommentController;
  private readonly threads = new Map<string, vscode.CommentThread>();

  constructor() {
    this.controller = vscode.comments.createCommentController('patchline.review', 'Patchline review');
    this.controller.options = { prompt: '', placeHolder: '' };
  }

  /** Puts the threads of one file where its hunks are now; threads of hunks that are gone disappear. */
  draw(review: string, path: string, hunks: readonly PlacedHunk[], reasonOf: (hunk: PlacedHunk) => string): void {
    const wanted = new Set(hunks.map(({ hunk }) => keyOf(review, path, hunk.id)));
    for (const [key, thread] of this.threads) {
      if (key.startsWith(`${review}/${path}#`) && !wanted.has(key)) {
        thread.dispose();
        this.threads.delete(key);
      }
    }
    hunks.forEach((placed, index) => {
      const { hunk, accepted } = placed;
      const key = keyOf(review, path, hunk.id);
      const range = rangeOf(hunk);
      let thread = this.threads.get(key);
      if (thread === undefined) {
        thread = this.controller.createCommentThread(reviewUri(review, path), range, []);
        // Opened once, when it is made: whoever folds a thread away meant it.
        thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
        thread.canReply = false;
        this.threads.set(key, thread);
      }
      thread.range = range;
      thread.label = `Hunk ${index + 1} of ${hunks.length}${accepted ? ' · accepted' : ''}`;
      thread.contextValue = accepted ? 'accepted' : 'open';
      thread.state = accepted ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved;
      if (accepted) thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
      thread.comments = [
        {
          author: { name: 'Patchline' },
          mode: vscode.CommentMode.Preview,
          // appendText would turn every space into one that does not wrap.
          body: new vscode.MarkdownString(plainMarkdown(hunk.reason ?? reasonOf(placed), 1200)),
        },
      ];
    });
  }

  /** The review and the hunk that a thread stands for. */
  find(thread: unknown): { readonly key: string; readonly review: string } | undefined {
    for (const [key, known] of this.threads) if (known === thread) return { key, review: key.slice(0, key.indexOf('/')) };
    return undefined;
  }

  clear(review: string): void {
    for (const [key, thread] of this.threads) {
      if (!key.startsWith(`${review}/`)) continue;
      thread.dispose();
      this.threads.delete(key);
    }
  }

  dispose(): void {
    this.controller.dispose();
    this.threads.clear();
  }
}

/** Whether a command was called from a thread, be it gone by now: VS Code then gives no thread but what it was named by. */
export function isThread(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && ('commentThreadHandle' in argument || 'canReply' in argument);
}

export function keyOf(review: string, path: string, hunk: string): string {
  return `${review}/${path}#${hunk}`;
}

function rangeOf(hunk: PlacedHunk['hunk']): vscode.Range {
  const first = Math.max(0, hunk.afterStart - 1);
  return new vscode.Range(first, 0, Math.max(first, first + hunk.afterLines - 1), 0);
}
