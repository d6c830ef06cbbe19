import { unifiedDiff } from '../core/edits/unifiedDiff';
import type { PatchlinePorts } from '../core/createPatchline';
import type { Finding } from '../core/model/finding';
import type { FileChange } from '../core/model/patch';
import { proposeBatch } from '../core/stages/batchFixes';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { readFindings, triageRead } from './findingCommands';

/** The findings that `--finding ID` or `--all` names, worst first; suppressed ones only when named. */
export async function chosenFindings(
  context: CommandContext,
  ports: PatchlinePorts,
): Promise<{ readonly chosen: readonly Finding[]; readonly all: readonly Finding[]; readonly unreadable: boolean }> {
  const { finding: id, all } = context.options;
  if ((id === undefined) === !all) throw new UsageError('say which: --finding ID or --all');
  const read = await readFindings(context, ports);
  const triaged = await triageRead(context, ports, read.findings);
  const chosen =
    id === undefined ? triaged.filter((finding) => !finding.suppressed) : triaged.filter((finding) => finding.id === id);
  if (id !== undefined && chosen.length === 0)
    throw new UsageError(`no finding ${id} in these reports (patchline import lists them)`);
  return { chosen, all: triaged, unreadable: read.unreadable };
}

/** `patchline fix REPORT… --workspace DIR (--finding ID | --all) [--write]`. Exit 1 where no finding got a fix. */
export async function fixCommand(
  context: CommandContext,
  ports: PatchlinePorts,
  write: (changes: readonly FileChange[]) => Promise<void>,
): Promise<ExitCode> {
  const { chosen, all, unreadable } = await chosenFindings(context, ports);
  const batch = await proposeBatch(chosen, ports.fixers, { workspace: ports.workspace, findings: all, signal: context.signal });
  const answers = batch.answers.map((answer) =>
    'noFix' in answer
      ? { finding: answer.findingId, noFix: `because ${answer.noFix}` }
      : {
          finding: answer.findingId,
          fixer: answer.fixer,
          title: answer.title,
          reason: answer.reason,
          notes: answer.notes,
          diff: unifiedDiff(answer.changes),
          files: answer.changes.map((change) => change.path),
        },
  );
  for (const answer of answers) if ('noFix' in answer) context.say(`${answer.finding}: no fix, ${answer.noFix}`);
  for (const one of batch.left) context.say(`${one.findingId}: its fix does not go together with the others: ${one.noFix}`);
  if (context.options.write) await write(batch.combined);
  if (context.options.json) context.print(JSON.stringify(context.options.all ? answers : answers[0]));
  else if (batch.combined.length > 0) context.print(unifiedDiff(batch.combined).replace(/\n$/, ''));
  if (unreadable) return 2;
  return chosen.length > 0 && batch.combined.length === 0 ? 1 : 0;
}

/** `patchline test REPORT… --workspace DIR (--finding ID | --all) [--write]` */
export async function testCommand(
  context: CommandContext,
  ports: PatchlinePorts,
  write: (changes: readonly FileChange[]) => Promise<void>,
): Promise<ExitCode> {
  const { chosen, all, unreadable } = await chosenFindings(context, ports);
  const task = { signal: context.signal };
  const fixContext = { workspace: ports.workspace, findings: all, ...task };
  const policy = await ports.policy();
  const answers: Readonly<Record<string, unknown>>[] = [];
  const changes: FileChange[] = [];
  for (const finding of chosen) {
    const { answers: fixes } = await proposeBatch([finding], ports.fixers, fixContext);
    const patch = fixes[0];
    const answer = await ports.testWriter.write(finding, {
      workspace: ports.workspace,
      policy,
      ...task,
      ...(patch === undefined || 'noFix' in patch ? {} : { patch }),
    });
    if ('noTest' in answer) {
      answers.push({ finding: finding.id, noTest: `because ${answer.noTest}` });
      context.say(`${finding.id}: no test, because ${answer.noTest}`);
      continue;
    }
    const { findingId, ...test } = answer;
    answers.push({ finding: findingId, ...test });
    changes.push({ path: answer.path, before: null, after: answer.text });
  }
  if (context.options.write) await write(changes);
  if (context.options.json) context.print(JSON.stringify(context.options.all ? answers : answers[0]));
  else if (changes.length > 0) context.print(unifiedDiff(changes).replace(/\n$/, ''));
  if (unreadable) return 2;
  return chosen.length > 0 && changes.length === 0 ? 1 : 0;
}
