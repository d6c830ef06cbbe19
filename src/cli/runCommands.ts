import type { Patchline } from '../core/patchline';
import type { LogVerdict } from '../core/model/logEntry';
import { HumanError, isCancelled, isHumanError, isVendorError, messageOf } from '../core/errors';
import { latestStep } from '../core/runs/foldRuns';
import { deliverySteps } from '../core/runs/deliveryState';
import { stageStates } from '../core/runs/stageStates';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import type { End } from './deliver';
import { deliver, ends, watch } from './deliver';
import { because } from '../core/because';
import { rejectionLine, reportFiles } from './reportFiles';

/** Imports what the command line names and gives the chosen findings' ids, worst first. */
async function chooseRecorded(
  context: CommandContext,
  app: Patchline,
): Promise<{ readonly ids: readonly string[]; readonly unreadable: boolean }> {
  const { finding: id, all } = context.options;
  if ((id === undefined) === !all) throw new UsageError('say which: --finding ID or --all');
  const { files, missing } =
    context.positionals.length === 0 ? { files: undefined, missing: [] } : await reportFiles(context.positionals);
  const summary = await app.importReports(files, { signal: context.signal });
  const [problem] = app.triageProblems();
  if (problem !== undefined) throw new HumanError(problem);
  const rejected = [...missing, ...summary.rejected];
  for (const one of rejected) context.say(rejectionLine(one));
  // A rejection of the whole report, which then is not among those read; others are parts of a report that was read.
  const unreadable = rejected.some(({ file, path }) => path === '' && !summary.reports.some(({ name }) => name === file));
  if (id === undefined) return { ids: app.findings.rows(undefined, 0, app.findings.count).map((row) => row.id), unreadable };
  if (app.findings.get(id) === undefined)
    throw new UsageError(`there is no finding “${id}” in these reports (patchline import lists them)`);
  return { ids: [id], unreadable };
}

/** What stopped the work on one finding, in words. The others go on whatever it was, except when all of it is cancelled. */
function wordsOf(error: unknown): string {
  if (isCancelled(error)) throw error;
  return isHumanError(error) || isVendorError(error) ? error.message : `unexpected: ${messageOf(error)}`;
}

/** `patchline prove [REPORT…] --workspace DIR (--finding ID | --all)`. Exit 1 unless every proof is successful. */
export async function proveCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  const answers: Readonly<Record<string, unknown>>[] = [];
  let proven = true;
  const { ids, unreadable } = await chooseRecorded(context, app);
  for (const id of ids) {
    try {
      const proof = await app.prove(id, { signal: context.signal, onProgress: (message) => context.say(`${id}: ${message}`) });
      const { findingId, ...rest } = proof;
      answers.push({ finding: findingId, ...rest });
      if (!context.options.json) {
        context.line(
          `${findingId}: ${proof.outcome}${proof.weaker && proof.outcome === 'successful' ? ' (weaker: versions, not behaviour)' : ''}`,
        );
        for (const check of proof.checks) context.line(`  ${check.outcome.padEnd(12)} ${check.title}: ${check.detail}`);
      }
      if (proof.outcome !== 'successful') proven = false;
    } catch (error) {
      const words = wordsOf(error);
      proven = false;
      answers.push({ finding: id, outcome: 'error', noProof: because(words) });
      context.say(`${id}: ${words}`);
    }
  }
  if (context.options.json) context.json(context.options.all ? answers : answers[0]);
  if (unreadable) return 2;
  return proven ? 0 : 1;
}

/** `patchline run [REPORT…] --workspace DIR (--finding ID | --all) [--until END]`: the way, headless, as far as it is told. */
export async function runCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  const until = endOf(context.options.until);
  const { approveAs } = context.options;
  if (approveAs !== undefined && until !== 'approved' && until !== 'deployed')
    throw new UsageError('--approve-as signs off on the way to --until approved or deployed, and nowhere else');
  const runs: Readonly<Record<string, unknown>>[] = [];
  let ok = true;
  const { ids, unreadable } = await chooseRecorded(context, app);
  for (const id of ids) {
    const ended = await runToEnd(context, app, id, until);
    ok &&= ended.ok;
    const run = app.runs.forFinding(id);
    const pullRequest = latestStep(run, 'pull-request')?.data;
    const revert = latestStep(run, deliverySteps.revert)?.data;
    runs.push({
      finding: id,
      outcome: ended.outcome,
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
      ...(revert === undefined ? {} : { revert }),
    });
  }
  const log = await app.verifyLog();
  if (log.some((verdict) => verdict.kind !== 'intact')) ok = false;
  if (context.options.json) {
    const [only] = runs;
    // One finding all the way is one document; several, and the way to the pull request alone, are a list.
    const whole = until !== 'pull-request' && !context.options.all && only !== undefined;
    context.json(whole ? { ...only, ...stagesOf(app, ids[0] ?? ''), log } : { outcome: ok ? 'successful' : 'failed', runs, log });
  }
  if (unreadable) return 2;
  return ok ? 0 : 1;
}

