import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { treeSitter } from '../../src/adapters/clients/treeSitter';
import { jest } from '../../src/adapters/testFrameworks/jest';
import { mocha } from '../../src/adapters/testFrameworks/mocha';
import { nodeTest } from '../../src/adapters/testFrameworks/nodeTest';
import { vitest } from '../../src/adapters/testFrameworks/vitest';
import { createProjectTestWriter } from '../../src/adapters/testWriters/projectTestWriter';
import { nodeWorkspace } from '../../src/adapters/workspace/nodeWorkspace';
import type { Finding } from '../../src/core/model/finding';
import type { Policy } from '../../src/core/model/policy';
import type { NoTest, RegressionTest } from '../../src/core/model/regressionTest';
import { makeFinding } from './findings';

/** A project folder of its own for each test of the surrounding suite, and the writer of regression tests for it. */
export interface TestWriterProject {
  root(): string;
  put(files: Readonly<Record<string, string>>): void;
  write(finding: Finding, policy?: Policy, findings?: readonly Finding[]): Promise<RegressionTest | NoTest>;
  testFor(finding: Finding, policy?: Policy, findings?: readonly Finding[]): Promise<RegressionTest>;
  /** Writes the test into the project and runs it. */
  runTest(test: RegressionTest): { readonly code: number | null; readonly output: string };
}

export function useTestWriter(): TestWriterProject {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'patchline-writer-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function put(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }

  function write(finding: Finding, policy: Policy = {}, findings: readonly Finding[] = []): Promise<RegressionTest | NoTest> {
    const writer = createProjectTestWriter([nodeTest, mocha, jest, vitest], treeSitter);
    return writer.write(finding, { workspace: nodeWorkspace(root), policy, findings });
  }

  return {
    root: () => root,
    put,
    write,
    async testFor(finding, policy, findings) {
      const test = await write(finding, policy, findings);
      assert.ok('text' in test, 'noTest' in test ? test.noTest : '');
      return test;
    },
    runTest(test) {
      put({ [test.path]: test.text });
      const [program, ...args] = test.command;
      const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
      const result = spawnSync(program ?? '', args, {
        cwd: join(root, test.folder ?? ''),
        encoding: 'utf8',
        env,
        timeout: 50_000,
      });
      return { code: result.status, output: `${result.stdout}\n${result.stderr}` };
    },
  };
}

/** Rule ids of scanners for the weaknesses that tests of code are planned for. */
export const codeRules = {
  command: 'security/detect-child-process',
  path: 'security/detect-non-literal-fs-filename',
  sql: 'sql-template/no-unsafe-query',
};

/** Where a text stands in a file, as scanners say it. */
function placeOf(text: string, needle: string): { readonly startLine: number; readonly startColumn: number } {
  const at = text.indexOf(needle);
  assert.notEqual(at, -1, `${needle} is not in the file`);
  const lines = text.slice(0, at).split('\n');
  return { startLine: lines.length, startColumn: (lines.at(-1)?.length ?? 0) + 1 };
}

/** What a scanner says of the place in a file where the text `needle` begins. */
export function codeFinding(rule: string, path: string, text: string, needle: string): Finding {
  return makeFinding({ ruleId: rule, locations: [{ path, ...placeOf(text, needle) }] });
}
