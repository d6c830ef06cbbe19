import type { Evidence } from '../model/evidence';
import type { Outcome } from '../model/outcome';
import type { Patch } from '../model/patch';
import type { Proof } from '../model/proof';
import type { RegressionTest } from '../model/regressionTest';
import type { TriagedFinding } from '../model/triage';
import { changeTitle } from './commitMessage';
import { readinessChecklist } from './checklist';
import type { ReadinessFacts } from './checklist';
import { markdownCode, markdownText, ownerMention, tableCell } from './hostileText';
import { pullRequestMarker } from './marker';

export interface PullRequestTextInput extends ReadinessFacts {
  readonly finding: TriagedFinding;
  readonly patch: Patch;
  /** Id of the run, for the marker. */
  readonly run: string;
}

/** GitHub takes 65,536 characters; the rest is for what a forge or a person may add. */
const bodyLimit = 60_000;

/**
 * Title and body (Markdown) of a pull request: the finding, the reason, the evidence, the test, the checklist, and a hidden
 * marker. All that comes from reports is escaped; only CODEOWNERS entries may notify anybody.
 */
export function pullRequestText(input: PullRequestTextInput): { readonly title: string; readonly body: string } {
  const { finding, patch, test, proof } = input;
  const marker = pullRequestMarker(finding.id, input.run);
  const sections = [
    findingSection(finding),
    reasonSection(patch),
    evidenceSection(proof),
    testSection(test),
    checklistSection(input),
  ];
  const text = sections.join('\n\n');
  const body =
    text.length <= bodyLimit
      ? text
      : `${text.slice(0, bodyLimit).replace(/\n[^\n]*$/, '')}\n\n… cut: the run log holds the rest.`;
  return { title: changeTitle({ finding, patch, test }), body: `${body}\n\n${marker}\n` };
}

function findingSection(finding: TriagedFinding): string {
  const place = finding.locations[0];
  const rows: (readonly [string, string])[] = [
    ['Rule', `${markdownCode(finding.ruleId)} (${markdownText(finding.scanner, 80)})`],
    ['Severity', `**${finding.severity}**, priority ${finding.triage.priority} of 100 (${finding.triage.band})`],
  ];
  if (finding.cvss)
    rows.push(['CVSS', `${finding.cvss.version} base ${finding.cvss.score.toFixed(1)} ${markdownCode(finding.cvss.vector)}`]);
  if (finding.package) {
    const { name, version, manifest } = finding.package;
    rows.push(['Package', `${markdownCode(version === undefined ? name : `${name} ${version}`)} in ${markdownCode(manifest)}`]);
  } else if (place) {
    rows.push(['Place', markdownCode(place.startLine === undefined ? place.path : `${place.path}:${place.startLine}`)]);
  }
  if (finding.aliases.length > 0) rows.push(['Advisories', capped(finding.aliases, 12, advisoryLink)]);
  if (finding.cwe.length > 0) rows.push(['Weakness', capped(finding.cwe, 12, (id) => markdownText(id, 40))]);
  const { owners } = finding.triage;
  rows.push(['Owners', owners.length === 0 ? 'nobody is named for this place' : capped(owners, 10, ownerMention)]);
  if (finding.triage.due !== undefined) rows.push(['Due', markdownText(finding.triage.due, 40)]);
  const seen = finding.witnesses.map(
    (witness) => `${markdownText(witness.scanner, 80)} in ${markdownCode(witness.file)}, result ${witness.index + 1}`,
  );
  if (seen.length > 0) rows.push(['Reported by', capped(seen, 8, (line) => line, '; ')]);
  return [`## Finding`, '', `${markdownText(finding.title, 300)}`, '', table(['', ''], rows)].join('\n');
}

function reasonSection(patch: Patch): string {
  const lines = ['## Why this change', '', markdownText(patch.reason, 3000)];
  const edits = patch.changes.flatMap((change) =>
    (change.edits ?? []).flatMap((edit) =>
      edit.reason === undefined ? [] : [`${markdownCode(change.path)}: ${markdownText(edit.reason, 400)}`],
    ),
  );
  const bullets = [...new Set([...edits, ...patch.notes.map((note) => markdownText(note, 400))])].slice(0, 20);
  if (bullets.length > 0) lines.push('', ...bullets.map((bullet) => `- ${bullet}`));
  const files = patch.changes.map((change) => change.path);
  lines.push(
    '',
    `Made by ${markdownCode(patch.fixer)} (${trustWords[patch.trust]}) in ${capped(files, 20, (path) => markdownCode(path))}.`,
  );
  return lines.join('\n');
}

