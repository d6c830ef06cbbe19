import { parseArgs } from 'node:util';

/** Bad usage or unreadable input: one line on stderr, exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a command is given. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly options: Options;
  readonly signal: AbortSignal;
  /** Standard output; nothing but the answer goes there. */
  print(text: string): void;
  /** Standard error. */
  say(text: string): void;
  /** Standard input, whole. */
  readInput(): Promise<string>;
}

export interface Options {
  readonly json: boolean;
  readonly workspace: string | undefined;
  readonly format: string;
  readonly policy: string | undefined;
  readonly finding: string | undefined;
  readonly all: boolean;
  readonly write: boolean;
  readonly codeowners: string | undefined;
  readonly anchor: string | undefined;
  readonly forge: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/** Exit codes: 0 it went well; 1 a gate or proof says no; 2 bad usage or unreadable input. */
export type ExitCode = 0 | 1 | 2;

/** @throws UsageError for an unknown option or one without its value. */
export function parseCommandLine(args: readonly string[]): {
  readonly positionals: readonly string[];
  readonly options: Options;
} {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: {
        json: { type: 'boolean', default: false },
        workspace: { type: 'string' },
        format: { type: 'string', default: 'auto' },
        policy: { type: 'string' },
        finding: { type: 'string' },
        all: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        codeowners: { type: 'string' },
        anchor: { type: 'string' },
        forge: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    });
    return {
      positionals,
      options: {
        ...values,
        workspace: values.workspace,
        policy: values.policy,
        finding: values.finding,
        codeowners: values.codeowners,
        anchor: values.anchor,
        forge: values.forge,
      },
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
