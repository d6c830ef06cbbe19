import { HumanError } from '../errors';
import { cleanLine } from '../findings/cleanText';
import { findingTrailer } from '../git/trailers';
import type { MetricVerdict } from '../model/analysis';
import type { Finding } from '../model/finding';
import type { Patch } from '../model/patch';
import type { PullRequest } from '../model/pullRequest';
import type { RegressionTest } from '../model/regressionTest';
import { branchName } from './branchName';
import { cutSubject, trailerValue, wrap } from './commitMessage';
import { inertLine, markdownCode, markdownText } from './hostileText';
import { pullRequestMarker } from './marker';
import { table } from './pullRequestText';

/** One file at three commits; undefined where it is not there. */
export interface RevertTexts {
  /** At the merge commit's first parent. */
  readonly before: string | undefined;
  /** At the merge commit. */
  readonly merged: string | undefined;
  /** At the head of the branch now, on which the revert is made. */
  readonly head: string | undefined;
}

export interface RevertInput {
  readonly finding: Finding;
  readonly patch: Pick<Patch, 'changes'>;
  readonly test?: Pick<RegressionTest, 'path'> | undefined;
  readonly run: string;
  readonly pullRequest: Pick<PullRequest, 'number' | 'url' | 'title' | 'base'>;
  readonly mergeCommit: string;
  /** One or more sentences for people. */
  readonly why: string;
  /** What was measured, where that is the reason. */
  readonly verdict?: MetricVerdict | undefined;
  /** Of each path of `revertPaths`. */
  readonly texts: ReadonlyMap<string, RevertTexts>;
  /** The policy's `branchPrefix`. */
  readonly prefix?: string | undefined;
}

/** All that a commit and a pull request need to take a merged fix back. */
export interface Revert {
  readonly branch: string;
  /** Path → text as it was before the merge, null: the merge had created it. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly title: string;
  readonly body: string;
}

/** The trailer that names the merge which a commit takes back. */
export const revertsTrailer = 'Patchline-Reverts';

/** Paths whose texts a revert must know: the fix and its regression test. */
export function revertPaths(patch: Pick<Patch, 'changes'>, test: Pick<RegressionTest, 'path'> | undefined): readonly string[] {
  return [...new Set([...patch.changes.map(({ path }) => path), ...(test === undefined ? [] : [test.path])])];
}

/**
 * The revert of a merged fix as a commit on top of its branch: every file that the merge changed is again as it was at the merge
 * commit's first parent. The commit carries the finding's trailer, so that its branch counts as Patchline's own.
 *
 * @throws HumanError naming the files that the branch has changed since, and when it holds nothing of the fix any more
 */
export function revertOf(input: RevertInput): Revert {
  const { finding, pullRequest, mergeCommit } = input;
  const files: Record<string, string | null> = {};
  const changed: string[] = [];
  for (const path of revertPaths(input.patch, input.test)) {
    const texts = input.texts.get(path);
    if (texts === undefined)
      throw new HumanError(`The text of ${path} before the merge is not known, so it cannot be taken back.`);
    // Untouched by the merge, or taken back by somebody already.
    if (texts.before === texts.merged || texts.head === texts.before) continue;
    if (texts.head !== texts.merged) changed.push(path);
    files[path] = texts.before ?? null;
  }
  const base = cleanLine(pullRequest.base, 200);
  if (changed.length > 0) {
    throw new HumanError(
      `${base} has changed ${changed.join(', ')} since the fix was merged, so the fix cannot be taken out by itself. Revert ${mergeCommit.slice(0, 8)} by hand: git revert -m 1 ${mergeCommit.slice(0, 8)}.`,
    );
  }
  if (Object.keys(files).length === 0)
    throw new HumanError(`${base} holds nothing of the fix any more, so there is nothing to revert.`);
  return {
    branch: branchName(finding, `${input.prefix ?? 'patchline/'}revert-`),
    files,
    message: revertMessage(input),
    title: revertTitle(pullRequest.title),
    body: revertBody(input, files),
  };
}

/** Conventional Commits has the type `revert`; the subject of what is reverted follows. */
function revertTitle(title: string): string {
  return cutSubject(`revert: ${inertLine(title, 200)}`);
}

function revertMessage({ finding, pullRequest, mergeCommit, why, verdict }: RevertInput): string {
  const paragraphs = [
    revertTitle(pullRequest.title),
    wrap(`This takes back ${trailerValue(mergeCommit)}, the merge of pull request ${pullRequest.number}.`),
    wrap(`Why: ${inertLine(why, 1000)}`),
    ...(verdict === undefined ? [] : [wrap(`Measured: ${measured(verdict)}`)]),
    wrap(
      `The finding is open again: ${inertLine(finding.title, 300)} (${inertLine(finding.ruleId, 120)}, severity ${finding.severity}).`,
    ),
  ];
  const trailers = [`${findingTrailer}: ${trailerValue(finding.id)}`, `${revertsTrailer}: ${trailerValue(mergeCommit)}`];
  return `${[...paragraphs, trailers.join('\n')].join('\n\n')}\n`;
}

function measured({ metric, step, message }: MetricVerdict): string {
  return `${inertLine(metric, 100)} in step ${step + 1}: ${inertLine(message, 500)}`;
}

function revertBody(input: RevertInput, files: Readonly<Record<string, string | null>>): string {
  const { finding, pullRequest, mergeCommit, why, verdict, run } = input;
  const sections = [
    '## Revert',
    `This takes ${pullRequestLink(pullRequest)} back: ${markdownCode(mergeCommit.slice(0, 12))}, its merge into ${markdownCode(pullRequest.base)}.`,
    `**Why**: ${markdownText(why, 1500)}`,
    ...(verdict === undefined ? [] : ['## Measurement', measurement(verdict)]),
    '## Files',
    Object.entries(files)
      .map(
        ([path, text]) =>
          `- ${markdownCode(path)}: ${text === null ? 'deleted, the merge had created it' : 'as it was before the merge'}`,
      )
      .join('\n'),
    `The finding is open again and its clock runs on: ${markdownText(finding.title, 300)} (${markdownCode(finding.ruleId)}, severity **${finding.severity}**). The next attempt supersedes the one that is taken back here.`,
    pullRequestMarker(finding.id, run),
  ];
  return `${sections.join('\n\n')}\n`;
}

function measurement(verdict: MetricVerdict): string {
  const { sample } = verdict;
  const side = (value: number | undefined, of: number | undefined): string =>
    `${value === undefined ? 'no data' : Number(value.toPrecision(4))}${of === undefined ? '' : ` (of ${of})`}`;
  const rows: (readonly [string, string])[] = [
    ['Metric', markdownCode(verdict.metric)],
    ['Step', String(verdict.step + 1)],
    ['Verdict', `**${verdict.phase}**`],
    ['New version', side(verdict.canary, sample?.canary)],
    ['Old version', side(verdict.baseline, sample?.baseline)],
    ['What was seen', markdownText(verdict.message, 500)],
  ];
  return table(['', ''], rows);
}

function pullRequestLink({ number, url }: Pick<PullRequest, 'number' | 'url'>): string {
  const name = `pull request ${number}`;
  return /^https:\/\/[\w.:-]+(?:\/[\w.~%-]+)*\/?$/.test(url) ? `[${name}](${url})` : `${name} (${markdownCode(url)})`;
}
