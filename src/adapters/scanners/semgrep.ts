import * as v from 'valibot';
import { HumanError, throwIfCancelled } from '../../core/errors';
import { advisoryIds, cweIds } from '../../core/findings/advisoryIds';
import { boundJson } from '../../core/findings/boundJson';
import { utf16Column } from '../../core/findings/byteColumns';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import type { DraftFinding } from '../../core/findings/draft';
import { httpsLinks } from '../../core/findings/httpsLinks';
import { identifyFindings } from '../../core/findings/identity';
import { packageUrl, purlType } from '../../core/findings/packageUrl';
import { safePath } from '../../core/findings/safePath';
import type { Location, PackageRef, Rejection, Severity, SuggestedFix } from '../../core/model/finding';
import type { ReadReport, ReportReader } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';
import { readReportJson } from './readReportJson';
import { parsePlatform, recognisesPlatform } from './semgrepPlatform';
import { firstIssue, lostPlace, semgrepError, semgrepResult, semgrepRoot, textsOf } from './semgrepReport';
import type { Draft, SemgrepResult, SemgrepScaInfo } from './semgrepReport';
import { traceSteps } from './semgrepTrace';

const semgrepScanner = 'Semgrep';

/** Semgrep's words: the old three and, from 1.70 on, the four of Supply Chain and Secrets. */
const severityWords: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['error', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['warning', 'medium'],
  ['low', 'low'],
  ['info', 'low'],
  ['inventory', 'info'],
  ['experiment', 'info'],
]);

/** What the community edition writes for fields that need an account. */
const withheld = /^requires? login$/i;

