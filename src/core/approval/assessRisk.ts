import semver from 'semver';
import { lineChanges, splitLines } from '../edits/lineChanges';
import type { RiskClass } from '../model/approval';
import type { Severity } from '../model/finding';
import type { Outcome } from '../model/outcome';
import type { Patch } from '../model/patch';
import type { Proof } from '../model/proof';
import { compileGlobs } from '../triage/prioritise';
import { countOf } from '../words';

/** What a patch's risk is judged by; evidence is given only where it was seen. */
export interface RiskFacts {
  readonly severity: Severity;
  readonly patch: Pick<Patch, 'changes' | 'update' | 'trust'>;
  readonly proof?: Pick<Proof, 'outcome' | 'weaker'> | undefined;
  /** Checks of the pull request's head. */
  readonly ci?: Outcome | undefined;
  /** The test report beside its base's. */
  readonly tests?: Outcome | undefined;
  /** True: the updated package is declared by the project itself and used in development alone. */
  readonly directDev?: boolean | undefined;
  /** CODEOWNERS of the changed files. */
  readonly owners?: readonly string[] | undefined;
}

export interface RiskAssessment {
  readonly risk: RiskClass;
  /** One sentence each; what raises the risk comes first. */
  readonly reasons: readonly string[];
}

/** Where a mistake opens a door or cannot be taken back; the policy's own list stands in place of this one. */
export const sensitiveGlobs: readonly string[] = [
  '.github/**',
  '.gitlab-ci.yml',
  '.circleci/**',
  '**/{Jenkinsfile,azure-pipelines.yml,CODEOWNERS,.npmrc,.patchline.json}',
  '**/{Dockerfile,Dockerfile.*,docker-compose*.yml,compose*.yml,*.tf}',
  '**/{auth,authn,authz,authentication,authorization,login,session,sessions,crypto,secrets,permissions}/**',
  '**/{auth,authn,authz,authentication,authorization,login,session,crypto,permissions}.*',
  '**/{migration,migrations,migrate}/**',
];

/** Lines beyond which a change can no longer be read in one go: SmartBear's study of 2,500 reviews found 200 to 400. */
const many = { files: 5, lines: 100 };
const tooMany = { files: 20, lines: 400 };

const lockFile = /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/;

/** Files and lines (added and removed) that a person has to read: lock files, which a program writes, are counted apart. */
export function measurePatch(changes: Patch['changes']): {
  readonly files: number;
  readonly lines: number;
  readonly locks: number;
} {
  const read = changes.filter(({ path }) => !lockFile.test(path));
  const lines = read.reduce((sum, { before, after, edits }) => {
    if (before === null) return sum + splitLines(after).length;
    return lineChanges(before, after, edits).reduce(
      (part, change) => part + change.beforeEnd - change.beforeStart + change.afterEnd - change.afterStart,
      sum,
    );
  }, 0);
  return { files: read.length, lines, locks: changes.length - read.length };
}

/**
 * The risk of a patch: the highest class that any of its reasons gives. Nothing that was not seen lowers it.
 * @param sensitive - the policy's globs of files whose change is always high risk
 */
export function assessRisk(facts: RiskFacts, sensitive: readonly string[] = sensitiveGlobs): RiskAssessment {
  const lines = [
    ...sensitiveLines(facts.patch, sensitive),
    updateLine(facts.patch.update),
    sizeLine(facts.patch),
    trustLine(facts.patch.trust),
    severityLine(facts.severity),
    proofLine(facts),
    evidenceLine('the pull request’s checks', facts.ci),
    evidenceLine('the comparison of the tests with the base', facts.tests),
  ].filter((line) => line !== undefined);
  const rank = { high: 0, medium: 1, low: 2 } as const;
  const sorted = lines.toSorted((a, b) => rank[a.risk] - rank[b.risk]);
  return { risk: sorted[0]?.risk ?? 'low', reasons: sorted.map(({ risk, text }) => `${risk}: ${text}`) };
}

interface Line {
  readonly risk: RiskClass;
  readonly text: string;
}

