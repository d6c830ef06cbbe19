import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeSitter } from '../../src/adapters/clients/treeSitter';
import { createWorktreeProver } from '../../src/adapters/proof/worktreeProver';
import type { ProverOptions } from '../../src/adapters/proof/worktreeProver';
import { nodeWorkspace } from '../../src/adapters/workspace/nodeWorkspace';
import type { Finding } from '../../src/core/model/finding';
import type { FileChange, Patch } from '../../src/core/model/patch';
import type { Policy } from '../../src/core/model/policy';
import type { Proof, ProofCheckId } from '../../src/core/model/proof';
import type { RegressionTest } from '../../src/core/model/regressionTest';
import { makeFinding } from './findings';
import { TestRepo } from './gitRepo';
import { memoryEvidence } from './memoryEvidence';
import { plainSarif } from './plainSarif';

export const weak = 'exports.double = (n) => n + n;\nexports.greet = (name) => `<b>${name}</b>`;\n';
export const cured = weak.replace('${name}', "${String(name).replace(/</g, '&lt;')}");

export const attack = `const assert = require('node:assert/strict');
const { it } = require('node:test');
const { greet } = require('../src/greet');
it('keeps markup out', () => assert.ok(!greet('<i>').includes('<i>'), 'Patchline: markup: it came through'));
it('greets', () => assert.equal(greet('ada'), '<b>ada</b>'));
`;

export const own = `const assert = require('node:assert/strict');
const { it } = require('node:test');
const { double, greet } = require('../src/greet');
it('doubles', () => assert.equal(double(2), 4));
it('is bold', () => assert.match(greet('x'), /^<b>/));
`;

export interface GreeterCase {
  readonly after?: string;
  readonly changes?: readonly FileChange[];
  readonly test?: Partial<RegressionTest>;
  readonly finding?: Partial<Finding>;
  readonly policy?: Policy;
  readonly options?: Partial<ProverOptions>;
  /** Workspace folder below the repository's root. */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** A small project without packages in a repository of its own, and a prover for it: tests say only what is special. */
export class GreeterProof {
  readonly repo = new TestRepo();
  private readonly evidence = memoryEvidence();

  constructor() {
    this.repo.write('package.json', '{ "name": "greeter", "scripts": { "test": "node --test" } }\n');
    this.repo.write('src/greet.js', weak);
    this.repo.write('test/greet.test.js', own);
    this.repo.commitAll();
  }

  async prove(given: GreeterCase = {}, root = this.repo.root): Promise<Proof> {
    const prover = createWorktreeProver({
      evidence: this.evidence,
      clock: { now: () => Date.now() },
      parser: treeSitter,
      readers: [plainSarif],
      npm: () => ['npm'],
      cache: join(this.repo.root, '.git', 'cache'),
      repeat: 1,
      timeoutSeconds: 60,
      mayRun: () => true,
      ...given.options,
    });
    const finding = makeFinding({
      ruleId: 'markup',
      locations: [{ path: 'src/greet.js', startLine: 2 }],
      witnesses: [],
      ...given.finding,
    });
    const patch: Patch = {
      findingId: finding.id,
      fixer: 'by-hand',
      trust: 'person',
      title: 'Escapes',
      reason: 'Because.',
      changes: given.changes ?? [{ path: 'src/greet.js', before: weak, after: given.after ?? cured }],
      notes: [],
    };
    const test: RegressionTest = {
      findingId: finding.id,
      framework: 'node-test',
      path: 'test/greet.markup.test.js',
      text: attack,
      command: ['node', '--test', 'test/greet.markup.test.js'],
      strength: 'behaviour',
      expectedFailure: 'Patchline: markup:',
      claim: 'Markup stays out.',
      ...given.test,
    };
    return prover.prove(finding, patch, test, {
      workspace: nodeWorkspace(join(root, given.folder ?? '')),
      findings: [],
      policy: given.policy ?? { test: { suite: ['node', '--test', 'test/'] } },
      ...(given.signal === undefined ? {} : { signal: given.signal }),
      ...(given.onProgress === undefined ? {} : { onProgress: given.onProgress }),
    });
  }

  check(proof: Proof, id: ProofCheckId): { readonly outcome: string; readonly detail: string; readonly text: string } {
    const found = proof.checks.find((one) => one.id === id);
    assert.ok(found, `no check ${id}`);
    const text = this.evidence.texts.get(found.evidence[0]?.digest.sha256 ?? '') ?? '';
    return { outcome: found.outcome, detail: found.detail, text };
  }

  /** Removes the repository, after making sure that no proof left anything behind. */
  dispose(): void {
    const trees = this.repo.git('worktree', 'list').split('\n');
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith(`patchline-proof-${process.pid}-`));
    this.repo.dispose();
    assert.equal(trees.length, 1, 'no work tree is left');
    assert.deepEqual(left, []);
  }
}
