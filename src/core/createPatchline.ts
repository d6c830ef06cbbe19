import { createDelivery } from './createDelivery';
import type { PatchlinePorts } from './patchlinePorts';
import { overlayWorkspace } from './edits/overlayWorkspace';
import { HumanError, messageOf, throwIfCancelled } from './errors';
import { plainFinding } from './findings/findingHandle';
import type { LogVerdict } from './model/logEntry';
import type { FileChange, Patch } from './model/patch';
import type { RolloutState } from './model/rollout';
import type { PatchRun } from './model/run';
import type { TriagedFinding } from './model/triage';
import type { ImportSummary, Patchline, RunsView } from './patchline';
import type { ReportFile, Task, Workspace } from './ports';
import { createQueue } from './queue';
import { loadPatch, loadProof, loadTest, patchDigest, storePatch, storeProof, storeTest, testDigest } from './runs/artifacts';
import { because } from './because';
import { findingsImported, firstSeenOf, importDelta } from './runs/firstSeen';
import { rolloutsByRun } from './rollout/rolloutsByRun';
import { createLogFold } from './runs/foldLog';
import { latestStep } from './runs/foldRuns';
import { findingReopened, recordRolloutEvent, reopenedFindings } from './runs/recordRollout';
import type { StepDraft } from './runs/recordRun';
import { createRunRecorder, systemActor } from './runs/recordRun';
import { openRunPullRequest } from './stages/build';
import type { Detection } from './stages/detection';
import { importSteps, noDetection } from './stages/detection';
import { holdsFor, makeStep, nextStep } from './pipeline';
import { isNoFix, proposePatch } from './stages/generation';
import { triageSteps } from './stages/triage';
import { inTurns } from './steps';
import { createFindingsTable } from './triage/findingsTable';