function sensitiveLines({ changes }: RiskFacts['patch'], sensitive: readonly string[]): readonly Line[] {
  if (sensitive.length === 0) return [];
  const isSensitive = compileGlobs(sensitive);
  const hit = changes.map(({ path }) => path).filter(isSensitive);
  const shown = hit.slice(0, 3).join(', ');
  return hit.length === 0
    ? []
    : [{ risk: 'high', text: `changes sensitive files: ${shown}${hit.length > 3 ? ` and ${hit.length - 3} more` : ''}` }];
}

/** Semantic Versioning 2.0.0: a major may break its users (item 8), and so may anything below 1.0.0 (item 4). */
function updateLine(update: Patch['update']): Line | undefined {
  if (update === undefined) return undefined;
  const { name, from, to } = update;
  const size = sizeOfUpdate(from, to);
  const text = `${size === 'unknown' ? '' : `${size} `}update of ${name}, ${from} → ${to}`;
  switch (size) {
    case 'patch':
    case 'minor':
      return { risk: 'low', text };
    case 'unknown':
      return { risk: 'medium', text: `${text}: how large it is cannot be told` };
    case 'major':
      return { risk: 'high', text: semver.major(to) === 0 ? `${text}: below 1.0.0 another minor may break its users` : text };
  }
}

/** How far an update goes; below 1.0.0 a minor counts as a major. */
export function sizeOfUpdate(from: string, to: string): 'major' | 'minor' | 'patch' | 'unknown' {
  const a = semver.parse(from);
  const b = semver.parse(to);
  if (a === null || b === null || semver.lt(b, a)) return 'unknown';
  if (a.major !== b.major || (a.major === 0 && a.minor !== b.minor)) return 'major';
  return a.minor === b.minor ? 'patch' : 'minor';
}

function sizeLine({ changes }: RiskFacts['patch']): Line {
  const { files, lines, locks } = measurePatch(changes);
  const beside = locks === 0 ? '' : ` beside ${countOf(locks, 'lock file')}`;
  const text = `touches ${countOf(files, 'file')} and ${countOf(lines, 'line')}${beside}`;
  if (files > tooMany.files || lines > tooMany.lines) return { risk: 'high', text: `${text}: too much to read in one go` };
  if (files > many.files || lines > many.lines) return { risk: 'medium', text };
  return { risk: 'low', text };
}

function trustLine(trust: Patch['trust']): Line {
  switch (trust) {
    case 'scanner':
      return { risk: 'low', text: 'the fix is the scanner’s own' };
    case 'dependency':
      return { risk: 'low', text: 'the fix is a published version' };
    case 'rule':
      return { risk: 'low', text: 'the fix comes from a rule' };
    case 'model':
      return { risk: 'medium', text: 'the fix was written by a model' };
    case 'person':
      return { risk: 'medium', text: 'the fix was written by hand' };
  }
}

function severityLine(severity: Severity): Line {
  return severity === 'critical'
    ? { risk: 'medium', text: 'the finding is critical: a fix that does not hold leaves much open' }
    : { risk: 'low', text: `the finding is of severity ${severity}` };
}

function proofLine({ proof, directDev, patch }: RiskFacts): Line {
  if (proof?.outcome !== 'successful') return evidenceLine('the proof', proof?.outcome);
  if (!proof.weaker) return { risk: 'low', text: 'the proof is successful' };
  return patch.update !== undefined && directDev === true
    ? { risk: 'low', text: 'the proof is successful, of versions only, for a package used in development alone' }
    : { risk: 'medium', text: 'the proof is successful but weaker: it shows versions, not behaviour' };
}

function evidenceLine(what: string, outcome: Outcome | undefined): Line {
  const verb = what.endsWith('s') ? 'are' : 'is';
  switch (outcome) {
    case 'successful':
      return { risk: 'low', text: `${what} ${verb} successful` };
    case 'failed':
      return { risk: 'high', text: `${what} failed` };
    case 'waiting':
      return { risk: 'medium', text: `${what} ${verb} not through yet` };
    case undefined:
      return { risk: 'medium', text: `${what} ${verb} not there yet` };
    case 'error':
      return { risk: 'medium', text: `${what} could not be made` };
    case 'inconclusive':
    case 'closed':
      return { risk: 'medium', text: `${what} ${verb} inconclusive` };
  }
}
