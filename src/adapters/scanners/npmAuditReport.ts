import * as v from 'valibot';
import type { Rejection } from '../../core/model/finding';

/** One advisory of an audit report with the package it hits, whatever npm's version wrote it. */
export interface AuditAdvisory {
  /** JSON path in the report. */
  readonly path: string;
  readonly index: number;
  readonly packageName: string;
  /** npm's own number of the advisory. */
  readonly source?: string;
  readonly title?: string;
  readonly description?: string;
  readonly recommendation?: string;
  readonly severity?: string;
  readonly url?: string;
  /** Markdown or plain text with further links. */
  readonly links?: string;
  readonly ids: readonly string[];
  readonly cwe: unknown;
  readonly vector?: string;
  readonly vulnerableRange?: string;
  readonly patchedRange?: string;
  /** Places in the installed tree (npm 7 and later). */
  readonly nodes: readonly string[];
  /** Installed versions as the report itself gives them (npm 6). */
  readonly versions: readonly string[];
  readonly direct?: boolean;
  /** Parents of a transitive package, nearest first. */
  readonly via: readonly string[];
  /** npm's proposal: the package to update (not always this one). */
  readonly fix?: { readonly name: string; readonly version: string; readonly major: boolean };
}

export interface AuditReport {
  readonly advisories: readonly AuditAdvisory[];
  readonly rejected: readonly Omit<Rejection, 'file'>[];
  readonly results: number;
}

/** A field that may be missing or of another type without costing the advisory. */
const text = v.fallback(v.optional(v.string()), undefined);
const texts = v.fallback(v.optional(v.array(v.string())), undefined);
const cvss = v.fallback(v.optional(v.object({ vectorString: text })), undefined);
const number = v.fallback(v.optional(v.union([v.pipe(v.number(), v.transform(String)), v.string()])), undefined);

/** npm 7 and later, `auditReportVersion` 2: @npmcli/metavuln-calculator's and arborist's `Vuln.toJSON`. */
const vulnerability = v.object({
  name: text,
  isDirect: v.fallback(v.optional(v.boolean()), undefined),
  via: v.array(v.unknown()),
  effects: texts,
  nodes: texts,
  fixAvailable: v.fallback(
    v.optional(v.object({ name: v.string(), version: v.string(), isSemVerMajor: v.fallback(v.boolean(), false) })),
    undefined,
  ),
});
const cause = v.object({
  source: number,
  name: text,
  title: text,
  url: text,
  severity: text,
  cwe: v.optional(v.unknown()),
  cvss,
  range: text,
});

/** npm 6 and pnpm: the registry's advisories as they are. */
const advisory = v.object({
  id: number,
  module_name: v.pipe(v.string(), v.minLength(1)),
  title: text,
  overview: text,
  recommendation: text,
  severity: text,
  url: text,
  references: text,
  cves: texts,
  github_advisory_id: text,
  cwe: v.optional(v.unknown()),
  cvss,
  vulnerable_versions: text,
  patched_versions: text,
  findings: v.fallback(v.optional(v.array(v.fallback(v.object({ version: text, paths: texts }), {}))), undefined),
});

type Json = Readonly<Record<string, unknown>>;

/** Reads either format; undefined when the document is neither. Unreadable parts are rejections, the rest is kept. */
export function parseNpmAudit(document: unknown): AuditReport | undefined {
  const root = asObject(document);
  const vulnerabilities = asObject(root?.['vulnerabilities']);
  if (vulnerabilities !== undefined) return parseVulnerabilities(vulnerabilities);
  const advisories = asObject(root?.['advisories']);
  return advisories === undefined ? undefined : parseAdvisories(advisories);
}

/** What npm says when the audit itself failed: it prints a document with `error` (and `message`) instead of a report. */
export function auditError(document: unknown): string | undefined {
  const root = asObject(document);
  const error = asObject(root?.['error']);
  if (root === undefined || (error === undefined && typeof root['error'] !== 'string')) return undefined;
  const said = [error?.['code'], error?.['summary'], error?.['detail'], root['message'], root['error']];
  return said.filter((words) => typeof words === 'string' && words.trim() !== '').join(' – ') || 'no reason is given';
}

