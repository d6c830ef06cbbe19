import { overlayWorkspace } from '../core/edits/overlayWorkspace';
import { unifiedDiff } from '../core/edits/unifiedDiff';
import type { PatchlinePorts } from '../core/patchlinePorts';
import { compareText } from '../core/findings/combine';
import type { Finding } from '../core/model/finding';
import type { FileChange } from '../core/model/patch';
import type { TriagedFinding } from '../core/model/triage';
import { rankOf, worstFirst } from '../core/stages/triage';
import { proposeBatch } from '../core/stages/batchFixes';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { readFindings, triageRead } from './findingCommands';
import { because } from '../core/because';

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
    id === undefined
      ? inReportOrder(triaged.filter((finding) => !finding.suppressed))
      : triaged.filter((finding) => finding.id === id || finding.formerIds?.includes(id) === true);
  if (id !== undefined && chosen.length === 0)
    throw new UsageError(`there is no finding “${id}” in these reports (patchline import lists them)`);
  // Large reports are read in short: what is worked on is read whole.
  const whole = await Promise.all(chosen.map((finding) => ports.reports.detail(finding)));
  return { chosen: whole, all: triaged, unreadable: read.unreadable };
}

/** Where triage puts none before the other, a scanner's own order decides: of fixes that overlap its first one is made. */
function inReportOrder(triaged: readonly TriagedFinding[]): readonly TriagedFinding[] {
  const ranked = triaged.map((finding) => ({ finding, rank: { ...rankOf(finding), id: '' } }));
  const byReport = (a: TriagedFinding, b: TriagedFinding): number => {
    const [left, right] = [a.witnesses[0], b.witnesses[0]];
    return (
      compareText(left?.file ?? '', right?.file ?? '') || (left?.index ?? 0) - (right?.index ?? 0) || compareText(a.id, b.id)
    );
  };
  return ranked.sort((a, b) => worstFirst(a.rank, b.rank) || byReport(a.finding, b.finding)).map(({ finding }) => finding);
}

/** `patchline fix REPORT… --workspace DIR (--finding ID | --all) [--write]`. Exit 1 where no finding got a fix. */
export async function fixCommand(
  context: CommandContext,
  ports: PatchlinePorts,
  write: (changes: readonly FileChange[]) => Promise<void>,
): Promise<ExitCode> {
  const { chosen, all, unreadable } = await chosenFindings(context, ports);
  const batch = await proposeBatch(chosen, ports.fixers, { workspace: ports.workspace, findings: all, signal: context.signal });
  const left = new Map(batch.left.map((one) => [one.findingId, because(one.noFix)]));
  const answers = batch.answers.map((answer) =>
    'noFix' in answer
      ? { finding: answer.findingId, noFix: because(answer.noFix) }
      : {
          finding: answer.findingId,
          fixer: answer.fixer,
          title: answer.title,
          reason: answer.reason,
          notes: answer.notes,
          diff: unifiedDiff(answer.changes),
          files: answer.changes.map((change) => change.path),
          // A fix of its own that does not go beside the others is in no common diff, and is not written with them.
          ...(left.has(answer.findingId) ? { leftOut: left.get(answer.findingId) } : {}),
        },
  );
  for (const answer of answers) if ('noFix' in answer) context.say(`${answer.finding}: no fix, ${answer.noFix}`);
  if (!context.options.json)
    for (const answer of answers)
      if ('notes' in answer) for (const note of answer.notes) context.say(`${answer.finding}: ${note}`);
  for (const [id, why] of left) context.say(`${id}: its fix does not go together with the others, ${why}`);
  if (context.options.write) await write(batch.combined);
  if (context.options.json) context.json(context.options.all ? answers : answers[0]);
  else if (batch.combined.length > 0) context.print(unifiedDiff(batch.combined));
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
  let written = 0;
  for (const finding of chosen) {
    const { answers: fixes } = await proposeBatch([finding], ports.fixers, fixContext);
    const patch = fixes[0];
    const answer = await ports.testWriter.write(finding, {
      // On top of the tests before it: two findings of one file get two files.
      workspace: overlayWorkspace(ports.workspace, changes),
      policy,
      findings: all,
      ...task,
      ...(patch === undefined || 'noFix' in patch ? {} : { patch }),
    });
    if ('noTest' in answer) {
      answers.push({ finding: finding.id, noTest: because(answer.noTest) });
      context.say(`${finding.id}: no test, ${because(answer.noTest)}`);
      continue;
    }
    const { findingId, ...test } = answer;
    answers.push({ finding: findingId, ...test });
    written += 1;
    const known = changes.some((change) => change.path === answer.path);
    if (known || (await ports.workspace.readText(answer.path)) === answer.text)
      context.say(`${findingId}: ${answer.path} is this test already`);
    else changes.push({ path: answer.path, before: null, after: answer.text });
  }
  if (context.options.write) await write(changes);
  if (context.options.json) context.json(context.options.all ? answers : answers[0]);
  else if (changes.length > 0) context.print(unifiedDiff(changes));
  if (unreadable) return 2;
  return chosen.length > 0 && written === 0 ? 1 : 0;
}
