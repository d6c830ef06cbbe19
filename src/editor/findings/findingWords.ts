import type { Severity } from '../../core/model/finding';
import type { PriorityBand, TriagedFinding } from '../../core/model/triage';
import { cleanLine } from '../../core/findings/cleanText';
import { httpsLink, plainMarkdown } from '../plainMarkdown';

export const bandTitles: Readonly<Record<PriorityBand, string>> = {
  now: 'Fix now',
  next: 'Next',
  scheduled: 'Scheduled',
  backlog: 'Backlog',
};

/** Icon and colour of a severity; the shapes differ, so that nothing hangs on colour alone. */
export const severityIcons: Readonly<Record<Severity, { readonly icon: string; readonly color: string }>> = {
  critical: { icon: 'flame', color: 'patchline.severity.critical' },
  high: { icon: 'error', color: 'patchline.severity.high' },
  medium: { icon: 'warning', color: 'patchline.severity.medium' },
  low: { icon: 'info', color: 'patchline.severity.low' },
  info: { icon: 'circle-outline', color: 'patchline.severity.info' },
};

/** `due in 3 days`, `due today`, `2 days overdue`. `now` in milliseconds since the epoch. */
export function dueWords(due: string | undefined, now: number): string | undefined {
  if (due === undefined) return undefined;
  const at = Date.parse(due);
  if (Number.isNaN(at)) return undefined;
  const days = Math.floor((at - now) / 86_400_000);
  if (days < 0) return `${-days} ${days === -1 ? 'day' : 'days'} overdue`;
  if (days === 0) return 'due within a day';
  return `due in ${days} ${days === 1 ? 'day' : 'days'}`;
}

/** `CVSS 3.1: 9.8`, the parts of the head line of a tooltip. */
function facts(finding: TriagedFinding): string {
  const parts = [finding.severity, finding.scanner, finding.ruleId];
  if (finding.cvss !== undefined) parts.push(`CVSS ${finding.cvss.version}: ${finding.cvss.score.toFixed(1)}`);
  return [...parts, ...finding.cwe.slice(0, 3), ...finding.aliases.slice(0, 3)]
    .map((part) => plainMarkdown(part, 80))
    .join(' · ');
}

/**
 * The finding explained, as Markdown in which nothing from the report is markup: head, priority line by line, owner, due
 * date, links (https only). `now` in milliseconds since the epoch; `actions` is Markdown of ours that stands below the head.
 */
export function explainFinding(finding: TriagedFinding, now: number, actions?: string): string {
  const { triage } = finding;
  const lines = [`**${plainMarkdown(finding.title)}**`, facts(finding), actions ?? ''];
  if (finding.description !== undefined && finding.description !== finding.title) {
    lines.push(plainMarkdown(finding.description, 600));
  }
  const reasons = triage.reasons.map(
    (reason) =>
      `- ${plainMarkdown(`${reason.points >= 0 ? '+' : '−'}${Math.abs(reason.points)}`)} ${plainMarkdown(reason.text, 200)}`,
  );
  lines.push(`Priority **${triage.priority}** of 100 (${bandTitles[triage.band].toLowerCase()})`, reasons.join('\n'));
  const owners = triage.owners.length > 0 ? triage.owners.map((owner) => plainMarkdown(owner, 80)).join(', ') : 'nobody named';
  const due = dueWords(triage.due, now);
  lines.push(`Owner: ${owners}${due === undefined ? '' : ` · ${due} (${cleanLine(triage.due ?? '').slice(0, 10)})`}`);
  if (finding.suppressed) {
    const why = finding.suppressions?.map((one) => one.justification ?? one.status ?? one.kind).join('; ');
    lines.push(`Suppressed${why === undefined || why === '' ? '' : `: ${plainMarkdown(why, 200)}`}`);
  }
  const links = finding.references
    .map((reference) => httpsLink(reference))
    .filter((link) => link !== undefined)
    .slice(0, 3);
  if (links.length > 0)
    lines.push(
      links
        .map((link) => `[${plainMarkdown(new URL(link).hostname)}](<${link.replace(/[<>\\\s]/g, encodeURIComponent)}>)`)
        .join(' · '),
    );
  return lines.filter((line) => line !== '').join('\n\n');
}

/** What a screen reader says of a row. */
export function rowLabel(row: {
  readonly title: string;
  readonly severity: Severity;
  readonly where: string;
  readonly priority: number;
  readonly suppressed: boolean;
}): string {
  return cleanLine(
    `${row.severity}: ${row.title}, ${row.where}, priority ${row.priority}${row.suppressed ? ', suppressed' : ''}`,
    400,
  );
}
