import { HumanError, throwIfCancelled } from '../../src/core/errors';
import type { Outcome } from '../../src/core/model/outcome';
import type { Patch } from '../../src/core/model/patch';
import type { Proof } from '../../src/core/model/proof';
import type { RegressionTest } from '../../src/core/model/regressionTest';
import type { PatchRun, RecordedStep } from '../../src/core/model/run';
import type { Stage } from '../../src/core/model/stage';
import type { TriagedFinding } from '../../src/core/model/triage';
import type { ImportSummary, Patchline } from '../../src/core/patchline';
import type { Advance } from '../../src/core/pipeline';
import { createFindingsTable } from '../../src/core/triage/findingsTable';
import { FakeDelivery } from './delivery';
import { finish } from '../../src/core/steps';

/** Answers that a test gives; what is left out refuses as the real thing would. */
export interface FakeAnswers {
  readonly findings?: readonly TriagedFinding[];
  readonly patch?: (findingId: string) => Patch;
  readonly test?: (findingId: string) => RegressionTest;
  readonly proof?: (findingId: string) => Proof;
}

/** A Patchline in memory for tests of the editor: findings as given, runs from what was accepted, and a note of every call. */
export class FakePatchline implements Patchline {
  readonly calls: string[] = [];
  readonly table = createFindingsTable();
  readonly findings = this.table;
  readonly delivery = new FakeDelivery();
  private readonly patches = new Map<string, Patch>();
  private readonly tests = new Map<string, RegressionTest>();
  private readonly proofs = new Map<string, Proof>();
  private readonly runList = new Map<string, PatchRun>();
  private readonly runListeners = new Set<() => void>();
  disposed = false;
  retired = false;

  constructor(private readonly answers: FakeAnswers = {}) {}

  readonly runs = {
    all: () => [...this.runList.values()],
    forFinding: (id: string) => this.runList.get(id),
    problems: () => [],
    onDidChange: (listener: () => void) => {
      this.runListeners.add(listener);
      return () => this.runListeners.delete(listener);
    },
  };

  async importReports(...[files, task]: Parameters<Patchline['importReports']>): Promise<ImportSummary> {
    this.calls.push(`import ${files?.map((file) => file.name).join(' ') ?? 'all'}`);
    throwIfCancelled(task?.signal);
    const before = this.table.all().length;
    const findings = this.answers.findings ?? [];
    finish(this.table.replaceSteps(findings));
    const reports =
      findings.length === 0 ? [] : [{ name: 'reports/eslint.sarif', format: 'sarif', findings: findings.length, notes: [] }];
    return { added: findings.length - before, closed: 0, unchanged: before, total: findings.length, reports, rejected: [] };
  }

  async generateFix(id: string): Promise<Patch | { findingId: string; noFix: string }> {
    this.calls.push(`fix ${id}`);
    return this.answers.patch?.(id) ?? { findingId: id, noFix: 'no fixer knows this rule.' };
  }

  async acceptPatch(patch: Patch): Promise<PatchRun> {
    this.calls.push(`acceptPatch ${patch.findingId}`);
    this.patches.set(patch.findingId, patch);
    return this.record(patch.findingId, 'generation', 'patch', 'successful', patch.title);
  }

  async generateTest(id: string): Promise<RegressionTest | { findingId: string; noTest: string }> {
    this.calls.push(`test ${id}`);
    return this.answers.test?.(id) ?? { findingId: id, noTest: 'no test plan knows this rule.' };
  }

  async acceptTest(test: RegressionTest): Promise<PatchRun> {
    this.calls.push(`acceptTest ${test.findingId}`);
    this.tests.set(test.findingId, test);
    return this.record(test.findingId, 'generation', 'test', 'successful', test.claim);
  }

  async prove(id: string): Promise<Proof> {
    this.calls.push(`prove ${id}`);
    const proof = this.answers.proof?.(id);
    if (proof === undefined) throw new HumanError('There is nothing to prove.');
    this.proofs.set(id, proof);
    this.record(id, 'testing', 'proof', proof.outcome, 'seven checks');
    return proof;
  }

  async openPullRequest(id: string): Promise<never> {
    this.calls.push(`pullRequest ${id}`);
    throw new HumanError('The repository has no commit yet.');
  }

  async advance(id: string): Promise<Advance> {
    this.calls.push(`advance ${id}`);
    return { rests: 'The fake goes no way of its own.', ok: true };
  }

  currentPatch = async (id: string): Promise<Patch | undefined> => this.patches.get(id);
  currentTest = async (id: string): Promise<RegressionTest | undefined> => this.tests.get(id);
  currentProof = async (id: string): Promise<Proof | undefined> => this.proofs.get(id);
  evidence = async (): Promise<Uint8Array | undefined> => undefined;
  reportNames = (): readonly string[] => [];
  triageProblems = (): readonly string[] => [];
  verifyLog = async (): Promise<readonly never[]> => [];

  retire(): Promise<void> {
    this.retired = true;
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  private record(findingId: string, stage: Stage, name: string, outcome: Outcome, summary: string): PatchRun {
    const finding = this.table.get(findingId);
    if (finding === undefined) throw new HumanError(`There is no finding ${findingId}.`);
    const known = this.runList.get(findingId);
    const steps: readonly RecordedStep[] = known?.steps ?? [];
    const at = new Date(Date.UTC(2026, 0, 1, 12, steps.length)).toISOString();
    const step: RecordedStep = {
      run: `run-${findingId}`,
      stage,
      name,
      attempt: steps.filter((one) => one.stage === stage && one.name === name).length + 1,
      outcome,
      summary,
      evidence: [],
      at,
      by: 'Ada Lovelace',
      entry: { chain: 'c0ffee00', n: steps.length + 1, hash: '0'.repeat(64) },
    };
    const run: PatchRun = {
      id: `run-${findingId}`,
      finding,
      startedAt: known?.startedAt ?? at,
      steps: [...steps, step],
      stage,
      state: outcome === 'failed' ? 'failed' : 'active',
    };
    this.runList.set(findingId, run);
    for (const listener of this.runListeners) listener();
    return run;
  }
}
