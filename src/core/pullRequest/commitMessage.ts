import { cleanLine } from '../findings/cleanText';
import { findingTrailer } from '../git/trailers';
import type { Finding } from '../model/finding';
import type { Patch } from '../model/patch';
import type { RegressionTest } from '../model/regressionTest';
import { inertLine } from './hostileText';

export interface ChangeTextInput {
  readonly finding: Finding;
  readonly patch: Patch;
  readonly test?: RegressionTest | undefined;
}

const subjectLimit = 72;
const lineLimit = 72;

/**
 * The first line: a Conventional Commits subject of at most 72 UTF-16 code units, `fix(deps): …` for a dependency update,
 * `fix(security): …` for code. It is the pull request's title, too.
 */
export function changeTitle({ finding, patch }: ChangeTextInput): string {
  if (patch.update) {
    const { name, from, to } = patch.update;
    const update = `fix(deps): update ${inertLine(name, 100)} from ${inertLine(from, 40)} to ${inertLine(to, 40)}`;
    const advisory = finding.aliases[0] === undefined ? '' : ` (${inertLine(finding.aliases[0], 40)})`;
    return cutSubject(update.length + advisory.length <= subjectLimit ? update + advisory : update);
  }
  return cutSubject(`fix(security): ${inertLine(finding.title === '' ? finding.ruleId : finding.title, 200)}`);
}

/** The whole commit message: what was found, why this change cures it, who saw it, and trailers for machines. */
export function commitMessage(input: ChangeTextInput): string {
  const { finding, patch, test } = input;
  const paragraphs = [
    changeTitle(input),
    wrap(
      `Finding: ${inertLine(finding.title, 300)} (${inertLine(finding.ruleId, 120)}, severity ${finding.severity}) in ${placeOf(finding)}.`,
    ),
    wrap(inertLine(patch.reason, 1500)),
  ];
  if (finding.aliases.length > 0) paragraphs.push(wrap(`Also known as ${listed(finding.aliases, 12, 40)}.`));
  const seen = [...new Set(finding.witnesses.map((witness) => `${witness.scanner} in ${witness.file}`))];
  if (seen.length > 0) paragraphs.push(wrap(`Reported by ${listed(seen, 5, 160)}.`));
  if (test) paragraphs.push(wrap(`The regression test ${inertLine(test.path, 300)} shows: ${inertLine(test.claim, 400)}`));
  const trailers = [`${findingTrailer}: ${trailerValue(finding.id)}`, `Patchline-Fixer: ${trailerValue(patch.fixer)}`];
  return `${[...paragraphs.filter((text) => text !== ''), trailers.join('\n')].join('\n\n')}\n`;
}

function placeOf(finding: Finding): string {
  if (finding.package) {
    const { name, version, manifest } = finding.package;
    return `${inertLine(name, 200)}${version === undefined ? '' : ` ${inertLine(version, 60)}`} (${inertLine(manifest, 300)})`;
  }
  const place = finding.locations[0];
  if (!place) return inertLine(finding.component ?? 'an unnamed place', 300);
  return inertLine(place.path, 300) + (place.startLine === undefined ? '' : `:${place.startLine}`);
}

function listed(items: readonly string[], most: number, limit: number): string {
  const shown = items.slice(0, most).map((item) => inertLine(item, limit));
  const more = items.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A value as a trailer may carry it: one line of harmless characters. */
export function trailerValue(text: string): string {
  return cleanLine(text, 100).replace(/[^\w.:+-]/g, '_');
}

/** A subject line of at most 72 UTF-16 code units, cut at a word. */
export function cutSubject(subject: string): string {
  if (subject.length <= subjectLimit) return subject;
  const head = subject.slice(0, subjectLimit - 1);
  const space = head.lastIndexOf(' ');
  return `${(space > 30 ? head.slice(0, space) : head).replace(/[\s\ud800-\udbff]+$/, '')}…`;
}

/** Breaks at spaces; a word that is longer than a line stays whole. */
export function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLimit) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
