import { HumanError } from '../errors';
import type { Artifact } from '../model/artifact';
import type { Policy } from '../model/policy';
import type { ArtifactRegistry, Builder, EvidenceStore, Task } from '../ports';
import { sha256Hex } from '../log/digest';
import { checkProvenance } from '../provenance/checkProvenance';
import { provenanceOf, provenanceText } from '../provenance/provenanceOf';
import { deliverySteps } from '../runs/deliveryState';
import type { StepDraft } from '../runs/recordRun';

export interface ArtifactInputs {
  readonly commit: string;
  /** Names this build in its provenance; the run and the attempt. */
  readonly invocation: string;
  /** Address of the repository; absent where it has none. */
  readonly repository?: string | undefined;
  readonly policy: Policy;
  readonly builder: Builder;
  readonly registry: ArtifactRegistry;
  readonly evidence: EvidenceStore;
  readonly task?: Task;
}

/**
 * Builds the commit twice from clean work trees, stores the bytes under their digest, and says in an SLSA v1 provenance
 * statement what they were made of.
 *
 * @throws HumanError naming the build command and what it said when it fails.
 */
export async function buildRunArtifact(
  inputs: ArtifactInputs,
): Promise<{ readonly artifact: Artifact; readonly step: StepDraft }> {
  const { commit, invocation, repository, policy, builder, registry, evidence, task = {} } = inputs;
  const built = await builder.build(commit, { policy, ...task });
  const sha256 = sha256Hex(built.bytes);
  const statement = provenanceOf({
    built,
    commit,
    ...(repository === undefined ? {} : { repository }),
    invocationId: invocation,
  });
  const text = provenanceText(statement);
  const provenance = await evidence.put('provenance.json', 'application/vnd.in-toto+json', text);
  const log = await evidence.put('build.log', 'text/plain', built.log);
  task.onProgress?.('Storing the artifact');
  const { uri } = await registry.store({ ...built, provenance: text }, task);
  const artifact: Artifact = {
    name: built.name,
    version: built.version,
    mediaType: built.mediaType,
    size: built.bytes.length,
    digest: { sha256 },
    registry: registry.id,
    uri,
    commit,
    tree: built.tree,
    reproducibility: built.reproducibility,
    provenance,
  };
  return {
    artifact,
    step: {
      stage: 'build',
      name: deliverySteps.artifact,
      outcome: 'successful',
      summary: `${built.name} ${built.version}, sha256 ${sha256.slice(0, 12)}…, ${wordOf(artifact)}.`,
      evidence: [provenance, log],
      data: { artifact },
      bySystem: true,
    },
  };
}

/**
 * What goes out is what was built: the registry's bytes and the provenance are held to the digest in the log once more.
 *
 * @throws HumanError where one of them is gone or is of something else
 */
export async function checkArtifact(
  ports: { registry(): Promise<ArtifactRegistry>; readonly evidence: EvidenceStore },
  artifact: Artifact,
  task: Task,
): Promise<void> {
  task.onProgress?.('Checking the artifact and its provenance');
  const bytes = await (await ports.registry()).fetch(artifact, task);
  if (bytes === undefined)
    throw new HumanError(
      `The artifact sha256 ${artifact.digest.sha256.slice(0, 12)}… is no longer in the registry: build it again.`,
    );
  const statement = await ports.evidence.get(artifact.provenance.digest.sha256);
  const faults =
    statement === undefined
      ? ['The provenance is no longer in the evidence store.']
      : checkProvenance(new TextDecoder().decode(statement), { sha256: artifact.digest.sha256, commit: artifact.commit });
  if (faults.length > 0) throw new HumanError(`The artifact cannot be rolled out: ${faults.join(' ')}`);
}

function wordOf({ reproducibility: { verdict, differences } }: Artifact): string {
  switch (verdict) {
    case 'reproducible':
      return 'built twice, the same bit for bit';
    case 'different':
      return `built twice and different: ${differences.slice(0, 2).join('; ')}`;
    case 'not-checked':
      return `not checked for reproducibility: ${differences[0] ?? 'no reason given'}`;
  }
}
