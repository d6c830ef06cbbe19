import type { Patchline } from '../core/patchline';
import type { LogVerdict } from '../core/model/logEntry';
import { isHumanError } from '../core/errors';
import { latestStep } from '../core/runs/foldRuns';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { reportFiles } from './reportFiles';

/** Imports what the command line names and gives the chosen findings' ids, worst first. */
async function chooseRecorded(context: CommandContext, app: Patchline): Promise<readonly string[]> {
  const { finding: id, all } = context.options;
  if ((id === undefined) === !all) throw new UsageError('say which: --finding ID or --all');
  const files = context.positionals.length === 0 ? undefined : await reportFiles(context.positionals);
  const summary = await app.importReports(files, { signal: context.signal });
  for (const one of summary.rejected) context.say(`${one.file}${one.path === '' ? '' : `: ${one.path}`}: ${one.reason}`);
  if (id === undefined) return app.findings.rows(undefined, 0, app.findings.count).map((row) => row.id);
  if (app.findings.get(id) === undefined) throw new UsageError(`no finding ${id} in these reports (patchline import lists them)`);
  return [id];
}

/** `patchline prove [REPORT…] --workspace DIR (--finding ID | --all)`. Exit 1 unless every proof is successful. */
export async function proveCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  const answers: Readonly<Record<string, unknown>>[] = [];
  let proven = true;
  for (const id of await chooseRecorded(context, app)) {
    try {
      const proof = await app.prove(id, { signal: context.signal, onProgress: (message) => context.say(`${id}: ${message}`) });
      const { findingId, ...rest } = proof;
      answers.push({ finding: findingId, ...rest });
      if (!context.options.json) {
        context.print(`${findingId}: ${proof.outcome}${proof.weaker ? ' (weaker: versions, not behaviour)' : ''}`);
        for (const check of proof.checks) context.print(`  ${check.outcome.padEnd(12)} ${check.title}: ${check.detail}`);
      }
      if (proof.outcome !== 'successful') proven = false;
    } catch (error) {
      if (!isHumanError(error)) throw error;
      proven = false;
      answers.push({ finding: id, outcome: 'error', because: error.message });
      context.say(`${id}: ${error.message}`);
    }
  }
  if (context.options.json) context.print(JSON.stringify(context.options.all ? answers : answers[0]));
  return proven ? 0 : 1;
}

/** `patchline run [REPORT…] --workspace DIR (--finding ID | --all)`: from the report to the open pull request, headless. */
export async function runCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  const runs: Readonly<Record<string, unknown>>[] = [];
  let ok = true;
  for (const id of await chooseRecorded(context, app)) {
    const ended = await runOne(context, app, id);
    ok &&= ended.ok;
    const run = app.runs.forFinding(id);
    const pullRequest = latestStep(run, 'pull-request')?.data;
    runs.push({
      finding: id,
      outcome: ended.ok ? 'successful' : 'failed',
      because: ended.because,
      run: run?.id,
      stages:
        run?.steps.map(({ stage, name, attempt, outcome, summary, at, evidence }) => ({
          stage,
          name,
          attempt,
          outcome,
          summary,
          at,
          evidence,
        })) ?? [],
      ...(pullRequest === undefined ? {} : { pullRequest }),
    });
  }
  const log = await app.verifyLog();
  if (log.some((verdict) => verdict.kind !== 'intact')) ok = false;
  if (context.options.json) context.print(JSON.stringify({ outcome: ok ? 'successful' : 'failed', runs, log }));
  return ok ? 0 : 1;
}

async function runOne(
  context: CommandContext,
  app: Patchline,
  id: string,
): Promise<{ readonly ok: boolean; readonly because: string }> {
  // Four kinds of steps lead to the pull request; one more asks why the run rests there.
  for (let steps = 0; steps <= 4; steps++) {
    try {
      const gate = await app.advance(id, { signal: context.signal, onProgress: (message) => context.say(`${id}: ${message}`) });
      if ('rests' in gate) {
        if (!context.options.json) context.print(`${id}: ${gate.rests}`);
        return { ok: gate.ok, because: gate.rests };
      }
      const last = app.runs.forFinding(id)?.steps.at(-1);
      if (last !== undefined && !context.options.json)
        context.print(`${id}: ${last.stage} · ${last.name}: ${last.outcome}: ${last.summary}`);
    } catch (error) {
      if (!isHumanError(error)) throw error;
      context.say(`${id}: ${error.message}`);
      return { ok: false, because: error.message };
    }
  }
  return { ok: false, because: 'the run does not come to rest' };
}

/** `patchline log verify FILE`: exit 1 with the first bad entry and why. */
export function reportVerdicts(
  context: CommandContext,
  verdicts: readonly (LogVerdict & { readonly file?: string })[],
): ExitCode {
  if (context.options.json) context.print(JSON.stringify(verdicts.length === 1 ? verdicts[0] : verdicts));
  else {
    for (const verdict of verdicts) {
      context.print(
        verdict.kind === 'intact'
          ? `${verdict.chain}: intact, ${verdict.entries} entries, head ${verdict.head}`
          : `${verdict.chain}: ${verdict.kind} at entry ${verdict.n}: ${verdict.why}`,
      );
    }
  }
  return verdicts.every((verdict) => verdict.kind === 'intact') ? 0 : 1;
}
