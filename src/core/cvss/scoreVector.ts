import { CVSS20, CVSS30, CVSS31 } from '@pandatix/js-cvss';
import type { CvssScore, Severity } from '../model/finding';
import type * as cvss4Calculator from './cvss4Calculator';
import { normaliseVector } from './normaliseVector';

/** A legal vector with its score, or why it is none. */
export type VectorScore =
  | (CvssScore & { readonly severity: Severity | 'none' })
  | { readonly vector: string; readonly error: string };

/**
 * Scores a CVSS vector of version 2.0, 3.0, 3.1 or 4.0 (FIRST's specifications of each).
 *
 * For 2.0 and 3.x it is the base score: temporal and environmental metrics may stand in the vector and are checked, but do
 * not count. 4.0 knows one score over whatever metrics are present (CVSS-B, -BT, -BE, -BTE), so that is what it gives.
 * The version comes from the prefix; a vector without one is read as 2.0, as that version writes it.
 */
export function scoreVector(raw: string): VectorScore {
  const normal = normaliseVector(raw);
  if ('error' in normal) return { vector: raw, error: normal.error };
  const { version, base, full } = normal;
  try {
    const score = scoreOf(version, base, full);
    return { vector: raw.trim(), version, score, severity: severityOfScore(score, version) };
  } catch (error) {
    return { vector: raw, error: error instanceof Error ? error.message : String(error) };
  }
}

function scoreOf(version: CvssScore['version'], base: string, full: string): number {
  switch (version) {
    case '2.0':
      return new CVSS20(base).BaseScore();
    case '3.0':
      return new CVSS30(base).BaseScore();
    case '3.1':
      return new CVSS31(base).BaseScore();
    case '4.0':
      // The other library's 4.0 rounds 5.65 down (a binary fraction just below it); this one rounds as the specification says.
      return new (calculator4().Cvss4P0)(full).calculateScores().overall;
  }
}

/** Loaded on first use: it is half of what the thread that reads a report would load, and few reports carry such a vector. */
function calculator4(): typeof cvss4Calculator {
  // oxlint-disable-next-line typescript/no-require-imports -- only a call can be put off without making every caller wait
  return require('./cvss4Calculator') as typeof cvss4Calculator;
}

/**
 * The qualitative rating of a score: 3.x and 4.0 by their own scale (3.1 §5, 4.0 §6). 2.0 has none of its own; the bands
 * that NVD used for it (low below 4, medium below 7, high above) are taken.
 */
export function severityOfScore(score: number, version: CvssScore['version']): Severity | 'none' {
  if (version === '2.0') return score < 4 ? 'low' : score < 7 ? 'medium' : 'high';
  if (score === 0) return 'none';
  return score < 4 ? 'low' : score < 7 ? 'medium' : score < 9 ? 'high' : 'critical';
}
