import type * as vscode from 'vscode';
import { redact } from '../core/findings/redact';

/** The log output with secrets taken out of every line before it is written. */
export class SafeLog {
  private readonly secrets = new Set<string>();

  constructor(readonly channel: vscode.LogOutputChannel) {}

  /** From now on this value never appears in the log. */
  hide(secret: string): void {
    this.secrets.add(secret);
  }

  clean(text: string): string {
    return redact(text, [...this.secrets]);
  }

  info(message: string): void {
    this.channel.info(this.clean(message));
  }

  debug(message: string): void {
    this.channel.debug(this.clean(message));
  }

  warn(message: string): void {
    this.channel.warn(this.clean(message));
  }

  /** With the stack and the causes, redacted. */
  error(message: string, error?: unknown): void {
    const lines = [message];
    let next: unknown = error;
    for (let depth = 0; next !== undefined && depth < 5; depth++) {
      lines.push(next instanceof Error ? (next.stack ?? next.message) : String(next));
      next = next instanceof Error ? next.cause : undefined;
    }
    this.channel.error(this.clean(lines.join('\n')));
  }
}
