import type { Finding } from '../model/finding';
import type { ReadReport } from '../ports';

/**
 * Findings of an earlier report that a newer one under the same name says nothing of, so that they stay open. A report
 * closes only what it looked for: by the same tool, in a scan that succeeded, in files that it lists as scanned where it
 * lists them.
 */
export function stillOpen(known: ReadReport, newer: ReadReport): readonly Finding[] {
  if (known.format !== newer.format || known.scanner !== newer.scanner || !newer.complete) return known.findings;
  if (newer.scope === undefined) return [];
  const scanned = new Set(newer.scope);
  return known.findings.filter((finding) => !placesOf(finding).some((path) => scanned.has(path)));
}

/** Where the finding would show again: its file, and the manifest or lock file of a dependency. */
function placesOf(finding: Finding): readonly string[] {
  return [finding.locations[0]?.path, finding.package?.manifest].filter((path) => path !== undefined);
}
