import { readFile } from 'node:fs/promises';
import { parsePolicy } from '../core/policy/parsePolicy';
import { plainFinding } from '../core/findings/findingHandle';
import { keepKnownIds } from '../core/findings/knownIds';
import { mergeFindings } from '../core/findings/merge';
import type { Finding, Rejection } from '../core/model/finding';
import type { TriagedFinding } from '../core/model/triage';
import type { PatchlinePorts } from '../core/patchlinePorts';
import type { ReadReport } from '../core/ports';
import { firstSeenOf } from '../core/runs/firstSeen';
import { finish } from '../core/steps';
import { triageFindings } from '../core/stages/triage';
import { whereOf } from '../core/triage/findingsTable';
import type { CommandContext, ExitCode } from './commandLine';
import { UsageError } from './commandLine';
import { count } from './output';
import { rejectionLine, reportFiles, whyUnreadable } from './reportFiles';

/** What the reports on the command line say together. Nothing is recorded: these commands only read. */
export interface ReadFindings {
  readonly findings: readonly Finding[];
  readonly rejected: readonly Rejection[];
  readonly stats: Readonly<Record<string, number>>;
  /** True when a report could not be read at all. */
  readonly unreadable: boolean;
}

/** Reads and merges the reports; says on stderr, a line each, what could not be read. */
export async function readFindings(context: CommandContext, ports: PatchlinePorts): Promise<ReadFindings> {
  const { files, missing } = await reportFiles(context.positionals);
  const { format } = context.options;
  const read = await ports.reports.read(files, { signal: context.signal, ...(format === undefined ? {} : { format }) });
  const { reports } = read;
  const rejected = [...missing, ...read.rejected];
  const findings = mergeFindings(reports.flatMap(({ report }) => report.findings));
  const all = [...rejected, ...reports.flatMap(({ report }) => report.rejected)];
  for (const one of all) context.say(rejectionLine(one));
  for (const { name, report } of reports) for (const note of report.notes) context.say(`${name}: ${note}`);
  const sumOf = (of: (report: ReadReport) => number | undefined): number =>
    reports.reduce((sum, { report }) => sum + (of(report) ?? 0), 0);
  return {
    findings,
    rejected: all,
    stats: {
      reports: reports.length,
      results: sumOf((report) => report.results),
      findings: findings.length,
      suppressed: findings.filter((finding) => finding.suppressed).length,
      passedOver: sumOf((report) => report.passedOver),
      rejected: all.length + sumOf((report) => report.unlisted),
    },
    unreadable: rejected.length > 0,
  };
}

/** `patchline import REPORT…` */
export async function importCommand(context: CommandContext, ports: PatchlinePorts): Promise<ExitCode> {
  const { findings, rejected, stats, unreadable } = await readFindings(context, ports);
  if (context.options.json) context.json({ findings, rejected, stats });
  else {
    for (const finding of findings) context.line(lineOf(finding));
    context.line(
      `${count(findings.length, 'finding')} from ${count(stats['reports'] ?? 0, 'report')}${rejected.length === 0 ? '' : `, ${stats['rejected'] ?? 0} rejected`}`,
    );
  }
  return unreadable ? 2 : 0;
}

/** Triage of what was read, by the policy named or found in the workspace. */
export async function triageRead(
  context: CommandContext,
  ports: PatchlinePorts,
  findings: readonly Finding[],
): Promise<readonly TriagedFinding[]> {
  const file = context.options.policy;
  const text =
    file === undefined
      ? undefined
      : await readFile(file, 'utf8').catch((error: unknown) => {
          throw new UsageError(`${file}: ${whyUnreadable(error)}`);
        });
  const policy = text === undefined ? await ports.policy() : parsePolicy(text.replace(/^\uFEFF/, ''), file);
  const { firstSeen } = await firstSeenOf((await ports.log.read()).entries, ports.evidence);
  // Under the ids and from the instants that the workspace's log knows, whichever reports are read together this time.
  const known = finish(keepKnownIds(findings, (id) => firstSeen.get(id), ports.sha256));
  return triageFindings(known, { policy, ownersOf: await ports.owners(), firstSeen, now: ports.clock.now() });
}

/** `patchline triage REPORT… --workspace DIR [--policy FILE]` */
export async function triageCommand(context: CommandContext, ports: PatchlinePorts): Promise<ExitCode> {
  const read = await readFindings(context, ports);
  const triaged = await triageRead(context, ports, read.findings);
  if (context.options.json) {
    // Each is made when it is written: a million of them would not fit into memory together.
    const findings = triaged.map((finding) => ({ toJSON: () => jsonOf(finding) }));
    context.json({ findings, rejected: read.rejected, stats: read.stats });
  } else {
    const open = triaged.filter((finding) => !finding.suppressed);
    for (const finding of open) {
      const { priority, band, owners, due } = finding.triage;
      context.line(`${String(priority).padStart(3)} ${band.padEnd(9)} ${lineOf(finding)}`);
      const facts = [owners.length > 0 ? `owner ${owners.join(' ')}` : '', due === undefined ? '' : `due ${due.slice(0, 10)}`];
      context.line(
        `              ${[...finding.triage.reasons.map((r) => `${r.points >= 0 ? '+' : ''}${r.points} ${r.text}`), ...facts].filter(Boolean).join('; ')}`,
      );
    }
    const suppressed = triaged.length - open.length;
    context.line(`${count(open.length, 'finding')}${suppressed === 0 ? '' : `, and ${suppressed} suppressed`}`);
  }
  return read.unreadable ? 2 : 0;
}

function jsonOf(triaged: TriagedFinding): Readonly<Record<string, unknown>> {
  const { triage, ...finding } = plainFinding(triaged);
  return {
    ...finding,
    priority: triage.priority,
    band: triage.band,
    reasons: triage.reasons,
    owner: triage.owners[0] ?? null,
    owners: triage.owners,
    due: triage.due ?? null,
    detectedAt: triage.detectedAt,
  };
}

function lineOf(finding: Finding): string {
  return `${finding.severity.padEnd(8)} ${whereOf(finding)}  ${finding.title}  [${finding.ruleId}] ${finding.id}`;
}
