import * as v from 'valibot';
import { advisoryIds, cweIds } from '../../core/findings/advisoryIds';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import type { DraftFinding } from '../../core/findings/draft';
import { httpsLinks } from '../../core/findings/httpsLinks';
import { packageUrl, purlType } from '../../core/findings/packageUrl';
import { safePath } from '../../core/findings/safePath';
import type { Rejection, Severity } from '../../core/model/finding';
import type { ReadReport } from '../../core/ports';
import { firstIssue, lostPlace, textsOf } from './semgrepReport';
import type { Draft } from './semgrepReport';

const scanner = 'Semgrep';
const text = v.fallback(v.optional(v.string()), undefined);
const lineNumber = v.fallback(
  v.optional(v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.integer(), v.minValue(1))),
  undefined,
);
const severityWords: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['info', 'info'],
]);
/** Triage states of the platform in which a person decided that nothing is to be done. */
const settled = /^(?:ignored|dismissed|false_positive|accepted)/i;

/** An element of `GET /deployments/{slug}/findings`. */
const codeFinding = v.object({
  rule_name: v.pipe(v.string(), v.minLength(1)),
  rule_message: v.fallback(v.string(), ''),
  match_based_id: text,
  severity: text,
  triage_state: text,
  triage_reason: text,
  triage_comment: text,
  line_of_code_url: text,
  location: v.object({
    file_path: v.string(),
    line: lineNumber,
    column: lineNumber,
    end_line: lineNumber,
    end_column: lineNumber,
  }),
  rule: v.fallback(v.optional(v.object({ cwe_names: v.optional(v.unknown()) })), undefined),
});

const dependency = v.object({ name: v.pipe(v.string(), v.minLength(1)), versionSpecifier: text });
const someDependency = v.fallback(v.optional(dependency), undefined);

/** An element of the Supply Chain listing `GET /deployments/{id}/ssc-vulns`. */
const supplyChainFinding = v.object({
  title: v.fallback(v.string(), ''),
  advisory: v.object({
    ruleId: v.pipe(v.string(), v.minLength(1)),
    description: text,
    ecosystem: text,
    severity: text,
    references: v.fallback(
      v.optional(v.object({ cveIds: v.optional(v.unknown()), cweIds: v.optional(v.unknown()), urls: v.optional(v.unknown()) })),
      undefined,
    ),
    vulnerableDependencies: v.fallback(v.optional(v.array(dependency)), undefined),
  }),
  matchedDependency: dependency,
  dependencyFileLocation: v.object({ path: v.string(), startLine: lineNumber }),
  closestSafeDependency: someDependency,
  triage: v.fallback(v.optional(v.object({ status: text, dismissReason: text })), undefined),
  transitivity: text,
  repositoryName: text,
  repositoryId: text,
});

