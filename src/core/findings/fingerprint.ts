/** What tools write instead of a fingerprint: Semgrep without a login, and unset hashes. */
const placeholder = /^(?:requires? login|unknown|none|null|0+)?$/i;

interface NamedFingerprint {
  readonly base: string;
  readonly version: number;
  readonly value: string;
}

/**
 * The usable fingerprints of a result. Names may end in `/v<n>` (SARIF 2.1.0 §3.27.16 ff.: a hierarchical string whose last
 * component is the version of the algorithm); without it the version counts as 0. Columns alone tell nothing.
 */
function usable(fingerprints: Readonly<Record<string, string>> | undefined): readonly NamedFingerprint[] {
  if (fingerprints === undefined) return [];
  const all: NamedFingerprint[] = [];
  for (const name of Object.keys(fingerprints)) {
    const value = fingerprints[name];
    if (value === undefined || placeholder.test(value) || /column/i.test(name)) continue;
    const match = /^(.+)\/v(\d{1,9})$/.exec(name);
    all.push({ base: match?.[1] ?? name, version: match === null ? 0 : Number(match[2]), value });
  }
  return all;
}

/**
 * The one fingerprint that enters the id: GitHub's `primaryLocationLineHash` when it is there, since several tools share it,
 * else the first name in order; of one name the highest version.
 */
export function preferredFingerprint(fingerprints: Readonly<Record<string, string>> | undefined): string | undefined {
  let best: NamedFingerprint | undefined;
  for (const one of usable(fingerprints)) if (best === undefined || precedes(one, best)) best = one;
  return best?.value;
}

function precedes(a: NamedFingerprint, b: NamedFingerprint): boolean {
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
