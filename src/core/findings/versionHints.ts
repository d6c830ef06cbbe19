/** Versions at which a text of comparators may be a hint for a fix, each with the operator that introduces it. */
function boundsOf(range: string, operator: '<' | '>='): string[] {
  const found = range.slice(0, 2000).matchAll(/(^|[\s,|])(<=|>=|<|>|=)\s*v?(\d[\w.+-]*)/g);
  return [...found].flatMap(([, , sign, version]) => (sign === operator && version !== undefined ? [version] : []));
}

/** First fixed versions that a vulnerable range implies: the exclusive upper bounds (`>=4.0.0 <4.3.1` → 4.3.1). Only a hint. */
export function fixedFromVulnerable(range: string): string[] {
  return [...new Set(boundsOf(range, '<'))];
}

/** First fixed versions of a patched range: the lower bounds (`>=2.6.9 <3.0.0 || >=3.1.0` → 2.6.9, 3.1.0); npm writes `<0.0.0` for none. */
export function fixedFromPatched(range: string): string[] {
  return [...new Set(boundsOf(range, '>='))];
}
