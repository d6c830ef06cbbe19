import { isTestFile } from '../testPlans/testPlacement';

/**
 * What a fix may not touch, since it could make any proof green without curing anything: the tests and their harness, CI, the
 * scanners' configuration (the rule of the AIxCC systems, e.g. Trail of Bits' Buttercup). First match wins.
 */
const forbidden: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  {
    pattern:
      /(?:^|\/)(?:jest|vitest|vite|karma|ava|playwright|cypress|wdio|nyc|c8|babel)\.(?:config|conf|setup)\.[\w.]+$|(?:^|\/)\.(?:mocharc|taprc|nycrc|c8rc|babelrc|swcrc)(?:\.[\w.]+)?$|(?:^|\/)(?:jest|vitest|test)[._-]?setup\.[\w.]+$/i,
    what: 'the test harness',
  },
  {
    pattern:
      /^\.github\/(?:workflows|actions)\/|(?:^|\/)\.gitlab-ci\.ya?ml$|^\.(?:circleci|ci|buildkite|teamcity|gitlab|husky|woodpecker)(?:\/|\.ya?ml$)|(?:^|\/)(?:Jenkinsfile|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.travis\.yml|\.drone\.yml|appveyor\.yml|cloudbuild\.ya?ml|Makefile|Taskfile\.ya?ml|lefthook\.ya?ml)$/,
    what: 'the build or CI',
  },
  {
    pattern:
      /(?:^|\/)(?:eslint\.config\.[\w.]+|\.eslintrc(?:\.[\w.]+)?|\.eslintignore|biome\.jsonc?|\.semgrep(?:ignore|\.ya?ml)?|\.snyk|\.nsprc|audit-ci\.jsonc?|osv-scanner\.toml|sonar-project\.properties|\.trivyignore(?:\.ya?ml)?|trivy\.yaml|\.gitleaks\.toml|\.gitleaksignore|\.checkov\.ya?ml|\.bandit|\.bearer\.yml|dependency-check-suppressions?\.xml|codeql-config\.ya?ml)$|(?:^|\/)\.semgrep\/|^\.github\/(?:codeql|dependabot\.yml)/,
    what: "a scanner's configuration",
  },
  { pattern: /(?:^|\/)\.patchline\.json$/, what: "the team's policy" },
  { pattern: /(?:^|\/)\.npmrc$|(?:^|\/)\.(?:nvmrc|node-version|tool-versions)$/, what: 'how packages and tools are installed' },
  { pattern: /\.sarif(?:\.json)?$|(?:^|\/)npm-audit[\w.-]*\.json$/, what: "a scanner's report" },
  { pattern: /(?:^|\/)(?:__snapshots__|__mocks__|__fixtures__)\//, what: 'what tests compare with' },
];

/** Why a fix may not change this workspace path; undefined when it may. */
export function forbiddenPath(path: string): string | undefined {
  for (const { pattern, what } of forbidden) if (pattern.test(path)) return what;
  if (isTestFile(path)) return 'a test';
  if (/(?:^|\/)(?:tests?|__tests__|spec)\//.test(path)) return 'what tests are made of';
  return undefined;
}

/** Fields of package.json that name dependencies: what a dependency fix is about. Everything else steers tests and builds. */
const dependencyFields = new Set([
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'resolutions',
]);

/**
 * The fields of a manifest that a fix changes although it may not: scripts, harness and scanner settings, everything that is not
 * a dependency. A manifest that does not parse counts as changed altogether.
 */
export function forbiddenManifestFields(before: string | null, after: string): readonly string[] {
  const old = before === null ? {} : parse(before);
  const now = parse(after);
  if (old === undefined || now === undefined) return ['(not readable as JSON)'];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names].filter((name) => !dependencyFields.has(name) && JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
