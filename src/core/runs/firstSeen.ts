import type { ReadEntry } from '../model/logEntry';
import type { EvidenceStore } from '../ports';

/** Kind of the log entry that an import leaves. */
export const findingsImported = 'findings.imported';

/** Name of the evidence that holds the ids an import added and closed. */
export const importDelta = 'findings-delta.json';

export interface ImportDelta {
  readonly added: readonly string[];
  readonly closed: readonly string[];
}

/**
 * When each finding was first detected, by id: a fold over the imports in the log. A finding that was closed and came back
 * keeps its first date: the clock of the policy runs from first detection. Damaged or missing evidence only loses the dates
 * it held.
 *
 * @returns ISO 8601 instants, and the digests of evidence that could not be read
 */
export async function firstSeenOf(
  entries: readonly ReadEntry[],
  evidence: EvidenceStore,
): Promise<{ readonly firstSeen: ReadonlyMap<string, string>; readonly missing: readonly string[] }> {
  const firstSeen = new Map<string, string>();
  const missing: string[] = [];
  for (const entry of entries) {
    if (entry.kind !== findingsImported) continue;
    const digest = entry.body['delta'];
    if (typeof digest !== 'string') continue;
    const bytes = await evidence.get(digest).catch(() => undefined);
    if (bytes === undefined) {
      missing.push(digest);
      continue;
    }
    const delta = JSON.parse(new TextDecoder().decode(bytes)) as ImportDelta;
    for (const id of delta.added) if (!firstSeen.has(id)) firstSeen.set(id, entry.time);
  }
  return { firstSeen, missing };
}
