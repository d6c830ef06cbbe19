import type { CvssScore, Severity } from '../model/finding';
import { scoreVector } from '../cvss/scoreVector';
import type { JsonObject } from './json';

export type Level = 'error' | 'warning' | 'note' | 'none';

const levels: Readonly<Record<string, Level>> = { error: 'error', warning: 'warning', note: 'note', none: 'none' };
const severityOfLevel: Readonly<Record<Level, Severity>> = { error: 'high', warning: 'medium', note: 'low', none: 'info' };

/** One of the four levels of SARIF 2.1.0 §3.27.10; undefined for anything else. */
export function asLevel(value: unknown): Level | undefined {
  return typeof value === 'string' && Object.hasOwn(levels, value) ? levels[value] : undefined;
}

/** The severity that stands for a level where the report carries no score. */
export function levelSeverity(level: Level): Severity {
  return severityOfLevel[level];
}

/**
 * Severity by the property `security-severity` (a number, usually written as a string) in the bands that GitHub code scanning
 * documents: from 9.0 critical, 7.0 high, 4.0 medium, above 0 low. Zero and what is no score from 0 to 10 says nothing.
 */
export function securitySeverity(properties: JsonObject | undefined): Severity | undefined {
  const raw = properties?.['security-severity'];
  if ((typeof raw !== 'string' || raw.trim() === '') && typeof raw !== 'number') return undefined;
  const score = Number(raw);
  if (!(score > 0 && score <= 10)) return undefined;
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low';
}

const v2 = /^\(?AV:[LAN]\/AC:[LMH]\/Au:[MSN]\/C:[NPC]\/I:[NPC]\/A:[NPC]/;
const order: readonly CvssScore['version'][] = ['4.0', '3.1', '3.0', '2.0'];

/**
 * The CVSS vector among the properties whose names speak of CVSS (`cvss`, `cvssV3_vector`, `cvssv3_vectorString`, nested one
 * level), newest version first, with its base score computed from the vector. Undefined where none is valid.
 */
export function cvssOf(properties: JsonObject | undefined): CvssScore | undefined {
  if (properties === undefined) return undefined;
  let best: CvssScore | undefined;
  for (const text of vectorTexts(properties)) {
    const scored = scoreVector(text);
    if ('error' in scored) continue;
    const found: CvssScore = { vector: scored.vector, version: scored.version, score: scored.score };
    if (best === undefined || order.indexOf(found.version) < order.indexOf(best.version)) best = found;
  }
  return best;
}

/** Property names that may hold a CVSS vector. */
export function isCvssProperty(name: string): boolean {
  return /cvss|vector/i.test(name);
}

function vectorTexts(properties: JsonObject): readonly string[] {
  const texts: string[] = [];
  const take = (value: unknown): void => {
    if (typeof value === 'string' && value.length < 500 && (value.startsWith('CVSS:') || v2.test(value))) texts.push(value);
  };
  for (const [name, value] of Object.entries(properties)) {
    if (!isCvssProperty(name)) continue;
    take(value);
    if (typeof value === 'object' && value !== null) Object.values(value).slice(0, 50).forEach(take);
  }
  return texts.slice(0, 20);
}
