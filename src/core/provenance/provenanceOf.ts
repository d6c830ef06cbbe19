import { canonicalJson } from '../log/canonicalJson';
import { sha256Hex } from '../log/digest';
import type { ProvenanceStatement, ResourceDescriptor } from '../model/artifact';
import type { BuiltArtifact } from '../ports';

const page = 'https://github.com/patchline/patchline/blob/main/src/core/provenance/buildType.md';

/** What the parameters of our builds mean is written down at this address. */
export const buildType = `${page}#v1`;
/** Who builds: Patchline on somebody's own machine. */
export const builderId = `${page}#builder`;

export const statementType = 'https://in-toto.io/Statement/v1';
export const predicateType = 'https://slsa.dev/provenance/v1';

export interface ProvenanceInput {
  readonly built: Omit<BuiltArtifact, 'reproducibility' | 'log'>;
  /** The commit that was built. */
  readonly commit: string;
  /** Address of the repository as git has it (https, ssh, the scp-like form, a path); absent where there is none. */
  readonly repository?: string;
  /** Names this one build, e.g. a URI or the id of the run with the attempt. */
  readonly invocationId: string;
}

/** In-toto Statement v1 with SLSA Provenance v1 (slsa.dev/spec/v1.0/provenance) of a build; unsigned. */
export function provenanceOf(input: ProvenanceInput): ProvenanceStatement {
  const { built, commit, invocationId } = input;
  const repository = input.repository === undefined ? undefined : repositoryUri(input.repository);
  const source: ResourceDescriptor = {
    name: 'source',
    ...(repository === undefined ? {} : { uri: `${repository}@${commit}` }),
    digest: { gitCommit: commit, gitTree: built.tree },
  };
  const others = built.dependencies.filter(({ digest }) => digest?.['gitCommit'] !== commit);
  return {
    _type: statementType,
    subject: [{ name: built.name, digest: { sha256: sha256Hex(built.bytes) } }],
    predicateType,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { ...(repository === undefined ? {} : { repository }), commit, command: built.command },
        internalParameters: {},
        resolvedDependencies: [source, ...others],
      },
      runDetails: {
        builder: built.builder,
        metadata: { invocationId, startedOn: built.startedOn, finishedOn: built.finishedOn },
      },
    },
  };
}

/** The statement as it is stored: canonical JSON, so that the same statement has the same digest. */
export function provenanceText(statement: ProvenanceStatement): string {
  return canonicalJson(statement);
}

/**
 * The address of a repository as an SPDX download location (`git+https://…`), without user, password, query and fragment, which
 * may carry a token. Undefined for a path of this machine, which says nothing elsewhere.
 */
export function repositoryUri(address: string): string | undefined {
  const plain = address.trim().replace(/^git\+/, '');
  const scp = /^(?:[\w.-]+@)?([A-Za-z0-9][\w.-]+):(?!\/\/)([^\\:].*)$/.exec(plain);
  const url = scp === null ? plain : `ssh://${scp[1] ?? ''}/${(scp[2] ?? '').replace(/^\/+/, '')}`;
  if (!/^(?:https?|ssh|git):\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return `git+${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}
