import type { DraftFinding } from '../../src/core/findings/draft';
import type { Finding } from '../../src/core/model/finding';

/** A code finding for tests; only what a case is about needs to be named. */
export function codeDraft(of: {
  readonly rule?: string;
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endColumn?: number;
  readonly snippet?: string;
  readonly scanner?: string;
  readonly file?: string;
  readonly index?: number;
  readonly more?: Partial<Finding>;
}): DraftFinding {
  const ruleId = of.rule ?? 'security/detect-child-process';
  const scanner = of.scanner ?? 'ESLint';
  return {
    kind: 'code',
    scanner,
    ruleId,
    title: 'Found child_process.exec() with non Literal first argument',
    severity: 'medium',
    locations: [
      {
        path: of.path ?? 'src/diagnostics.js',
        startLine: of.line ?? 12,
        ...(of.column === undefined ? {} : { startColumn: of.column }),
        ...(of.endColumn === undefined ? {} : { endColumn: of.endColumn }),
        ...(of.snippet === undefined ? {} : { snippet: of.snippet }),
      },
    ],
    aliases: [],
    cwe: [],
    references: [],
    suppressed: false,
    witnesses: [{ scanner, file: of.file ?? 'reports/eslint.sarif', ruleId, index: of.index ?? 0 }],
    ...of.more,
  };
}

/** A dependency finding for tests: lodash in package.json unless said otherwise. */
export function dependencyDraft(of: {
  readonly aliases?: readonly string[];
  readonly name?: string;
  readonly version?: string;
  readonly manifest?: string;
  readonly scanner?: string;
  readonly file?: string;
  readonly index?: number;
  readonly more?: Partial<Finding>;
}): DraftFinding {
  const aliases = of.aliases ?? ['GHSA-35JH-R3H4-6JHM'];
  const name = of.name ?? 'lodash';
  const version = of.version ?? '4.17.15';
  const scanner = of.scanner ?? 'npm audit';
  const ruleId = aliases[0] ?? 'rule';
  const manifest = of.manifest ?? 'package.json';
  return {
    kind: 'dependency',
    scanner,
    ruleId,
    title: 'Command Injection in lodash',
    severity: 'high',
    locations: [{ path: manifest }],
    package: { purl: `pkg:npm/${name}@${version}`, ecosystem: 'npm', name, version, manifest, fixedVersions: [] },
    aliases,
    cwe: [],
    references: [],
    suppressed: false,
    witnesses: [{ scanner, file: of.file ?? 'reports/npm-audit.json', ruleId, index: of.index ?? 0 }],
    ...of.more,
  };
}