function parseVulnerabilities(vulnerabilities: Json): AuditReport {
  const advisories: AuditAdvisory[] = [];
  const rejected: Omit<Rejection, 'file'>[] = [];
  const effects = new Map<string, readonly string[]>();
  const known = new Set(Object.keys(vulnerabilities));
  const entries = Object.entries(vulnerabilities).map(([key, value]) => ({ key, parsed: v.safeParse(vulnerability, value) }));
  for (const { key, parsed } of entries) if (parsed.success) effects.set(key, parsed.output.effects ?? []);
  let results = 0;
  for (const { key, parsed } of entries) {
    const path = `vulnerabilities[${JSON.stringify(key)}]`;
    if (!parsed.success) {
      results++;
      rejected.push({ path, reason: firstIssue(parsed.issues) });
      continue;
    }
    const entry = parsed.output;
    for (const [position, value] of entry.via.entries()) {
      const place = `${path}.via[${String(position)}]`;
      if (typeof value === 'string') {
        // The name of a vulnerable dependency, described in an entry of its own: this package is only its parent.
        if (!known.has(value))
          rejected.push({ path: place, reason: `names ${JSON.stringify(value)}, which the report does not describe` });
        continue;
      }
      const index = results++;
      const parsedCause = v.safeParse(cause, value);
      if (!parsedCause.success) {
        rejected.push({ path: place, reason: firstIssue(parsedCause.issues) });
        continue;
      }
      const one = parsedCause.output;
      advisories.push({
        path: place,
        index,
        packageName: one.name ?? entry.name ?? key,
        ids: [],
        cwe: one.cwe,
        nodes: entry.nodes ?? [],
        versions: [],
        via: parentsOf(key, effects),
        ...defined({ source: one.source, title: one.title, severity: one.severity, url: one.url }),
        ...defined({ vector: one.cvss?.vectorString, vulnerableRange: one.range, direct: entry.isDirect }),
        ...(entry.fixAvailable === undefined
          ? {}
          : {
              fix: {
                name: entry.fixAvailable.name,
                version: entry.fixAvailable.version,
                major: entry.fixAvailable.isSemVerMajor,
              },
            }),
      });
    }
  }
  return { advisories, rejected, results };
}

function parseAdvisories(entries: Json): AuditReport {
  const advisories: AuditAdvisory[] = [];
  const rejected: Omit<Rejection, 'file'>[] = [];
  for (const [index, [key, value]] of Object.entries(entries).entries()) {
    const path = `advisories[${JSON.stringify(key)}]`;
    const parsed = v.safeParse(advisory, value);
    if (!parsed.success) {
      rejected.push({ path, reason: firstIssue(parsed.issues) });
      continue;
    }
    const one = parsed.output;
    const findings = one.findings ?? [];
    // `a>b>c`: the way from the project to the package. pnpm writes the importing project, `.`, before it.
    const ways = findings
      .flatMap((found) => found.paths ?? [])
      .map((way) => way.split('>').filter((name) => name !== '.' && name !== ''));
    const direct = ways.length === 0 ? undefined : ways.some((way) => way.length === 1);
    advisories.push({
      path,
      index,
      packageName: one.module_name,
      ids: [...(one.cves ?? []), ...(one.github_advisory_id === undefined ? [] : [one.github_advisory_id])],
      cwe: one.cwe,
      nodes: [],
      versions: findings.flatMap((found) => (found.version === undefined ? [] : [found.version])),
      via: [...new Set(ways.flatMap((way) => way.slice(0, -1).reverse()))].slice(0, mostParents),
      ...defined({ source: one.id ?? key, title: one.title, description: one.overview, recommendation: one.recommendation }),
      ...defined({ severity: one.severity, url: one.url, links: one.references, vector: one.cvss?.vectorString }),
      ...defined({ vulnerableRange: one.vulnerable_versions, patchedRange: one.patched_versions, direct }),
    });
  }
  return { advisories, rejected, results: Object.keys(entries).length };
}

/** More parents than this say nothing to anybody. */
const mostParents = 50;

/** Breadth first up the tree, so that the nearest parents come first; `effects` are the packages that depend on one. */
function parentsOf(name: string, effects: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const parents = new Set<string>();
  let level = effects.get(name) ?? [];
  while (level.length > 0 && parents.size < mostParents) {
    const next = level.filter((parent) => parent !== name && !parents.has(parent));
    for (const parent of next) parents.add(parent);
    level = next.flatMap((parent) => effects.get(parent) ?? []);
  }
  return [...parents].slice(0, mostParents);
}

function firstIssue(issues: readonly v.BaseIssue<unknown>[]): string {
  const [issue] = issues;
  if (issue === undefined) return 'is not as npm writes it';
  const where = v.getDotPath(issue);
  return where === null ? issue.message : `${where}: ${issue.message}`;
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The members that are there: optional fields are absent, not undefined. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
