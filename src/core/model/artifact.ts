import type { Evidence } from './evidence';

/** Something that went into a build, or came out of it (in-toto ResourceDescriptor v1). */
export interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly mediaType?: string;
}

/** in-toto Statement v1 with an SLSA Provenance v1 predicate (slsa.dev/spec/v1.0/provenance). */
export interface ProvenanceStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: 'https://slsa.dev/provenance/v1';
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string;
      readonly externalParameters: Readonly<Record<string, unknown>>;
      readonly internalParameters: Readonly<Record<string, unknown>>;
      readonly resolvedDependencies: readonly ResourceDescriptor[];
    };
    readonly runDetails: {
      readonly builder: { readonly id: string; readonly version?: Readonly<Record<string, string>> };
      readonly metadata: { readonly invocationId: string; readonly startedOn: string; readonly finishedOn: string };
    };
  };
}

/** Whether a second build from a clean work tree gave the same bytes. */
export interface Reproducibility {
  readonly verdict: 'reproducible' | 'different' | 'not-checked';
  /** What differs: paths inside the artifact with how; or why it was not checked. */
  readonly differences: readonly string[];
}

/** What was built of a commit and where it lies. */
export interface Artifact {
  readonly name: string;
  readonly version: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly digest: { readonly sha256: string };
  /** Registry id and the address inside it. */
  readonly registry: string;
  readonly uri: string;
  readonly commit: string;
  /** git tree of the commit: a merge with the same tree is the same source. */
  readonly tree: string;
  readonly reproducibility: Reproducibility;
  readonly provenance: Evidence;
}
