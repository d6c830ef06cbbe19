import path from 'node:path';
import { stat } from 'node:fs/promises';
import type { Engine } from './adapters/engine';
import type { CommandContext, ExitCode } from './cli/commandLine';
import { parseCommandLine, UsageError } from './cli/commandLine';
import { importCommand, triageCommand } from './cli/findingCommands';
import { fixCommand, testCommand } from './cli/fixCommands';
import { help } from './cli/help';
import { cvssCommand, ownersCommand } from './cli/lineCommands';
import { proveCommand, reportVerdicts, runCommand } from './cli/runCommands';
import { isCancelled, isHumanError, messageOf } from './core/errors';
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
  cvss: cvssCommand,
  owners: ownersCommand,
  providers: async (context) => {
    const { providers } = await import('./adapters/engine');
    const list = providers();
    if (context.options.json) context.print(JSON.stringify(list));
    else for (const one of list) context.print(`${one.port.padEnd(16)} ${one.id.padEnd(16)} ${one.displayName}  ${one.url}`);
    return 0;
  },
  log: async (context) => {
    const [verb, file, ...rest] = context.positionals;
    if (verb !== 'verify' || file === undefined || rest.length > 0)
      throw new UsageError('use: patchline log verify FILE [--anchor N:HASH]');
    const anchor = readAnchor(context.options.anchor);
    const { verifyLogFile } = await import('./adapters/engine');
    const verdict = await verifyLogFile(file, anchor).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file}: ${error.code === 'ENOENT' ? 'there is no such file' : messageOf(error)}`);
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
    const token = process.env['PATCHLINE_GITHUB_TOKEN'] ?? process.env['GITHUB_TOKEN'];
    const { createEngine, defaultEngineSettings } = await import('./adapters/engine');
    const engine = await createEngine({
      root,
      settings: { ...defaultEngineSettings, ...(context.options.forge === undefined ? {} : { forge: context.options.forge }) },
      secret: () => Promise.resolve(token),
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

/** Runs one command line. Never throws: what went wrong is one line on stderr and the exit code. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${oneLine(text)}\n`);
  try {
    const { positionals, options } = parseCommandLine(args);
    const [name, ...rest] = positionals;
    if (options.version) return print(`patchline ${version}`, 0);
    if (options.help || name === undefined) return print(help, options.help ? 0 : 2);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(`there is no command “${name}”; patchline --help lists them`);
    return await command({
      positionals: rest,
      options,
      signal,
      say,
      print: (text) => void process.stdout.write(`${text}\n`),
      readInput,
    });
  } catch (error) {
    if (isCancelled(error)) return 130;
    const usage = error instanceof UsageError;
    say(
      `patchline: ${usage || isHumanError(error) ? messageOf(error) : `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`}`,
    );
    return 2;
  }
}

/** Standard input to its end. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

function print(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

/** Errors are one line each, whatever a report or a path put into them. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ⏎ ');
}

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort());
// A reader that goes away (`| head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

void main(process.argv.slice(2), abort.signal).then((code) => {
  process.exitCode = code;
});
