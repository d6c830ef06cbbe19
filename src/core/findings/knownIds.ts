import type { Sha256 } from '../log/digest';
import type { Finding } from '../model/finding';
import { plainFinding } from './findingHandle';
import { alternativeIds } from './identity';
import { eachStep } from '../steps';
import type { Steps } from '../steps';

/**
 * Lets findings keep the id under which people and the run log know them. The id that follows from a report changes when
 * another scanner's report is merged into the finding, when an advisory gets another alias, and when a tool begins to write
 * a newer fingerprint; what was decided, proven and dated under the old id must not be lost by that.
 *
 * @param seen - what sorts before everything else is oldest: the instant at which an id was first seen; undefined when never
 * @param sha256 - the host's own, where there is one
 * @returns the findings in the same order, with unique ids
 */
export function* keepKnownIds(
  findings: readonly Finding[],
  seen: (id: string) => string | undefined,
  sha256?: Sha256,
): Steps<readonly Finding[]> {
  const taken = new Set<string>();
  yield* eachStep(findings, (finding) => taken.add(finding.id));
  const keep = (finding: Finding): Finding => {
    const candidates = [finding.id, ...(finding.formerIds ?? [])];
    if (candidates.length === 1 && seen(finding.id) !== undefined) return finding;
    if (seen(finding.id) === undefined) candidates.push(...alternativeIds(finding, sha256));
    const [oldest] = candidates
      .flatMap((id) => (seen(id) === undefined || (id !== finding.id && taken.has(id)) ? [] : [{ id, since: seen(id) ?? '' }]))
      .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.id < b.id ? -1 : 1));
    if (oldest === undefined || oldest.id === finding.id) return finding;
    taken.add(oldest.id);
    const formerIds = [...new Set([finding.id, ...(finding.formerIds ?? [])])].filter((id) => id !== oldest.id).sort();
    return { ...plainFinding(finding), id: oldest.id, formerIds };
  };
  const kept: Finding[] = [];
  yield* eachStep(findings, (finding) => kept.push(keep(finding)));
  return kept;
}
