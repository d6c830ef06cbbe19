import path from 'node:path';
import { stat } from 'node:fs/promises';
import type { Engine } from './adapters/engine';
import type { CommandContext, ExitCode } from './cli/commandLine';
import { parseCommandLine, UsageError } from './cli/commandLine';
import { importCommand, triageCommand } from './cli/findingCommands';
import { fixCommand, testCommand } from './cli/fixCommands';
import { help } from './cli/help';
import { cvssCommand, ownersCommand } from './cli/lineCommands';
import { metricsCommand } from './cli/metricsCommand';
import { jsonPieces, plainLine, plainText } from './cli/output';
import { whyUnreadable } from './cli/reportFiles';
import { proveCommand, reportVerdicts, runCommand, watchCommand } from './cli/runCommands';
import { isCancelled, isHumanError, isVendorError, messageOf } from './core/errors';
import { version } from '../package.json';

type Command = (context: CommandContext) => Promise<ExitCode>;

/** Every command of the terminal, by its name. */
const commands: Readonly<Record<string, Command>> = {
  import: withEngine((context, engine) => importCommand(context, engine.ports)),
  triage: withEngine((context, engine) => triageCommand(context, engine.ports)),
  fix: withEngine((context, engine) => fixCommand(context, engine.ports, engine.write)),
  test: withEngine((context, engine) => testCommand(context, engine.ports, engine.write)),
  prove: withEngine((context, engine) => proveCommand(context, engine.patchline())),
  run: withEngine((context, engine) => runCommand(context, engine.patchline())),
  watch: withEngine((context, engine) => watchCommand(context, engine.patchline())),
  metrics: withEngine((context, engine) => metricsCommand(context, engine.patchline())),
  cvss: cvssCommand,
  owners: ownersCommand,
  providers: async (context) => {
    const { providers } = await import('./adapters/engine');
    const list = providers();
    if (context.options.json) context.json(list);
    else for (const one of list) context.line(`${one.port.padEnd(16)} ${one.id.padEnd(16)} ${one.displayName}  ${one.url}`);
    return 0;
  },
  log: async (context) => {
    const [verb, file, ...rest] = context.positionals;
    if (verb !== 'verify' || file === undefined || rest.length > 0)
      throw new UsageError('use: patchline log verify FILE [--anchor N:HASH]');
    const anchor = readAnchor(context.options.anchor);
    const { verifyLogFile } = await import('./adapters/engine');
    const verdict = await verifyLogFile(file, anchor).catch((error: unknown) => {
      throw isHumanError(error) ? error : new UsageError(`${file}: ${whyUnreadable(error)}`);
    });
    return reportVerdicts(context, [verdict]);
  },
};

function readAnchor(text: string | undefined): { readonly n: number; readonly hash: string } | undefined {
  if (text === undefined) return undefined;
  const [, n = '', hash = ''] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === '') throw new UsageError('an anchor is N:HASH, the number and the SHA-256 of an entry');
  return { n: Number(n), hash };
}

/** Opens the engine in the workspace that the command line names, and ends it whatever happens. */
function withEngine(work: (context: CommandContext, engine: Engine) => Promise<ExitCode>): Command {
  return async (context) => {
    const root = path.resolve(context.options.workspace ?? '.');
    if (!(await stat(root).catch(() => undefined))?.isDirectory())
      throw new UsageError(`${context.options.workspace ?? root}: there is no such folder`);
    await checkForge(context.options.forge);
    const token = process.env['PATCHLINE_GITHUB_TOKEN'] ?? process.env['GITHUB_TOKEN'];
    const { createEngine, defaultEngineSettings } = await import('./adapters/engine');
    const engine = await createEngine({
      root,
      settings: { ...defaultEngineSettings, ...(context.options.forge === undefined ? {} : { forge: context.options.forge }) },
      secret: (name) => Promise.resolve(name === 'github' ? token : undefined),
      log: (level, message) => {
        if (level === 'error' || level === 'warn') context.say(message);
      },
    });
    try {
      return await work(context, engine);
    } finally {
      await engine.dispose();
    }
  };
}

/** An unknown forge is refused before anything is done, not at the end of a long way to the pull request. */
async function checkForge(id: string | undefined): Promise<void> {
  if (id === undefined || id === 'auto') return;
  const { providers } = await import('./adapters/engine');
  const known = providers().filter((one) => one.port === 'forges');
  if (!known.some((one) => one.id === id))
    throw new UsageError(`there is no forge “${id}”; known are auto, ${known.map((one) => one.id).join(', ')}`);
}

/** Runs one command line. Never throws: what went wrong is one line on stderr and the exit code. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${plainLine(text)}\n`);
  const print = (text: string) => void process.stdout.write(withLineEnd(process.stdout.isTTY ? plainText(text) : text));
  try {
    const { name, positionals, options } = parseCommandLine(args);
    if (options.version) {
      print(`patchline ${version}`);
      return 0;
    }
    if (options.help) {
      print(help);
      return 0;
    }
    const command = name === undefined ? undefined : commands[name];
    if (command === undefined) throw new UsageError('say what to do; patchline --help lists the commands');
    return await command({
      positionals,
      options,
      signal,
      say,
      print,
      line: (text) => print(plainLine(text)),
      json: (value) => {
        for (const piece of jsonPieces(value)) process.stdout.write(piece);
      },
      readInput,
    });
  } catch (error) {
    if (isCancelled(error)) return 130;
    const inWords = error instanceof UsageError || isHumanError(error) || isVendorError(error);
    say(
      `patchline: ${inWords ? messageOf(error) : `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`}`,
    );
    return 2;
  }
}

function withLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Standard input to its end. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort());
// A reader that goes away (`| head`) is no error of ours: the work ends as if it were cancelled, children and all.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = 2;
    abort.abort();
  });
}

void main(process.argv.slice(2), abort.signal).then((code) => {
  process.exitCode = code;
});