/** Builds the application over its ports. Nothing is read until it is asked for. */
export function createPatchline(ports: PatchlinePorts): Patchline {
  const table = createFindingsTable();
  const fold = createLogFold();
  const recorder = createRunRecorder(
    ports.log,
    () => ports.identity.current(),
    (entries) => fold(entries).runs,
  );
  let detection: Detection = noDetection;
  let runs: readonly PatchRun[] = [];
  let rollouts: readonly RolloutState[] = [];
  let ofRun: ReadonlyMap<string, readonly RolloutState[]> = new Map();
  let problems: readonly LogVerdict[] = [];
  let unsorted: readonly string[] = [];
  const runListeners = new Set<() => void>();
  // A log that cannot be read now is read again at the next change; whoever asks meets the error.
  const stopListening = ports.log.onDidChange(() => void refreshRuns().catch(() => undefined));
  const refreshing = createQueue();

  /** One refresh after the other, so that an older reading of the log never replaces a newer one. */
  const refreshRuns = (): Promise<void> =>
    refreshing(async () => {
      const read = await ports.log.read();
      ({ runs, rollouts } = fold(read.entries));
      ofRun = rolloutsByRun(rollouts);
      problems = read.problems;
      announce();
    });

  function announce(): void {
    for (const listener of runListeners) listener();
  }

  /** Records a step and brings the runs up to date, so that what is asked next sees it. */
  async function record(run: PatchRun, step: StepDraft): Promise<PatchRun> {
    const recorded = await recorder.record(run, step);
    await refreshRuns();
    return recorded;
  }

  function findingOf(id: string): TriagedFinding {
    const finding = table.get(id) ?? runOf(id)?.finding;
    if (finding === undefined)
      throw new HumanError(`There is no finding ${id}. It may have been fixed, or its report is no longer here.`);
    return finding;
  }

  /** The finding with all that its report says: large reports are kept in short. */
  async function wholeOf(id: string): Promise<TriagedFinding> {
    const finding = plainFinding(findingOf(id));
    return finding.detail === undefined
      ? finding
      : { ...finding, ...plainFinding(await ports.reports.detail(finding)), triage: finding.triage };
  }

  function runOf(findingId: string): PatchRun | undefined {
    return runs.findLast((run) => run.finding.id === findingId);
  }

  function requireTrust(what: string): void {
    if (!ports.mayRun())
      throw new HumanError(
        `${what} runs programs of this workspace. Trust the workspace first (Workspaces: Manage Workspace Trust).`,
      );
  }

  // Both let other work go first, and what began earlier must not come after what is newer.
  const retriaging = createQueue();
  const importing = createQueue();

  const retriage = (): Promise<void> =>
    retriaging(async () => {
      const { entries } = await ports.log.read();
      const { firstSeen } = await firstSeenOf(entries, ports.evidence);
      const unread: string[] = [];
      /** Findings are never lost for a file that only sorts them; whatever a policy can refuse reads it itself, and refuses. */
      const orDefault = async <T>(read: Promise<T>, otherwise: T): Promise<T> =>
        read.catch((error: unknown) => {
          unread.push(messageOf(error));
          return otherwise;
        });
      const policy = await orDefault(ports.policy(), {});
      const ownersOf = await orDefault(ports.owners(), () => []);
      unsorted = unread;
      const context = { policy, ownersOf, firstSeen, now: ports.clock.now() };
      const triaged = await inTurns(triageSteps(reopenedFindings(detection.findings, runs), context), ports.clock);
      await inTurns(table.replaceSteps(triaged), ports.clock);
    });

  async function importNow(files?: readonly ReportFile[], task: Task = {}): Promise<ImportSummary> {
    const asked =
      files === undefined ? await ports.reports.discover(task) : await Promise.all(files.map((file) => ports.reports.keep(file)));
    throwIfCancelled(task.signal);
    const read = await ports.reports.read(asked, task);
    throwIfCancelled(task.signal);
    const forget =
      files === undefined ? [...detection.reports.keys()].filter((name) => !asked.some((file) => file.name === name)) : [];
    const { firstSeen } = await firstSeenOf((await ports.log.read()).entries, ports.evidence);
    const change = await inTurns(
      importSteps(detection, read.reports, read.rejected, forget, firstSeen, ports.sha256),
      ports.clock,
    );
    // What the log has seen in an earlier session is not new now.
    const added = change.added.filter((id) => !firstSeen.has(id));
    if (files !== undefined || added.length > 0 || change.closed.length > 0) {
      const delta = await ports.evidence.put(importDelta, 'application/json', JSON.stringify({ added, closed: change.closed }));
      await ports.log.append({
        kind: findingsImported,
        body: {
          reports: read.reports.map(({ name, report }) => ({
            name,
            format: report.format,
            scanner: report.scanner,
            findings: report.findings.length,
          })),
          rejected: read.rejected.length,
          added: added.length,
          closed: change.closed.length,
          unchanged: change.unchanged,
          delta: delta.digest.sha256,
        },
        actor: await ports.identity.current(),
      });
    }
    detection = change.detection;
    await retriage();
    await refreshRuns();
    return {
      added: added.length,
      closed: change.closed.length,
      unchanged: detection.findings.length - added.length,
      total: detection.findings.length,
      reports: read.reports.map(({ name, report }) => ({
        name,
        format: report.format,
        findings: report.findings.length,
        notes: report.notes,
      })),
      rejected: [...read.rejected, ...read.reports.flatMap(({ report }) => report.rejected)],
    };
  }

  /** What a test is written against: the weak code, and the tests of the other runs, whose names are taken. */
  async function forTest(workspace: Workspace, findingId: string, patch: Patch | undefined): Promise<Workspace> {
    const changes = patch === undefined ? [] : [...(await undoneIn(workspace, patch))];
    for (const other of runs) {
      if (other.finding.id === findingId || other.state === 'superseded') continue;
      const test = await loadTest(ports.evidence, other);
      if (test !== undefined) changes.push({ path: test.path, before: null, after: test.text });
    }
    return changes.length === 0 ? workspace : overlayWorkspace(workspace, changes);
  }

  async function context(task: Task = {}) {
    return { workspace: ports.workspace, findings: detection.findings, policy: await ports.policy(), ...task };
  }

  const api: Omit<Patchline, 'findings' | 'runs' | 'delivery'> = {
    importReports: (files, task) => importing(() => importNow(files, task)),
    reportNames: () => [...detection.reports.keys()],
    async generateFix(findingId, task) {
      requireTrust('Generating a fix');
      return proposePatch(await wholeOf(findingId), ports.fixers, await context(task));
    },
    async acceptPatch(patch) {
      const run = await recorder.begin(await wholeOf(patch.findingId));
      const digest = patchDigest(patch);
      const same = latestStep(run, 'patch');
      if (same?.data?.['patchDigest'] === digest) return run;
      return record(run, {
        stage: 'generation',
        name: 'patch',
        outcome: 'successful',
        summary: patch.title,
        evidence: await storePatch(ports.evidence, patch),
        data: { fixer: patch.fixer, trust: patch.trust, patchDigest: digest, files: patch.changes.map((change) => change.path) },
      });
    },
    async generateTest(findingId, task) {
      const patch = await loadPatch(ports.evidence, runOf(findingId));
      const base = await context(task);
      return ports.testWriter.write(await wholeOf(findingId), {
        ...base,
        workspace: await forTest(base.workspace, findingId, patch),
        ...(patch === undefined ? {} : { patch }),
      });
    },
    async acceptTest(test) {
      const run = await recorder.begin(await wholeOf(test.findingId));
      const digest = testDigest(test);
      if (latestStep(run, 'test')?.data?.['testDigest'] === digest) return run;
      return record(run, {
        stage: 'generation',
        name: 'test',
        outcome: test.strength === 'skeleton' ? 'waiting' : 'successful',
        summary: test.strength === 'skeleton' ? `${test.path} waits for a person to complete the marked line.` : test.claim,
        evidence: await storeTest(ports.evidence, test),
        data: { framework: test.framework, strength: test.strength, testDigest: digest, path: test.path },
      });
    },
    async prove(findingId, task = {}) {
      requireTrust('Proving a fix');
      await refreshRuns();
      const finding = await wholeOf(findingId);
      let patch = await loadPatch(ports.evidence, runOf(findingId));
      if (patch === undefined) {
        const answer = await api.generateFix(findingId, task);
        if (isNoFix(answer)) throw new HumanError(`There is no fix to prove, ${because(answer.noFix)}.`);
        patch = answer;
        await api.acceptPatch(patch);
      }
      let test = await loadTest(ports.evidence, runOf(findingId));
      if (test === undefined) {
        const answer = await api.generateTest(findingId, task);
        if ('noTest' in answer)
          throw new HumanError(`There is no regression test to prove the fix with, ${because(answer.noTest)}.`);
        test = answer;
        await api.acceptTest(test);
      }
      const proof = await ports.prover.prove(finding, patch, test, await context(task));
      const run = await recorder.begin(finding);
      await record(run, {
        stage: 'generation',
        name: 'proof',
        outcome: proof.outcome,
        summary: proof.checks.map((check) => `${check.title}: ${check.outcome}`).join('; '),
        evidence: await storeProof(ports.evidence, proof),
        data: { patchDigest: proof.patchDigest, testDigest: proof.testDigest, base: proof.base, weaker: proof.weaker },
      });
      return proof;
    },
    async openPullRequest(findingId, task = {}) {
      requireTrust('Opening a pull request');
      await refreshRuns();
      const finding = findingOf(findingId);
      const run = runOf(findingId);
      const [patch, test, proof] = await Promise.all([
        api.currentPatch(findingId),
        api.currentTest(findingId),
        api.currentProof(findingId),
      ]);
      if (run === undefined || patch === undefined)
        throw new HumanError('There is no accepted fix for this finding yet: Generate Fix first, then apply it or prove it.');
      const { pullRequest, step } = await openRunPullRequest({
        finding,
        run,
        patch,
        ...(test === undefined ? {} : { test }),
        // A proof of another patch or another test says nothing about this one.
        ...(proof !== undefined && test !== undefined && holdsFor(proof, patch, test) ? { proof } : {}),
        policy: await ports.policy(),
        sourceControl: ports.sourceControl,
        forge: await ports.forge(),
        task,
      });
      const known = latestStep(run, 'pull-request')?.data;
      if (known?.['url'] !== pullRequest.url || known?.['headCommit'] !== pullRequest.headCommit) await record(run, step);
      return pullRequest;
    },
    async advance(findingId, task = {}) {
      await refreshRuns();
      const [patch, test, proof] = await Promise.all([
        api.currentPatch(findingId),
        api.currentTest(findingId),
        api.currentProof(findingId),
      ]);
      const gate = nextStep(runOf(findingId), { patch, test, proof });
      if ('rests' in gate) return gate;
      await makeStep(gate.next, {
        async generate() {
          const answer = await api.generateFix(findingId, task);
          if (isNoFix(answer)) throw new HumanError(`No fix, ${because(answer.noFix)}.`);
          await api.acceptPatch(answer);
        },
        async writeTest() {
          const answer = await api.generateTest(findingId, task);
          if ('noTest' in answer) throw new HumanError(`No regression test, ${because(answer.noTest)}.`);
          await api.acceptTest(answer);
        },
        prove: () => api.prove(findingId, task),
        open: () => api.openPullRequest(findingId, task),
      });
      return gate;
    },
    currentPatch: (findingId) => loadPatch(ports.evidence, runOf(findingId)),
    currentTest: (findingId) => loadTest(ports.evidence, runOf(findingId)),
    currentProof: (findingId) => loadProof(ports.evidence, runOf(findingId)),
    evidence: (sha256) => ports.evidence.get(sha256),
    triageProblems: () => unsorted,
    verifyLog: () => ports.log.verify(),
    async retire() {
      stopListening();
      runListeners.clear();
      // What is still recorded is appended all the same; the log only watches no more.
      ports.log.dispose();
      await delivery.retire();
    },
    async dispose() {
      stopListening();
      runListeners.clear();
      await delivery.dispose();
      ports.log.dispose();
      return ports.dispose();
    },
  };

  const delivery = createDelivery({
    ports,
    runs: () => runs,
    runOf,
    rolloutsOf: (run) => ofRun.get(run) ?? [],
    rollouts: () => rollouts,
    record,
    async recordRollout(plan, event, actor) {
      await recordRolloutEvent(ports.log, plan, event, actor);
      await refreshRuns();
    },
    async reopen(run, why) {
      await ports.log.append({ kind: findingReopened, body: { finding: run.finding.id, run: run.id, why }, actor: systemActor });
      await refreshRuns();
      await retriage();
    },
    mayAct: () => Promise.resolve(),
    refreshRuns,
    foldLog: fold,
    announce,
    requireTrust,
    patchOf: (findingId) => api.currentPatch(findingId),
    testOf: (findingId) => api.currentTest(findingId),
    proofOf: (findingId) => api.currentProof(findingId),
  });

  const runsView: RunsView = {
    all: () => runs,
    forFinding: runOf,
    problems: () => problems,
    onDidChange(listener) {
      runListeners.add(listener);
      return () => runListeners.delete(listener);
    },
  };
  return { findings: table, runs: runsView, delivery, ...api };
}

/**
 * The workspace as it was before the fix, where the fix is applied already: a test is planned from the weak code, for the
 * cured one no longer shows where and how it was weak.
 */
async function undoneIn(workspace: Workspace, patch: Patch): Promise<readonly FileChange[]> {
  const undone: FileChange[] = [];
  for (const { path, before, after } of patch.changes) {
    if (before !== null && (await workspace.readText(path)) === after) undone.push({ path, before: after, after: before });
  }
  return undone;
}
