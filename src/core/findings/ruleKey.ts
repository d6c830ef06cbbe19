/** Reports have few rules for very many results. */
const known = new Map<string, string>();

/**
 * A rule id without what depends on the machine or the wrapper: Semgrep prefixes the folder of a local rule file, ESLint
 * and CodeQL a plugin or language (`security/detect-child-process`, `js/sql-injection`). The last segment is taken when it
 * is a word of its own; ids such as `rule-1.2` stay whole.
 */
export function ruleKey(ruleId: string): string {
  let key = known.get(ruleId);
  if (key === undefined) {
    const last = ruleId.slice(Math.max(ruleId.lastIndexOf('.'), ruleId.lastIndexOf('/')) + 1);
    key = (last.length >= 4 && /[a-z]{3}/i.test(last) ? last : ruleId).toLowerCase();
    if (known.size < 10_000) known.set(ruleId, key);
  }
  return key;
}
