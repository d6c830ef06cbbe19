/** Comments by which scanners, linters and type checkers are told to look away, by the vendors' own documentation. */
const suppressions: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'eslint-disable', pattern: /eslint-disable(?:-next-line|-line)?\b/g },
  { name: 'eslint off', pattern: /\/\*\s*eslint\s+[^*]*(?:\boff\b|:\s*0\b)/g },
  { name: 'oxlint-disable', pattern: /oxlint-disable(?:-next-line|-line)?\b/g },
  { name: 'biome-ignore', pattern: /biome-ignore\b/g },
  { name: 'nosemgrep', pattern: /nosem(?:grep)?\b/gi },
  { name: 'NOSONAR', pattern: /\bNOSONAR\b/gi },
  { name: 'nosec', pattern: /(?:#|\/\/|\/\*)\s*nosec\b/gi },
  { name: 'Snyk ignore', pattern: /\b(?:snyk:ignore|deepcode\s+ignore|file\s+deepcode\s+ignore)\b/gi },
  { name: 'CodeQL suppression', pattern: /\b(?:codeql|lgtm)\s*\[/gi },
  { name: 'Checkov skip', pattern: /checkov:skip/gi },
  { name: 'tfsec or Trivy ignore', pattern: /\b(?:tfsec|trivy):ignore/gi },
  { name: 'Gitleaks allow', pattern: /gitleaks:allow/gi },
  { name: 'secret allow list', pattern: /pragma:\s*allowlist\s+secret/gi },
  { name: 'Bearer disable', pattern: /bearer:disable/gi },
  { name: 'njsscan ignore', pattern: /njsscan-ignore/gi },
  { name: 'noqa', pattern: /#\s*noqa\b/gi },
  { name: 'pylint disable', pattern: /pylint:\s*disable/gi },
  { name: 'nolint', pattern: /\/\/\s*nolint\b|\bNOLINT(?:NEXTLINE)?\b/g },
  { name: 'RuboCop disable', pattern: /rubocop:disable/gi },
  { name: '@SuppressWarnings', pattern: /@SuppressWarnings\b/g },
  { name: 'TypeScript suppression', pattern: /@ts-(?:ignore|nocheck|expect-error)\b/g },
  { name: 'coverage ignore', pattern: /\b(?:istanbul|c8|v8)\s+ignore\b/gi },
];

/** Suppressions that a text has more of than before: their names, each once. A suppression that only moved is none. */
export function addedSuppressions(before: string | null, after: string): readonly string[] {
  return suppressions.filter(({ pattern }) => count(after, pattern) > count(before ?? '', pattern)).map(({ name }) => name);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
