const prefix = /CVE-|GHSA-/i;
const advisoryId = /\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b/gi;

/** An id as its database writes it: `CVE-2020-7598` in upper case, `GHSA-vh95-rmgr-6w4m` but for its prefix in lower case. */
export function publishedAdvisoryId(id: string): string {
  return /^ghsa-/i.test(id) ? `GHSA-${id.slice(5).toLowerCase()}` : id.toUpperCase();
}

/** The CVE and GHSA ids that stand in the texts, as they are published, sorted, each once. */
export function advisoryIds(...texts: readonly unknown[]): string[] {
  const ids = new Set<string>();
  for (const text of texts) {
    // Asked of every rule of a report; going through all matches makes a new expression each time.
    if (typeof text !== 'string' || !prefix.test(text)) continue;
    for (const [id] of text.slice(0, 100_000).matchAll(advisoryId)) ids.add(publishedAdvisoryId(id));
  }
  return [...ids].sort();
}

/**
 * CWE ids in `CWE-78` form, sorted by number, from whatever tools write: null, a number, `CWE-78`, `CWE-78: OS Command …`,
 * several in one text, or a list of these.
 */
export function cweIds(value: unknown): string[] {
  const numbers = new Set<number>();
  for (const one of Array.isArray(value) ? value.slice(0, 100) : [value]) {
    if (typeof one === 'number' && Number.isInteger(one) && one > 0 && one < 100_000) numbers.add(one);
    if (typeof one !== 'string') continue;
    const text = one.slice(0, 1000);
    if (/^\d{1,5}$/.test(text)) numbers.add(Number(text));
    for (const [, digits] of text.matchAll(/\bCWE-?0*(\d{1,5})\b/gi)) numbers.add(Number(digits));
  }
  return [...numbers].sort((a, b) => a - b).map((number) => `CWE-${String(number)}`);
}
