import type { CiReport } from '../model/ci';
import { countOf } from '../words';
import { passing } from './judgeChecks';

/** How many checks passed where they passed as a whole; one that need not pass may have failed all the same, and is not counted. */
export function passedWords({ checks }: Pick<CiReport, 'checks'>): string {
  const passed = checks.filter(({ state }) => passing.has(state)).length;
  if (passed === checks.length) return `${countOf(passed, 'check')} passed`;
  return `${passed} of ${countOf(checks.length, 'check')} passed, the others are not required`;
}