/** `semgrep scan --json`, and the findings that the Semgrep AppSec Platform's API lists. */
export const semgrepReader: ReportReader = {
  id: 'semgrep',
  displayName: 'Semgrep JSON',
  url: 'https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif',
  capabilities: ['code', 'dependencies', 'secrets', 'suggested fixes', 'code flows'],

  recognises(head) {
    if (!/^\s*\{/.test(head) || /"runs"\s*:\s*\[/.test(head)) return false;
    // Checkov has `check_id`s too, Bandit has `results` and `errors`.
    if (/"(?:check_result|check_type|passed_checks|test_id|generated_at)"\s*:/.test(head)) return recognisesPlatform(head);
    if (/"check_id"\s*:/.test(head) && /"(?:extra|start|path)"\s*:/.test(head)) return true;
    if (/"results"\s*:\s*\[\s*\]/.test(head) && /"errors"\s*:\s*\[/.test(head))
      return /"(?:paths|version|skipped_rules)"\s*:/.test(head);
    return recognisesPlatform(head);
  },

  async read(file, workspaceRoot, task): Promise<ReadReport> {
    const document = await readReportJson(file, task);
    const platform = parsePlatform(document, file.name, workspaceRoot);
    if (platform !== undefined) {
      return { ...platform, format: semgrepReader.id, findings: identifyFindings(platform.drafts, { sha256: nativeSha256 }) };
    }
    const root = v.safeParse(semgrepRoot, document);
    if (!root.success) throw new HumanError(`${file.name} is not a report of Semgrep: ${firstIssue(root.issues)}.`);
    const drafts: DraftFinding[] = [];
    const rejected: Rejection[] = [];
    for (const [index, value] of root.output.results.entries()) {
      if (index % 1000 === 0) throwIfCancelled(task?.signal);
      const path = `results[${String(index)}]`;
      const parsed = v.safeParse(semgrepResult, value);
      const made = parsed.success
        ? draftOf(parsed.output, index, file.name, workspaceRoot)
        : { reason: firstIssue(parsed.issues) };
      if ('reason' in made) rejected.push({ file: file.name, path, reason: cleanLine(made.reason) });
      else {
        drafts.push(made.draft);
        if (made.lost !== undefined) rejected.push(lostPlace(file.name, `${path}.path`, made.lost));
      }
    }
    const errors = (root.output.errors ?? [])
      .map((error) => v.safeParse(semgrepError, error))
      .flatMap((one) => (one.success ? [one.output] : []));
    const failed = new Set(errors.flatMap((error) => error.path ?? []));
    const scanned = root.output.paths?.scanned
      ?.filter((path) => !failed.has(path))
      .flatMap((path) => {
        const safe = safePath(path, workspaceRoot);
        return 'path' in safe ? [safe.path] : [];
      });
    const fatal = errors.filter((error) => !/^warn|^info/i.test(error.level ?? 'error')).length;
    return {
      format: semgrepReader.id,
      scanner: semgrepScanner,
      findings: identifyFindings(drafts, { sha256: nativeSha256 }),
      rejected,
      results: root.output.results.length,
      notes: errors
        .slice(0, 20)
        .map((error) =>
          cleanLine(
            `Semgrep says: ${error.message ?? 'an error without words'}${error.path === undefined ? '' : ` (${error.path})`}`,
            300,
          ),
        ),
      // An error may have cost findings anywhere; a warning only in its own file, which is left out of the scope.
      complete: fatal === 0,
      ...(scanned === undefined ? {} : { scope: scanned }),
    };
  },
};

/** Severity by a word of Semgrep's; undefined when it is none. */
function semgrepSeverity(word: unknown): Severity | undefined {
  return typeof word === 'string' ? severityWords.get(word.toLowerCase()) : undefined;
}

function draftOf(result: SemgrepResult, index: number, file: string, root: string): Draft | { readonly reason: string } {
  const safe = safePath(result.path, root);
  const { extra } = result;
  const { metadata } = extra;
  const ruleId = cleanLine(result.check_id, 300);
  if (ruleId === '') return { reason: 'check_id: holds no readable character' };
  const matched = matchedText(result);
  const region: Omit<Location, 'path'> = {
    startLine: result.start.line,
    startColumn: matched?.startColumn ?? result.start.col,
    endLine: result.end.line,
    endColumn: matched?.endColumn ?? result.end.col,
    ...(matched === undefined ? {} : { snippet: cleanText(matched.lines, 4000) }),
  };
  const dependency = extra.sca_info ?? undefined;
  const ref = dependency === undefined ? undefined : packageOf(dependency, metadata, root);
  if (ref !== undefined && 'reason' in ref) return ref;
  const references = httpsLinks([...textsOf(metadata['references']), metadata['source'], metadata['shortlink']]);
  // What lies outside of the workspace (a scan in a container has folders of its own) is never looked for inside of it.
  const location = 'path' in safe ? { path: safe.path, ...region } : undefined;
  const fix = location === undefined ? undefined : suggestedFix(result, location, matched?.text);
  const trace = extra.dataflow_trace === undefined ? undefined : traceSteps(extra.dataflow_trace, root);
  const secret = metadata['category'] === 'secrets' || /(?:^|\.)secrets\./.test(ruleId);
  const draft: DraftFinding = {
    kind: ref !== undefined ? 'dependency' : secret ? 'secret' : 'code',
    scanner: semgrepScanner,
    ruleId,
    title: titleOf(extra.message, ruleId),
    ...(extra.message === '' ? {} : { description: cleanText(extra.message) }),
    severity: semgrepSeverity(metadata['sca-severity'] ?? metadata['severity']) ?? semgrepSeverity(extra.severity) ?? 'medium',
    locations: location === undefined ? [] : [location],
    ...(trace === undefined ? {} : { codeFlows: [trace] }),
    ...(ref === undefined ? {} : { package: ref }),
    aliases: advisoryIds(
      metadata['sca-vuln-database-identifier'],
      ...(ref === undefined ? [] : references.filter((link) => link.includes('/advisories/'))),
    ),
    cwe: cweIds(metadata['cwe']),
    references,
    suppressed: extra.is_ignored === true,
    ...(extra.is_ignored === true
      ? { suppressions: [{ kind: 'inSource', status: 'accepted', justification: 'nosemgrep comment' }] }
      : {}),
    ...(fix === undefined ? {} : { suggestedFix: fix }),
    ...(extra.fingerprint === undefined || withheld.test(extra.fingerprint)
      ? {}
      : { fingerprints: { 'matchBasedId/v1': cleanLine(extra.fingerprint, 300) } }),
    witnesses: [{ scanner: semgrepScanner, file, ruleId, index }],
    properties: propertiesOf(result),
  };
  return 'reason' in safe ? { draft, lost: safe.reason } : { draft };
}

/** The first sentence of the rule's message; the whole of it is the description. */
function titleOf(message: string, ruleId: string): string {
  const line = cleanLine(message, 1000);
  const sentence = /^.{20,}?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
  return cleanLine(sentence === '' ? ruleId : sentence, 200);
}

interface MatchedText {
  /** The lines of the match, whole. */
  readonly lines: string;
  /** The matched text alone. */
  readonly text: string;
  readonly startColumn: number;
  readonly endColumn: number;
}

/**
 * What stands at the match, from `extra.lines` (the whole lines). Semgrep's columns count bytes, ours UTF-16 code units, so
 * they can be converted only where the lines are there; the community edition withholds them.
 */
function matchedText({ start, end, extra }: SemgrepResult): MatchedText | undefined {
  if (extra.lines === undefined || withheld.test(extra.lines)) return undefined;
  const lines = extra.lines.split('\n').slice(0, end.line - start.line + 1);
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined || lines.length !== end.line - start.line + 1) return undefined;
  const startColumn = utf16Column(first, start.col);
  const endColumn = utf16Column(last, end.col);
  if (startColumn === undefined || endColumn === undefined) return undefined;
  const whole = lines.join('\n');
  const text = whole.slice(startColumn - 1, whole.length - last.length + endColumn - 1);
  return { lines: whole, text, startColumn, endColumn };
}

function suggestedFix(result: SemgrepResult, location: Location, expectedText: string | undefined): SuggestedFix | undefined {
  const { fix, fix_regex: regex } = result.extra;
  const expected = expectedText === undefined ? {} : { expectedText };
  if (fix !== undefined) {
    const [from, to] = [result.start.offset, result.end.offset];
    const { path, snippet: _, ...region } = location;
    const bytes = from === undefined || to === undefined || to < from ? {} : { byteOffset: from, byteLength: to - from };
    return { description: "Semgrep's own fix of the rule", replacements: [{ path, region, ...bytes, text: fix }], ...expected };
  }
  if (regex === undefined) return undefined;
  const { regex: pattern, replacement, count } = regex;
  return {
    description: "Semgrep's own fix of the rule, by a regular expression",
    replacements: [],
    regex: { pattern, replacement, ...(count === undefined ? {} : { count }) },
    ...expected,
  };
}

/** The dependency of a Supply Chain finding. */
function packageOf(
  sca: SemgrepScaInfo,
  metadata: Readonly<Record<string, unknown>>,
  root: string,
): PackageRef | { readonly reason: string } {
  const { found_dependency: found, dependency_pattern: pattern, lockfile } = sca.dependency_match;
  const manifest = safePath(found.manifest_path ?? lockfile ?? found.lockfile_path ?? '', root);
  if ('reason' in manifest) return { reason: `sca_info: ${manifest.reason}` };
  const name = cleanLine(found.package, 300);
  const version = found.version === undefined || found.version === '' ? undefined : cleanLine(found.version, 100);
  const ecosystem = purlType(found.ecosystem);
  const fixed = Array.isArray(metadata['sca-fix-versions'])
    ? (metadata['sca-fix-versions'] as readonly unknown[]).slice(0, 100)
    : [];
  const direct = found.transitivity === 'direct' ? true : found.transitivity === 'transitive' ? false : undefined;
  return {
    purl: packageUrl(ecosystem, name, version),
    ecosystem,
    name,
    manifest: manifest.path,
    fixedVersions: fixed.flatMap((one) =>
      Object.entries((typeof one === 'object' ? one : undefined) ?? {}).flatMap(([of, at]) =>
        of === found.package && typeof at === 'string' ? [cleanLine(at, 100)] : [],
      ),
    ),
    ...(version === undefined ? {} : { version }),
    ...(pattern?.semver_range === undefined ? {} : { vulnerableRange: cleanLine(pattern.semver_range, 1000) }),
    ...(direct === undefined ? {} : { direct }),
  };
}

const keptMetadata = [
  'category',
  'confidence',
  'impact',
  'likelihood',
  'owasp',
  'subcategory',
  'technology',
  'vulnerability_class',
  'sca-kind',
  'sca-reachable-if',
];

function propertiesOf({ extra }: SemgrepResult): Readonly<Record<string, unknown>> {
  const kept = keptMetadata.flatMap((name) =>
    Object.hasOwn(extra.metadata, name) ? [[name, boundJson(extra.metadata[name])] as const] : [],
  );
  return Object.fromEntries([
    ...kept,
    ...(extra.engine_kind === undefined ? [] : [['engine_kind', boundJson(extra.engine_kind)] as const]),
    ...(extra.validation_state === undefined ? [] : [['validation_state', cleanLine(extra.validation_state, 100)] as const]),
    ...(extra.sca_info?.reachable === undefined ? [] : [['reachable', extra.sca_info.reachable] as const]),
  ]);
}
