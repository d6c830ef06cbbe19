import path from 'node:path';
import { treeSitter } from '../../src/adapters/clients/treeSitter';
import { createStructuralRuleFixer } from '../../src/adapters/fixers/structuralRule';
import { nodeWorkspace } from '../../src/adapters/workspace/nodeWorkspace';
import { unifiedDiff } from '../../src/core/edits/unifiedDiff';
import { isNoFix, proposePatch } from '../../src/core/stages/generation';
import { makeFinding } from '../support/findings';

const rounds = 101;
const file = 'src/diagnostics.js';

/** From Generate Fix to the diff, for the sample project's shell command; beside one parse of the same file, which it cannot do without. */
export async function rows(): Promise<readonly Readonly<Record<string, string>>[]> {
  const workspace = nodeWorkspace(path.join(__dirname, '../workspaces/orders-service'));
  const text = (await workspace.readText(file)) ?? '';
  const startLine = text.split('\n').findIndex((line) => line.includes('exec(`')) + 1;
  const finding = makeFinding({ cwe: ['CWE-78'], locations: [{ path: file, startLine, startColumn: 5 }] });
  const fixers = [createStructuralRuleFixer()];
  const fixed: number[] = [];
  const parsed: number[] = [];
  let first = 0;
  for (let round = 0; round < rounds; round++) {
    let began = performance.now();
    const patch = await proposePatch(finding, fixers, { workspace, findings: [finding] });
    if (isNoFix(patch)) throw new Error(patch.noFix);
    unifiedDiff(patch.changes);
    fixed.push(performance.now() - began);
    if (round === 0) first = fixed[0] ?? 0;
    began = performance.now();
    (await treeSitter.parse(text, 'javascript')).dispose();
    parsed.push(performance.now() - began);
  }
  const [fix, parse] = [median(fixed), median(parsed)];
  return [
    {
      measure: `Generate Fix to the diff (warm median of ${rounds}; first ${first.toFixed(0)} ms with the parser's load)`,
      value: `${fix.toFixed(1)} ms`,
      beside: `one parse of the file ${parse.toFixed(2)} ms`,
      ratio: (fix / parse).toFixed(1),
    },
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
