import { satisfies, validRange } from 'semver';
import { HumanError, throwIfCancelled } from '../../core/errors';
import { scoreVector } from '../../core/cvss/scoreVector';
import { advisoryIds, cweIds } from '../../core/findings/advisoryIds';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import { compareVersions } from '../../core/findings/combine';
import type { DraftFinding } from '../../core/findings/draft';
import { httpsLinks, linksInText } from '../../core/findings/httpsLinks';
import { identifyFindings } from '../../core/findings/identity';
import { mergeFindings } from '../../core/findings/merge';
import { packageUrl } from '../../core/findings/packageUrl';
import { fixedFromPatched, fixedFromVulnerable } from '../../core/findings/versionHints';
import type { Severity } from '../../core/model/finding';
import type { ReadReport, ReportReader } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';
import { auditError, parseNpmAudit } from './npmAuditReport';
import type { AuditAdvisory } from './npmAuditReport';
import { readNpmProject } from './npmProject';
import type { NpmProject } from './npmProject';
import { readReportJson } from './readReportJson';

const scanner = 'npm audit';
const severityWords: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['info', 'info'],
  ['none', 'info'],
]);
const packageName = /^(?:@[\w.~-]{1,200}\/)?[\w.~-]{1,214}$/;

/**
 * `npm audit --json` of npm 6 (`advisories`; pnpm writes the same) and of npm 7 and later (`vulnerabilities`).
 * A finding is one advisory in one package of one manifest. An entry of npm 7 whose `via` only names other packages is a
 * parent through which a vulnerable package comes in: it is kept as `package.via`, not as a finding of its own.
 */
