import { readFile } from 'node:fs/promises';
import { ownersOf, parseCodeowners } from '../core/codeowners/codeowners';
import { scoreVector } from '../core/cvss/scoreVector';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { whyUnreadable } from './reportFiles';

/** Non-empty lines of standard input. */
async function inputLines(context: CommandContext): Promise<readonly string[]> {
  return (await context.readInput()).split(/\r\n|\n/).filter((line) => line.trim() !== '');
}

/** `patchline cvss`: a vector a line in, a JSON object a line out. Illegal vectors are answers, not failures. */
export async function cvssCommand(context: CommandContext): Promise<ExitCode> {
  for (const line of await inputLines(context)) {
    const answer = scoreVector(line);
    context.json(
      'error' in answer
        ? answer
        : { vector: answer.vector, version: answer.version, baseScore: answer.score, severity: answer.severity },
    );
  }
  return 0;
}

/** `patchline owners --codeowners FILE`: a path a line in, its owners out. */
export async function ownersCommand(context: CommandContext): Promise<ExitCode> {
  const file = context.options.codeowners;
  if (file === undefined) throw new UsageError('owners needs --codeowners FILE');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file}: ${whyUnreadable(error)}`);
  });
  const codeowners = parseCodeowners(text);
  for (const { line, reason } of codeowners.skipped) context.say(`${file}:${line}: passed over: ${reason}`);
  for (const path of await inputLines(context)) {
    context.json({ path, owners: ownersOf(codeowners, path.replace(/^\.?\//, '')) });
  }
  return 0;
}
