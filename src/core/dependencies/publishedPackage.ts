/** One published version, as far as the choice of a version needs it. */
export interface PublishedVersion {
  readonly version: string;
  /** The maintainers' message; present means deprecated. */
  readonly deprecated?: string;
  /** `engines.node` as the package writes it. */
  readonly enginesNode?: string;
  /** ISO 8601 instant, where the registry says it. */
  readonly publishedAt?: string;
}

/** A package as its registry knows it (npm calls the document a packument). */
export interface PublishedPackage {
  readonly name: string;
  readonly versions: readonly PublishedVersion[];
  readonly distTags: Readonly<Record<string, string>>;
}

/**
 * What npm keeps of one published version in a lock entry. The values are copied as the registry gives them, under the names
 * that npm's lock file uses (docs.npmjs.com, package-lock.json, "packages").
 */
export interface PublishedManifest {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
  readonly integrity?: string;
  /** Fields of the entry beside version, resolved and integrity: dependencies, engines, bin, license, … */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The tarball carries dependencies of its own (bundled, or by npm-shrinkwrap.json): only npm can write such an entry. */
  readonly carriesDependencies: boolean;
}
