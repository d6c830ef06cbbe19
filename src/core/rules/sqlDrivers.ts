import { importedModule, requiredModule } from '../syntax/modules';
import type { SourceFile } from './rule';

/** How a driver takes values beside the text of a statement; from the drivers' own documentation. */
export interface SqlDriver {
  /** Its name as it is imported. */
  readonly name: string;
  /** `?` in order, or `$1`, `$2`, … */
  readonly placeholder: '?' | '$';
  /** Methods that take text and an array of values. */
  readonly direct: readonly string[];
  /** True where `prepare(text)` gives a statement whose methods take the values one by one. */
  readonly prepares: boolean;
  /** False where a bound LIMIT must be a number, which a value from outside seldom is. */
  readonly bindsLimit: boolean;
  /** Double quotes hold text (MySQL without ANSI_QUOTES), not a name. */
  readonly doubleQuotedText: boolean;
  /** The driver itself puts values in for every `?` of the text, those within quotes and comments too (sqlstring does). */
  readonly marksInText: boolean;
  /** The database runs in the process itself, so that a test has one without any server. */
  readonly embedded: boolean;
}

const mysql = {
  placeholder: '?',
  direct: ['query', 'execute'],
  prepares: false,
  bindsLimit: false,
  doubleQuotedText: true,
  marksInText: true,
  embedded: false,
} as const;
const common = { bindsLimit: true, doubleQuotedText: false, marksInText: false } as const;
const postgres = { ...common, placeholder: '$', direct: ['query'], prepares: false, embedded: false } as const;
const sqlite = { ...common, placeholder: '?', embedded: true } as const;

export const sqlDrivers: readonly SqlDriver[] = [
  { name: 'mysql', ...mysql },
  { name: 'mysql2', ...mysql },
  { name: 'mariadb', ...mysql },
  { name: 'pg', ...postgres },
  { name: 'pg-pool', ...postgres },
  { name: '@neondatabase/serverless', ...postgres },
  { name: 'sqlite3', ...sqlite, direct: ['all', 'get', 'run', 'each'], prepares: false },
  { name: 'sqlite', ...sqlite, direct: ['all', 'get', 'run', 'each'], prepares: false },
  { name: 'node-sqlite3-wasm', ...sqlite, direct: ['all', 'get', 'run'], prepares: false },
  { name: 'better-sqlite3', ...sqlite, direct: [], prepares: true },
  { name: 'node:sqlite', ...sqlite, direct: [], prepares: true },
];

/** The driver a module specifier names, subpaths included (`mysql2/promise`). */
export function driverOf(specifier: string): SqlDriver | undefined {
  return sqlDrivers.find((driver) => specifier === driver.name || specifier.startsWith(`${driver.name}/`));
}

/** Every module that the file brings in, as written. */
export function modulesOf(file: Pick<SourceFile, 'root'>): readonly string[] {
  const found = file.root
    .descendantsOfType(['import_statement', 'call_expression'])
    .map((node) => (node.type === 'import_statement' ? importedModule(node) : requiredModule(node)));
  return [...new Set(found.filter((module) => module !== undefined))];
}

/** The one driver that the file uses; else the one that the project is known to use; undefined when there is none or more. */
export function driverFor(file: SourceFile): SqlDriver | 'several' | undefined {
  for (const modules of [modulesOf(file), file.packages]) {
    const drivers = modules.map(driverOf).filter((driver) => driver !== undefined);
    // Two packages of the same family (sqlite over sqlite3, pg with pg-pool) are written to in the same way.
    const kinds = new Set(drivers.map(({ name, ...rest }) => JSON.stringify(rest)));
    if (kinds.size > 1) return 'several';
    if (drivers[0] !== undefined) return drivers[0];
  }
  return undefined;
}
