import type { Finding } from './finding';

/** Bands of a priority, most urgent first. */
export type PriorityBand = 'now' | 'next' | 'scheduled' | 'backlog';

/** One line of the explanation: `+40 severity critical`; the points of all lines add up to the priority. */
export interface Reason {
  readonly points: number;
  readonly text: string;
}

export interface Triage {
  /** 0 … 100, higher is more urgent. */
  readonly priority: number;
  readonly band: PriorityBand;
  readonly reasons: readonly Reason[];
  /** CODEOWNERS entries (`@org/team`, `person@example.org`); empty when nobody owns the place. */
  readonly owners: readonly string[];
  /** ISO 8601 instant by which the policy wants it fixed; absent where the policy sets no limit. */
  readonly due?: string;
  /** ISO 8601 instant of first detection, from which `due` is counted. */
  readonly detectedAt: string;
}

export interface TriagedFinding extends Finding {
  readonly triage: Triage;
}