const trustWords: Readonly<Record<Patch['trust'], string>> = {
  scanner: "the scanner's own fix",
  dependency: 'a dependency update',
  rule: 'a structural rule',
  model: 'a language model: read it with care',
  person: 'a person',
};

function evidenceSection(proof: Proof | undefined): string {
  if (!proof) return '## Evidence\n\n**Not proven yet**: no proof was run for this change.';
  const lines = ['## Evidence', '', verdict(proof), ''];
  const rows = proof.checks.map((check) => [
    markdownText(check.title, 200),
    outcomeWords[check.outcome],
    markdownText(check.detail, 500),
    check.evidence.map((each) => markdownCode(each.digest.sha256.slice(0, 12))).join(' '),
  ]);
  lines.push(table(['Check', 'Outcome', 'What was seen', 'Evidence (SHA-256)'], rows));
  const evidence = proof.checks.flatMap((check) => check.evidence);
  const facts = [
    `- Patch (unified diff): ${digest(proof.patchDigest)}`,
    `- Test: ${digest(proof.testDigest)}`,
    `- Base commit: ${markdownCode(proof.base, 64)}`,
    ...evidence.slice(0, 60).map((each: Evidence) => `- ${markdownText(each.name, 120)}: ${digest(each.digest.sha256)}`),
  ];
  lines.push('', '<details><summary>Digests</summary>', '', ...facts, '', '</details>');
  return lines.join('\n');
}

const outcomeWords: Readonly<Record<Outcome, string>> = {
  successful: '✅ successful',
  failed: '❌ failed',
  error: '⚠️ error: could not be checked',
  inconclusive: '❔ inconclusive',
  waiting: '… waiting',
  closed: '– closed',
};

function verdict(proof: Proof): string {
  const weaker = ' **Weaker proof**: the test asserts which versions are installed, not how the program behaves.';
  switch (proof.outcome) {
    case 'successful':
      return `**Proven** on the base commit in clean work trees.${proof.weaker ? weaker : ''}`;
    case 'failed':
      return '**Not proven**: at least one check was made and failed.';
    case 'error':
      return '**Could not be checked**: at least one check could not be made. This is no pass.';
    case 'inconclusive':
      return '**Inconclusive**: the checks do not decide it; a person has to. This is no pass.';
    case 'waiting':
    case 'closed':
      return '**Not proven yet**: the proof has not ended.';
  }
}

function testSection(test: RegressionTest | undefined): string {
  if (!test) return '## Regression test\n\nThere is no regression test in this change.';
  const strength = {
    behaviour: 'It attacks the code and looks at the effect.',
    version: 'It asserts which versions are installed, which is weaker than showing behaviour.',
    skeleton: '**It is a skeleton**: a person must complete the marked line before it shows anything.',
  }[test.strength];
  return [
    '## Regression test',
    '',
    `${markdownCode(test.path)} (${markdownText(test.framework, 40)}): ${markdownText(test.claim, 500)} ${strength}`,
    '',
    `Run it alone${test.folder === undefined ? '' : ` in ${markdownCode(test.folder)}`}: ${markdownCode(test.command.join(' '), 400)}`,
  ].join('\n');
}

/** No task-list boxes: on a forge anybody with write access could tick them, and these are computed. */
function checklistSection(facts: ReadinessFacts): string {
  const words = { done: '✅ done', no: '❌ no', 'not-yet': '⬜ not yet' } as const;
  const lines = readinessChecklist(facts).map(
    (item) => `- ${words[item.state]}: ${item.text}${item.detail === undefined ? '' : ` (${item.detail})`}`,
  );
  return ['## Ready to deploy', '', ...lines].join('\n');
}

function digest(sha256: string): string {
  return markdownCode(`sha256:${sha256}`, 80);
}

/** Only ids of the two well-known forms become links; the address is made here, never taken from a report. */
function advisoryLink(id: string): string {
  if (/^GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}$/i.test(id))
    return `[${id}](https://github.com/advisories/${id.replace(/^ghsa/i, 'GHSA')})`;
  if (/^CVE-\d{4}-\d{4,19}$/.test(id)) return `[${id}](https://nvd.nist.gov/vuln/detail/${id})`;
  return markdownText(id, 60);
}

function capped(items: readonly string[], most: number, render: (item: string) => string, separator = ', '): string {
  const more = items.length - most;
  return items.slice(0, most).map(render).join(separator) + (more > 0 ? ` and ${more} more` : '');
}

/** A Markdown table of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(tableCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
