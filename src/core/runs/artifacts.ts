import type { Evidence } from '../model/evidence';
import type { Patch } from '../model/patch';
import type { Proof } from '../model/proof';
import type { RegressionTest } from '../model/regressionTest';
import type { PatchRun } from '../model/run';
import { unifiedDiff } from '../edits/unifiedDiff';
import { sha256Hex } from '../log/digest';
import type { EvidenceStore } from '../ports';
import { latestStep } from './foldRuns';

/** What a step keeps for later: once for machines (JSON, read back) and once for people (diff, test file, log). */
const jsonOf = { patch: 'patch.json', test: 'test.json', proof: 'proof.json' } as const;

/** SHA-256 (hex) of the patch's unified diff: what a proof and an approval are bound to. */
export function patchDigest(patch: Patch): string {
  return sha256Hex(unifiedDiff(patch.changes));
}

/** SHA-256 (hex) over the digests of patch and test: what an approval is given for. A new push of either gives another. */
export function diffHash(patch: Patch, test: RegressionTest | undefined): string {
  return sha256Hex(`${patchDigest(patch)}\n${test === undefined ? '' : `${test.path}\n${testDigest(test)}`}`);
}

/** SHA-256 (hex) of the test file's text. */
export function testDigest(test: RegressionTest): string {
  return sha256Hex(test.text);
}

export async function storePatch(store: EvidenceStore, patch: Patch): Promise<readonly Evidence[]> {
  return [
    await store.put('patch.diff', 'text/x-diff', unifiedDiff(patch.changes)),
    await store.put(jsonOf.patch, 'application/json', JSON.stringify(patch)),
  ];
}

export async function storeTest(store: EvidenceStore, test: RegressionTest): Promise<readonly Evidence[]> {
  return [
    await store.put(test.path, 'text/plain', test.text),
    await store.put(jsonOf.test, 'application/json', JSON.stringify(test)),
  ];
}

export async function storeProof(store: EvidenceStore, proof: Proof): Promise<readonly Evidence[]> {
  return [
    await store.put(jsonOf.proof, 'application/json', JSON.stringify(proof)),
    ...proof.checks.flatMap((check) => check.evidence),
  ];
}

export function loadPatch(store: EvidenceStore, run: PatchRun | undefined): Promise<Patch | undefined> {
  return load<Patch>(store, run, 'patch');
}

export function loadTest(store: EvidenceStore, run: PatchRun | undefined): Promise<RegressionTest | undefined> {
  return load<RegressionTest>(store, run, 'test');
}

export function loadProof(store: EvidenceStore, run: PatchRun | undefined): Promise<Proof | undefined> {
  return load<Proof>(store, run, 'proof');
}

/** The evidence store checks every byte against the digest in the log, so what is read is what was written. */
async function load<T>(store: EvidenceStore, run: PatchRun | undefined, name: keyof typeof jsonOf): Promise<T | undefined> {
  const digest = latestStep(run, name)?.evidence.find((evidence) => evidence.name === jsonOf[name])?.digest.sha256;
  const bytes = digest === undefined ? undefined : await store.get(digest);
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as T);
}
