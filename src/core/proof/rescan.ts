import type { Finding } from '../model/finding';
import type { Verdict } from './checkClean';

/** What one scan of one side found. */
export interface Scan {
  readonly findings: readonly Finding[];
  /** Name and version of the tool, as its report says. */
  readonly tool: string;
}

/** What a second look by the finding's own scanner says. */
export interface RescanResult extends Verdict {
  /** The scanner still reports as many places of this rule in this file as before, and nothing that it did not report before. */
  readonly onlyStillReported: boolean;
}

/**
 * Compares scans of both sides by rule and file, counting places: a fix shifts lines, so places are not compared by line. Gone is
 * the finding when its rule reports fewer places in its file; new is what a rule reports more of than before.
 */
export function compareScans(finding: Finding, ruleId: string, base: Scan, patched: Scan): RescanResult {
  if (base.tool !== patched.tool) {
    return {
      outcome: 'error',
      onlyStillReported: false,
      detail: `The scanner is ${base.tool} without the fix and ${patched.tool} with it: they cannot be compared.`,
    };
  }
  const before = countByPlace(base.findings);
  const after = countByPlace(patched.findings);
  const fresh = [...after].flatMap(([key, count]) => (count > (before.get(key) ?? 0) ? [key.replace('\n', ' in ')] : []));
  const own = `${ruleId}\n${finding.locations[0]?.path ?? finding.package?.name ?? ''}`;
  const was = before.get(own) ?? 0;
  const is = after.get(own) ?? 0;
  if (fresh.length > 0) {
    return {
      outcome: 'failed',
      onlyStillReported: false,
      detail: `${patched.tool} reports something new with the fix: ${fresh.slice(0, 5).join('; ')}.`,
    };
  }
  if (was === 0) {
    return {
      outcome: 'inconclusive',
      onlyStillReported: false,
      detail: `${base.tool} does not report the finding without the fix either: its absence shows nothing.`,
    };
  }
  if (is < was)
    return {
      outcome: 'successful',
      onlyStillReported: false,
      detail: `${patched.tool} no longer reports the finding, and nothing new.`,
    };
  return { outcome: 'failed', onlyStillReported: true, detail: `${patched.tool} still reports ${ruleId} at this place.` };
}

function countByPlace(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    const key = `${finding.ruleId}\n${finding.locations[0]?.path ?? finding.package?.name ?? ''}`;
    // One finding may stand for several results that were merged.
    counts.set(key, (counts.get(key) ?? 0) + Math.max(1, finding.witnesses.length));
  }
  return counts;
}

/** What our own structural rule says of the place; undefined where no rule knows it. */
export type RuleAnswer = 'gone' | 'there' | undefined;

/**
 * The verdict over both looks. Some scanner rules flag a kind of call whatever is done about it (a file name that is not a
 * literal); when the scanner alone still reports the place, while our rule and the behaviour test say that it is cured, a person
 * decides.
 */
export function judgeGone(rule: RuleAnswer, rescan: RescanResult | undefined, cured: boolean): Verdict {
  if (rescan === undefined) {
    if (rule === 'gone')
      return {
        outcome: 'successful',
        detail:
          'Our own structural rule no longer finds the fault (the scanner was not run again: the policy names no “rescan” for it).',
      };
    if (rule === 'there') return { outcome: 'failed', detail: 'Our own structural rule still finds the fault.' };
    return {
      outcome: 'inconclusive',
      detail:
        'Nothing could look again: the policy names no “rescan” for this scanner, and no structural rule knows the weakness.',
    };
  }
  if (rule === 'there') return { outcome: 'failed', detail: `Our own structural rule still finds the fault. ${rescan.detail}` };
  if (rescan.onlyStillReported && rule === 'gone' && cured) {
    return {
      outcome: 'inconclusive',
      detail: `${rescan.detail} Our own structural rule no longer finds the fault and the regression test passes: this scanner rule flags such calls whatever is done about them. A person decides, and may suppress the finding with that reason.`,
    };
  }
  return rule === 'gone'
    ? { ...rescan, detail: `${rescan.detail} Our own structural rule no longer finds the fault either.` }
    : rescan;
}