/** Listings of the Semgrep AppSec Platform, told from other documents by their members. */
export function recognisesPlatform(head: string): boolean {
  if (/^\s*\{\s*"findings"\s*:\s*\[/.test(head)) return /"(?:match_based_id|rule_message|syntactic_id)"\s*:/.test(head);
  return /^\s*\{\s*"vulns"\s*:\s*\[/.test(head) && /"(?:exposureType|matchedDependency|advisory)"\s*:/.test(head);
}

/** Reads such a listing; undefined when the document is none. */
export function parsePlatform(
  document: unknown,
  file: string,
  root: string,
): (Omit<ReadReport, 'format' | 'findings'> & { readonly drafts: readonly DraftFinding[] }) | undefined {
  const { findings, vulns, hasMore } = (typeof document === 'object' && document !== null ? document : {}) as Readonly<
    Record<string, unknown>
  >;
  const [member, list, make] = Array.isArray(findings)
    ? (['findings', findings as readonly unknown[], codeDraft] as const)
    : (['vulns', vulns, supplyChainDraft] as const);
  if (!Array.isArray(list)) return undefined;
  const drafts: DraftFinding[] = [];
  const rejected: Rejection[] = [];
  for (const [index, value] of (list as readonly unknown[]).entries()) {
    const made = make(value, index, file, root);
    if ('reason' in made) rejected.push({ file, path: `${member}[${String(index)}]`, reason: cleanLine(made.reason) });
    else {
      drafts.push(made.draft);
      if (made.lost !== undefined) rejected.push(lostPlace(file, `${member}[${String(index)}].location.file_path`, made.lost));
    }
  }
  const partial = hasMore === true;
  return {
    scanner,
    drafts,
    rejected,
    results: list.length,
    notes: partial ? ['The listing is one page of several: findings of the other pages are not in it.'] : [],
    complete: !partial,
  };
}

function codeDraft(value: unknown, index: number, file: string, root: string): Draft | { readonly reason: string } {
  const parsed = v.safeParse(codeFinding, value);
  if (!parsed.success) return { reason: firstIssue(parsed.issues) };
  const one = parsed.output;
  const safe = safePath(one.location.file_path, root);
  const ruleId = cleanLine(one.rule_name, 300);
  if (ruleId === '') return { reason: 'rule_name: holds no readable character' };
  const { line, end_line: endLine } = one.location;
  const suppressed = settled.test(one.triage_state ?? '');
  const draft: DraftFinding = {
    kind: 'code',
    scanner,
    ruleId,
    title: cleanLine(one.rule_message, 200) || ruleId,
    ...(one.rule_message === '' ? {} : { description: cleanText(one.rule_message) }),
    severity: severityWords.get(one.severity?.toLowerCase() ?? '') ?? 'medium',
    // Columns count bytes here too, and the text to convert them is not in the listing.
    locations:
      'reason' in safe
        ? []
        : [
            {
              path: safe.path,
              ...(line === undefined ? {} : { startLine: line }),
              ...(line === undefined || endLine === undefined ? {} : { endLine }),
            },
          ],
    aliases: [],
    cwe: cweIds(one.rule?.cwe_names),
    references: httpsLinks([one.line_of_code_url]),
    suppressed,
    ...(suppressed
      ? {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: cleanLine(`${one.triage_reason ?? ''} ${one.triage_comment ?? ''}`),
            },
          ],
        }
      : {}),
    ...(one.match_based_id === undefined ? {} : { fingerprints: { 'matchBasedId/v1': cleanLine(one.match_based_id, 300) } }),
    witnesses: [{ scanner, file, ruleId, index }],
  };
  return 'reason' in safe ? { draft, lost: safe.reason } : { draft };
}

function supplyChainDraft(value: unknown, index: number, file: string, root: string): Draft | { readonly reason: string } {
  const parsed = v.safeParse(supplyChainFinding, value);
  if (!parsed.success) return { reason: firstIssue(parsed.issues) };
  const {
    advisory,
    matchedDependency: matched,
    dependencyFileLocation: place,
    closestSafeDependency: safeVersion,
    ...one
  } = parsed.output;
  const safe = safePath(place.path, root);
  if ('reason' in safe) return safe;
  const ruleId = cleanLine(advisory.ruleId, 300);
  if (ruleId === '') return { reason: 'advisory.ruleId: holds no readable character' };
  const links = httpsLinks(textsOf(advisory.references?.urls));
  // An advisory may hit several ecosystems and then names only one of them; a requirements file is Python's in any case.
  const ecosystem = /(?:^|\/)requirements[^/]*\.txt$/i.test(safe.path) ? 'pypi' : purlType(advisory.ecosystem ?? '');
  const name = cleanLine(matched.name, 300);
  const version = matched.versionSpecifier === undefined ? undefined : cleanLine(matched.versionSpecifier, 100);
  const range = advisory.vulnerableDependencies?.find((vulnerable) => vulnerable.name === matched.name)?.versionSpecifier;
  const suppressed = settled.test(one.triage?.status ?? '');
  // The listing spans repositories, and the same path in two of them is not the same manifest.
  const component =
    one.repositoryName === undefined ? undefined : cleanLine(`${one.repositoryName}#${one.repositoryId ?? ''}`, 200);
  const draft: DraftFinding = {
    kind: 'dependency',
    scanner,
    ruleId,
    title: cleanLine(one.title) || `${ruleId} in ${name}`,
    ...(advisory.description === undefined ? {} : { description: cleanText(advisory.description) }),
    severity: severityWords.get(advisory.severity?.toLowerCase() ?? '') ?? 'medium',
    locations: [{ path: safe.path, ...(place.startLine === undefined ? {} : { startLine: place.startLine }) }],
    package: {
      purl: packageUrl(ecosystem, name, version),
      ecosystem,
      name,
      manifest: safe.path,
      fixedVersions:
        safeVersion?.name === matched.name && safeVersion.versionSpecifier !== undefined
          ? [cleanLine(safeVersion.versionSpecifier, 100)]
          : [],
      ...(version === undefined ? {} : { version }),
      ...(range === undefined ? {} : { vulnerableRange: cleanLine(range, 1000) }),
      ...(one.transitivity === undefined ? {} : { direct: one.transitivity.toUpperCase() === 'DIRECT' }),
    },
    aliases: advisoryIds(...textsOf(advisory.references?.cveIds), ...links.filter((link) => link.includes('/advisories/'))),
    cwe: cweIds(advisory.references?.cweIds),
    references: links,
    suppressed,
    ...(suppressed
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: cleanLine(one.triage?.dismissReason ?? '') }] }
      : {}),
    ...(component === undefined ? {} : { component }),
    witnesses: [{ scanner, file, ruleId, index }],
  };
  return { draft };
}