export const npmAuditReader: ReportReader = {
  id: 'npm-audit',
  displayName: 'npm audit',
  url: 'https://docs.npmjs.com/cli/commands/npm-audit',
  capabilities: ['dependencies', 'npm 6', 'npm 7+', 'pnpm'],

  recognises(head) {
    if (!/^\s*\{/.test(head) || /"\$schema"\s*:\s*"[^"]*sarif|"runs"\s*:\s*\[/.test(head)) return false;
    if (/"auditReportVersion"\s*:/.test(head)) return true;
    if (/"advisories"\s*:\s*\{/.test(head)) return /"(?:actions|muted|metadata|module_name|patched_versions)"\s*:/.test(head);
    if (/"actions"\s*:\s*\[\s*\{\s*"(?:action|isMajor|resolves|module|target|depth)"/.test(head)) return true;
    // What npm prints when the audit failed; recognised, so that the person hears why and not "unknown format".
    return head.length < 20_000 && /^\s*\{\s*(?:"message"\s*:[^]*?)?"error"\s*:\s*[{"][^]*(?:"summary"|"code")\s*:/.test(head);
  },

  async read(file, workspaceRoot, task): Promise<ReadReport> {
    const document = await readReportJson(file, task);
    const failure = auditError(document);
    if (failure !== undefined) {
      throw new HumanError(
        `${file.name} holds no findings: npm audit itself failed (${cleanLine(failure, 300)}). Run it again and import that.`,
      );
    }
    const report = parseNpmAudit(document);
    if (report === undefined) {
      throw new HumanError(`${file.name} is not a report of npm audit: it has neither "vulnerabilities" nor "advisories".`);
    }
    const project = await readNpmProject(workspaceRoot, file.name);
    const drafts: DraftFinding[] = [];
    const rejected = report.rejected.map((one) => ({ file: file.name, path: one.path, reason: cleanLine(one.reason) }));
    for (const advisory of report.advisories) {
      throwIfCancelled(task?.signal);
      if (packageName.test(advisory.packageName)) drafts.push(...(await draftsOf(advisory, project, file.name)));
      else
        rejected.push({
          file: file.name,
          path: advisory.path,
          reason: `${cleanLine(JSON.stringify(advisory.packageName), 120)} is no package name`,
        });
    }
    const unknown = drafts.filter((draft) => draft.package?.version === undefined).length;
    const notes = project.notes.map((note) => cleanLine(note));
    if (unknown > 0)
      notes.push(`The installed version of ${String(unknown)} findings is not known: no lock file of the project tells it.`);
    const stale = drafts.filter((draft) => draft.properties?.['outOfRange'] === true).length;
    if (stale > 0)
      notes.push(
        `The lock file has moved on since the audit: what is installed now is outside the vulnerable range of ${String(stale)} findings. Run the audit again.`,
      );
    return {
      format: npmAuditReader.id,
      scanner,
      findings: mergeFindings(identifyFindings(drafts, { sha256: nativeSha256 })),
      rejected,
      results: report.results,
      notes,
      complete: true,
    };
  },
};

/** npm's words (moderate) in ours; an unknown word is medium, since no severity is not a low one. */
function severityOf(word: string | undefined): Severity {
  return severityWords.get(word?.toLowerCase() ?? '') ?? 'medium';
}

/** One draft for each manifest that declares the package; one for the project's own where it is only transitive. */
async function draftsOf(advisory: AuditAdvisory, project: NpmProject, file: string): Promise<DraftFinding[]> {
  const declaring = advisory.direct === false ? [] : project.declaring(advisory.packageName);
  const manifests = declaring.length > 0 ? declaring : [`${project.folder}package.json`];
  return Promise.all(manifests.map((manifest) => draftOf(advisory, project, manifest, file)));
}

async function draftOf(advisory: AuditAdvisory, project: NpmProject, manifest: string, file: string): Promise<DraftFinding> {
  const name = advisory.packageName;
  const aliases = advisoryIds(...advisory.ids, advisory.url);
  const ruleId =
    aliases.find((alias) => alias.startsWith('GHSA-')) ?? aliases[0] ?? `npm-${cleanLine(advisory.source ?? '', 60) || name}`;
  const installed = installedVersions(advisory, project, manifest);
  const version = installed.hit[0];
  const scored = advisory.vector === undefined ? undefined : scoreVector(advisory.vector);
  const fixed = [
    ...(advisory.patchedRange === undefined
      ? fixedFromVulnerable(advisory.vulnerableRange ?? '')
      : fixedFromPatched(advisory.patchedRange)),
    ...(advisory.fix?.name === name ? [advisory.fix.version] : []),
  ].filter((one) => one !== '0.0.0');
  const description = [advisory.description, advisory.recommendation]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n');
  return {
    kind: 'dependency',
    scanner,
    ruleId,
    title: cleanLine(advisory.title ?? '') || `${name} is vulnerable`,
    ...(description === '' ? {} : { description: cleanText(description) }),
    severity: severityOf(advisory.severity),
    locations: [await project.locate(manifest, name)],
    package: {
      purl: packageUrl('npm', name, version),
      ecosystem: 'npm',
      name,
      manifest,
      fixedVersions: [...new Set(fixed)].map((one) => cleanLine(one, 100)).sort(compareVersions),
      ...(version === undefined ? {} : { version }),
      ...(advisory.vulnerableRange === undefined ? {} : { vulnerableRange: cleanLine(advisory.vulnerableRange, 1000) }),
      ...(advisory.direct === undefined ? {} : { direct: advisory.direct }),
      ...(advisory.via.length === 0 ? {} : { via: advisory.via.map((parent) => cleanLine(parent, 214)) }),
    },
    aliases,
    cwe: cweIds(advisory.cwe),
    ...(scored === undefined || 'error' in scored
      ? {}
      : { cvss: { vector: scored.vector, version: scored.version, score: scored.score } }),
    references: [...new Set([...httpsLinks([advisory.url]), ...linksInText(advisory.links ?? '')])],
    suppressed: false,
    witnesses: [{ scanner, file, ruleId, index: advisory.index }],
    properties: {
      ...(advisory.source === undefined ? {} : { npmAdvisory: cleanLine(advisory.source, 100) }),
      ...(installed.all.length === 0 ? {} : { installedVersions: installed.all }),
      ...(installed.outOfRange ? { outOfRange: true } : {}),
      ...(advisory.nodes.length === 0 ? {} : { nodes: advisory.nodes.slice(0, 100).map((node) => cleanLine(node)) }),
      ...(advisory.fix === undefined
        ? {}
        : {
            fixAvailable: { ...advisory.fix, name: cleanLine(advisory.fix.name), version: cleanLine(advisory.fix.version, 100) },
          }),
    },
  };
}

/**
 * Versions of the package that are installed, `hit` those inside the vulnerable range, lowest first. A manifest in a
 * workspace folder sees the copy in its own node_modules before the one at the root.
 */
function installedVersions(
  advisory: AuditAdvisory,
  project: NpmProject,
  manifest: string,
): { readonly hit: readonly string[]; readonly all: readonly string[]; readonly outOfRange: boolean } {
  const folder = manifest.slice(project.folder.length, -'package.json'.length);
  const own = folder === '' ? undefined : project.versionAt(`${folder}node_modules/${advisory.packageName}`);
  const found =
    own === undefined ? [...advisory.versions, ...advisory.nodes.flatMap((node) => project.versionAt(node) ?? [])] : [own];
  const all = [...new Set(found)].map((version) => cleanLine(version, 100)).sort(compareVersions);
  const range = advisory.vulnerableRange;
  const inRange = range === undefined ? all : all.filter((version) => satisfies(version, range, { includePrerelease: true }));
  // A range that semver does not read says nothing about the versions; one that hits none means that the lock file is newer
  // than the report. Either way what is installed is what it is.
  const outOfRange = all.length > 0 && inRange.length === 0 && range !== undefined && validRange(range) !== null;
  return { hit: inRange.length > 0 ? inRange : all, all, outOfRange };
}