/** The eight stages as they stand, each with its time in seconds and all that backs it, and whether the finding is open again. */
function stagesOf(app: Patchline, id: string): Readonly<Record<string, unknown>> {
  const run = app.runs.forFinding(id);
  if (run === undefined) return { stages: [] };
  const ended = Date.parse(run.steps.at(-1)?.at ?? run.startedAt);
  return {
    stages: stageStates(run).map(({ stage, state, since, duration, parts }) => ({
      stage,
      outcome: state,
      seconds: since === undefined ? 0 : (duration ?? ended - Date.parse(since)) / 1000,
      evidence: parts.flatMap(({ evidence }) => evidence),
    })),
    steps: run.steps.map(({ stage, name, attempt, outcome, summary, at }) => ({ stage, name, attempt, outcome, summary, at })),
    ...(latestStep(run, deliverySteps.reopened) === undefined ? {} : { reopened: true }),
  };
}

function endOf(text: string | undefined): End {
  const end = ends.find((one) => one === (text ?? 'pull-request'));
  if (end === undefined) throw new UsageError(`--until ${text ?? ''}: there is only ${ends.join(', ')}`);
  return end;
}

/** The whole way of one finding; each step is told on standard error as it is recorded. */
async function runToEnd(
  context: CommandContext,
  app: Patchline,
  id: string,
  until: End,
): Promise<{ readonly outcome: string; readonly ok: boolean; readonly because: string }> {
  const first = await runOne(context, app, id);
  if (!first.ok || until === 'pull-request') return { outcome: first.ok ? 'successful' : 'failed', ...first };
  let told = app.runs.forFinding(id)?.steps.length ?? 0;
  const stop = app.runs.onDidChange(() => {
    const steps = app.runs.forFinding(id)?.steps ?? [];
    for (const step of steps.slice(told)) context.say(`${id}: ${step.stage} · ${step.name}: ${step.outcome}: ${step.summary}`);
    told = steps.length;
  });
  try {
    const ended = await deliver(context, app, id, until);
    if (!context.options.json) context.line(`${id}: ${ended.outcome}: ${ended.because}`);
    return ended;
  } catch (error) {
    const words = wordsOf(error);
    context.say(`${id}: ${words}`);
    return { outcome: 'failed', ok: false, because: words };
  } finally {
    stop();
  }
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
        if (!context.options.json) context.line(`${id}: ${gate.rests}`);
        return { ok: gate.ok, because: gate.rests };
      }
      const last = app.runs.forFinding(id)?.steps.at(-1);
      if (last !== undefined && !context.options.json)
        context.line(`${id}: ${last.stage} · ${last.name}: ${last.outcome}: ${last.summary}`);
    } catch (error) {
      const words = wordsOf(error);
      context.say(`${id}: ${words}`);
      return { ok: false, because: words };
    }
  }
  return { ok: false, because: 'the run does not come to rest' };
}

/** `patchline log verify FILE`: exit 1 with the first bad entry and why. */
export function reportVerdicts(
  context: CommandContext,
  verdicts: readonly (LogVerdict & { readonly file?: string })[],
): ExitCode {
  if (context.options.json) context.json(verdicts.length === 1 ? verdicts[0] : verdicts);
  else {
    for (const verdict of verdicts) {
      context.line(
        verdict.kind === 'intact'
          ? `${verdict.chain}: intact, ${verdict.entries} entries, head ${verdict.head}`
          : `${verdict.chain}: ${verdict.kind} at entry ${verdict.n}: ${verdict.why}`,
      );
    }
  }
  return verdicts.every((verdict) => verdict.kind === 'intact') ? 0 : 1;
}

/** `patchline watch --workspace DIR` */
export async function watchCommand(context: CommandContext, app: Patchline): Promise<ExitCode> {
  await watch(context, app);
  return 0;
}
