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
  /** A whole text on standard output, such as a diff; nothing but the answer goes there. */
  print(text: string): void;
  /** One line for people on standard output: what a report put into it cannot steer the terminal. */
  line(text: string): void;
  /** The answer as one JSON document on standard output. */
  json(value: unknown): void;
  /** One line on standard error. */
  say(text: string): void;
  /** Standard input, whole. */
  readInput(): Promise<string>;
}

export interface Options {
  readonly json: boolean;
  readonly csv: boolean;
  readonly workspace: string | undefined;
  readonly format: string | undefined;
  readonly policy: string | undefined;
  readonly finding: string | undefined;
  readonly all: boolean;
  readonly write: boolean;
  readonly codeowners: string | undefined;
  readonly anchor: string | undefined;
  readonly forge: string | undefined;
  /** How far `run` goes. */
  readonly until: string | undefined;
  /** Who signs off in a headless run: an identity that the policy allows, or `solo`. */
  readonly approveAs: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/** Exit codes: 0 it went well; 1 a gate or proof says no; 2 bad usage or unreadable input. */
export type ExitCode = 0 | 1 | 2;

/** What each command takes beside `--json`. An option of another command is refused: whoever gave it expects it to work. */
const usage: Readonly<Record<string, { readonly options: readonly (keyof Options)[]; readonly words: boolean }>> = {
  import: { options: ['format', 'workspace'], words: true },
  triage: { options: ['format', 'workspace', 'policy'], words: true },
  fix: { options: ['format', 'workspace', 'finding', 'all', 'write'], words: true },
  test: { options: ['format', 'workspace', 'finding', 'all', 'write'], words: true },
  prove: { options: ['workspace', 'finding', 'all'], words: true },
  run: { options: ['workspace', 'finding', 'all', 'forge', 'until', 'approveAs'], words: true },
  // The editor hands its watch over with the forge of its settings.
  watch: { options: ['workspace', 'forge'], words: false },
  metrics: { options: ['workspace', 'csv'], words: false },
  cvss: { options: [], words: false },
  owners: { options: ['codeowners'], words: false },
  providers: { options: [], words: false },
  log: { options: ['anchor'], words: true },
};

/**
 * The command with its words and options; without a name where only help or the version is asked for.
 *
 * @throws UsageError for an unknown command, and for an option that is unknown, lacks its value or belongs to other commands.
 */
export function parseCommandLine(args: readonly string[]): {
  readonly name: string | undefined;
  readonly positionals: readonly string[];
  readonly options: Options;
} {
  const { values, positionals } = parse(args);
  const [name, ...words] = positionals;
  const options: Options = {
    json: values.json ?? false,
    csv: values.csv ?? false,
    workspace: values.workspace,
    format: values.format,
    policy: values.policy,
    finding: values.finding,
    all: values.all ?? false,
    write: values.write ?? false,
    codeowners: values.codeowners,
    anchor: values.anchor,
    forge: values.forge,
    until: values.until,
    approveAs: values['approve-as'],
    help: values.help ?? false,
    version: values.version ?? false,
  };
  if (name === undefined || options.help || options.version) return { name, positionals: words, options };
  const takes = Object.hasOwn(usage, name) ? usage[name] : undefined;
  if (takes === undefined) throw new UsageError(`there is no command “${name}”; patchline --help lists them`);
  for (const given of Object.keys(values)) {
    const key = given.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase()) as keyof Options;
    if (key !== 'json' && !takes.options.includes(key)) throw new UsageError(`${name} takes no option --${given}`);
  }
  if (!takes.words && words.length > 0) throw new UsageError(`${name} takes no “${words[0] ?? ''}”; it reads no files by name`);
  return { name, positionals: words, options };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: {
        json: { type: 'boolean' },
        csv: { type: 'boolean' },
        workspace: { type: 'string' },
        format: { type: 'string' },
        policy: { type: 'string' },
        finding: { type: 'string' },
        all: { type: 'boolean' },
        write: { type: 'boolean' },
        codeowners: { type: 'string' },
        anchor: { type: 'string' },
        forge: { type: 'string' },
        until: { type: 'string' },
        'approve-as': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    // Node's own words go on with advice about arguments that begin with a dash, which is not what went wrong here.
    const words = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${words.split(/[.\n]\s?(?=[A-Z]|$)/)[0] ?? words}; patchline --help lists the options`);
  }
}
