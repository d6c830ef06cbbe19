import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isVendorError, messageOf } from '../../core/errors';
import { sha256Hex } from '../../core/log/digest';
import type { Evidence } from '../../core/model/evidence';
import type { ProofCheck, ProofCheckId } from '../../core/model/proof';
import type { CommandRun } from '../../core/proof/compareSuites';
import type { Verdict } from '../../core/proof/checkClean';
import type { Clock, EvidenceStore, Task } from '../../core/ports';
import type { ProofTrees } from './proofTrees';
import { readText } from '../clients/readText';
import { canIsolate, runSandboxed } from '../clients/sandbox';

export type Side = 'base' | 'patched';

export interface SessionOptions {
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** A command's run with what is needed to read a report from it. */
export interface SideRun extends CommandRun {
  readonly stdout: string;
  readonly isolated: boolean;
}

/**
 * One proof at work: runs commands in the two trees, keeps what they wrote as evidence of the check they belong to, and makes
 * the checks with their times.
 */
export class ProofSession {
  private transcript: string[] = [];
  private networkOn = false;

  constructor(
    readonly trees: ProofTrees,
    readonly task: Task,
    private readonly options: SessionOptions,
  ) {}

  folder(side: Side): string {
    return this.trees[side];
  }

  /** Runs a program in one of the trees, in its workspace folder or in one below it. */
  async run(side: Side, command: readonly string[], folder = ''): Promise<SideRun> {
    // The place in the evidence is that of the start, so that runs at the same time are told in a fixed order.
    const slot = this.transcript.push('') - 1;
    const transcript = this.transcript;
    const run = await runSandboxed(command, {
      cwd: join(this.folder(side), folder),
      temporary: this.trees.temporary,
      timeoutMs: this.options.timeoutMs,
      ...(this.task.signal === undefined ? {} : { signal: this.task.signal }),
    });
    if (!run.isolated) this.networkOn = true;
    const stdout = this.withoutPaths(run.stdout);
    const stderr = this.withoutPaths(run.stderr);
    transcript[slot] = [
      `${side === 'base' ? 'without the fix' : 'with the fix'}: ${command.map((part) => this.withoutPaths(part)).join(' ')}`,
      `commit: ${this.trees.commit}${side === 'patched' ? ' and the patch' : ''}`,
      ...(folder === '' ? [] : [`folder: ${folder}`]),
      `exit code: ${run.exitCode ?? `none (${run.signal ?? 'signal'})`}${run.timedOut ? ', ended for taking too long' : ''}`,
      `network: ${run.isolated ? 'off, loopback only' : 'not switched off (this system offers no way to)'}`,
      `stdout: sha256 ${sha256Hex(stdout)}${run.truncated ? ', cut' : ''}`,
      `stderr: sha256 ${sha256Hex(stderr)}${run.truncated ? ', cut' : ''}`,
      '--- stdout',
      stdout,
      '--- stderr',
      stderr,
    ].join('\n');
    return {
      exitCode: run.exitCode,
      output: `${stdout}\n${stderr}`,
      stdout: run.stdout,
      timedOut: run.timedOut,
      isolated: run.isolated,
    };
  }

  /**
   * Does the same on both sides: at the same time where each run has a network of its own, since then no port can collide; else
   * one after the other. Ends only when both have ended, so that nothing still runs in a tree that is about to be removed.
   */
  async onBoth<T>(act: (side: Side) => Promise<T>): Promise<{ readonly base: T; readonly patched: T }> {
    if (!(await canIsolate())) return { base: await act('base'), patched: await act('patched') };
    const [base, patched] = await Promise.allSettled([act('base'), act('patched')]);
    if (base.status === 'rejected') throw base.reason;
    if (patched.status === 'rejected') throw patched.reason;
    return { base: base.value, patched: patched.value };
  }

  /** Adds words to the evidence of the check that is being made. */
  note(words: string): void {
    this.transcript.push(words);
  }

  /** Makes one check: its verdict, its evidence, its time. What could not be measured becomes outcome `error`. */
  async check(id: ProofCheckId, title: string, fraction: number, make: () => Promise<Verdict>): Promise<ProofCheck> {
    this.task.onProgress?.(title, fraction);
    this.transcript = [];
    this.networkOn = false;
    const started = this.options.clock.now();
    let verdict: Verdict;
    try {
      verdict = await make();
    } catch (error) {
      if (!isVendorError(error)) throw error;
      verdict = { outcome: 'error', detail: `Could not check: ${messageOf(error)}` };
    }
    const duration = this.options.clock.now() - started;
    if (this.networkOn)
      verdict = { ...verdict, detail: `${verdict.detail} (The network could not be switched off on this system.)` };
    const evidence: Evidence[] = [];
    const record = [`${title}: ${verdict.outcome}`, verdict.detail, ...this.transcript].join('\n\n');
    evidence.push(await this.options.evidence.put(`proof-${id}.txt`, 'text/plain; charset=utf-8', `${record}\n`));
    return { id, title, outcome: verdict.outcome, detail: verdict.detail, evidence, duration };
  }

  /** Puts the same bytes into both trees while `use` runs, and what was there before back afterwards. */
  async withFile<T>(path: string, text: string, use: () => Promise<T>): Promise<T> {
    const files = [join(this.trees.base, path), join(this.trees.patched, path)];
    const before = await Promise.all(files.map((file) => readText(file)));
    for (const file of files) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    try {
      return await use();
    } finally {
      for (const [index, file] of files.entries()) {
        const old = before[index];
        if (old === undefined) await rm(file, { force: true });
        else await writeFile(file, old);
      }
    }
  }

  /** Folders of this machine say nothing to a reader and would make equal outputs differ. */
  private withoutPaths(text: string): string {
    const { roots, temporary } = this.trees;
    return text
      .replaceAll(roots.base, '<work tree>')
      .replaceAll(roots.patched, '<work tree>')
      .replaceAll(temporary, '<temporary>');
  }
}
