import type { Finding } from '../model/finding';

/** The kinds of weakness that a regression test can be planned for. */
export type Weakness = 'command-injection' | 'path-traversal' | 'sql-injection' | 'vulnerable-dependency';

/** A weakness of code, which has a place in it. */
export type CodeWeakness = Exclude<Weakness, 'vulnerable-dependency'>;

const byCwe: Readonly<Record<string, Weakness>> = {
  // MITRE's CWE: 77 and 78 command injection, 88 argument injection.
  'CWE-77': 'command-injection',
  'CWE-78': 'command-injection',
  'CWE-88': 'command-injection',
  // 22 path traversal with its children 23 (relative) and 36 (absolute); 73 external control of a file name.
  'CWE-22': 'path-traversal',
  'CWE-23': 'path-traversal',
  'CWE-36': 'path-traversal',
  'CWE-73': 'path-traversal',
  // 89 SQL injection, 564 its Hibernate form, 943 its parent for query languages.
  'CWE-89': 'sql-injection',
  'CWE-564': 'sql-injection',
  'CWE-943': 'sql-injection',
};

/** Rule ids of the scanners that give no CWE: eslint-plugin-security, eslint-plugin-sql, eslint-plugin-sql-template, Semgrep, CodeQL, SonarJS. */
const byRule: readonly { readonly pattern: RegExp; readonly weakness: Weakness }[] = [
  {
    pattern: /child[-_]?process|command[-_]?(?:line[-_]?)?injection|os[-_]command|shell[-_]?injection/i,
    weakness: 'command-injection',
  },
  {
    pattern: /non-literal-fs-filename|path[-_]?traversal|path-join-resolve|path-injection|directory[-_]traversal/i,
    weakness: 'path-traversal',
  },
  { pattern: /sql[-_]?i(?:njection)?\b|no-unsafe-query|sql-quer|tainted-sql|sql-injection/i, weakness: 'sql-injection' },
];

/** What kind of weakness a finding reports, by its CWE first and its rule id where that is silent. */
export function weaknessOf(finding: Finding): Weakness | undefined {
  if (finding.package !== undefined) return 'vulnerable-dependency';
  for (const cwe of finding.cwe) {
    const weakness = Object.hasOwn(byCwe, cwe) ? byCwe[cwe] : undefined;
    if (weakness !== undefined) return weakness;
  }
  return byRule.find(({ pattern }) => pattern.test(finding.ruleId))?.weakness;
}
