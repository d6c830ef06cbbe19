import { markdownText } from '../pullRequest/hostileText';
import { changeOf } from '../runs/changeOf';
import type { ReleaseFacts } from './releaseNotes';

/** One line for the section *Security* of a changelog in Keep a Changelog's form (keepachangelog.com/1.1.0). */
export function changelogLine({ run, fix }: Pick<ReleaseFacts, 'run' | 'fix'>): string {
  const change = changeOf(run);
  const { aliases, ruleId } = run.finding;
  const what = aliases.length === 0 ? markdownText(ruleId) : aliases.map((alias) => markdownText(alias)).join(', ');
  return `- ${markdownText(fix.replace(/\.$/, ''))} (${what})${change === undefined ? '' : ` (#${change.number})`}.\n`;
}
