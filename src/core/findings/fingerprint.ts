/** What tools write instead of a fingerprint: Semgrep without a login, and unset hashes. */
const placeholder = /^(?:requires? login|unknown|none|null|0+)?$/i;

interface FingerprintName {
  readonly base: string;
  readonly version: number;
  /** Columns alone tell nothing. */
  readonly telling: boolean;
}

interface NamedFingerprint extends FingerprintName {
  readonly value: string;
}

/** Tools use few names for very many results. */
const names = new Map<string, FingerprintName>();

function parseName(name: string): FingerprintName {
  let parsed = names.get(name);
  if (parsed === undefined) {
    const match = /^(.+)\/v(\d{1,9})$/.exec(name);
    parsed = { base: match?.[1] ?? name, version: match === null ? 0 : Number(match[2]), telling: !/column/i.test(name) };
    if (names.size < 1000) names.set(name, parsed);
  }
  return parsed;
}

/** True for what stands where a tool has no fingerprint to give. */
export function isPlaceholder(value: string): boolean {
  return (value.length < 16 || value.startsWith('0000')) && placeholder.test(value);
}

/**
 * The usable fingerprints of a result. Names may end in `/v<n>` (SARIF 2.1.0 §3.27.16 ff.: a hierarchical string whose last
 * component is the version of the algorithm); without it the version counts as 0.
 */
function usable(fingerprints: Readonly<Record<string, string>> | undefined): readonly NamedFingerprint[] {
  if (fingerprints === undefined) return [];
  return Object.entries(fingerprints).flatMap(([name, value]) => {
    const parsed = parseName(name);
    return parsed.telling && !isPlaceholder(value) ? [{ ...parsed, value }] : [];
  });
}

/**
 * The one fingerprint that enters the id: GitHub's `primaryLocationLineHash` when it is there, since several tools share it,
 * else the first name in order; of one name the highest version.
 */
export function preferredFingerprint(fingerprints: Readonly<Record<string, string>> | undefined): string | undefined {
  if (fingerprints === undefined) return undefined;
  let best: FingerprintName | undefined;
  let chosen: string | undefined;
  // Called for every result of a report, so without lists in between.
  for (const name in fingerprints) {
    const value = fingerprints[name];
    const parsed = parseName(name);
    if (value === undefined || !parsed.telling || (best !== undefined && !precedes(parsed, best)) || isPlaceholder(value))
      continue;
    best = parsed;
    chosen = value;
  }
  return chosen;
}

function precedes(a: FingerprintName, b: FingerprintName): boolean {
  if (a.base !== b.base) {
    if (a.base === 'primaryLocationLineHash') return true;
    if (b.base === 'primaryLocationLineHash') return false;
    return a.base < b.base;
  }
  return a.version > b.version;
}

/** The values of all usable fingerprints: an older version of a tool may have given only some of them. */
export function usableFingerprints(fingerprints: Readonly<Record<string, string>> | undefined): readonly string[] {
  return usable(fingerprints).map((one) => one.value);
}
