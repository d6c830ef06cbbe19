import type { TestPlan } from '../ports';

/** What a test needs in order to have a driver's own classes record statements: its imports, and `statementsOf(call)`. */
export interface RecordingDriver {
  readonly imports: TestPlan['imports'];
  readonly support: string;
}

interface Classes {
  /** JavaScript of the list of classes whose methods are replaced; `load` is `require` of the project. */
  readonly list: string;
  /** Methods that take the text of a statement, and those that give a connection. */
  readonly asks: readonly string[];
  readonly connects: readonly string[];
  /** What a callback gets beside the error, and what a promise gives, when no row was found. */
  readonly answers: string;
  readonly result: string;
}

const pg = {
  asks: ['query'],
  connects: ['connect'],
  answers: '{ rows: [], rowCount: 0, fields: [] }',
  result: 'Promise.resolve({ rows: [], rowCount: 0, fields: [] })',
};
/** The promises of mysql2 go through its classes with callbacks. */
const mysql = { asks: ['query', 'execute'], connects: ['getConnection', 'connect'], answers: '[], []', result: 'database' };

/** Where the methods lie, as read in the packages (pg 8.23, pg-pool 3, mysql2 3.24, mysql 2.18). */
const classes: Readonly<Record<string, Classes>> = {
  pg: { list: "[load('pg').Pool, load('pg').Client]", ...pg },
  'pg-pool': { list: "[load('pg-pool')]", ...pg },
  mysql2: { list: "[load('mysql2').Pool, load('mysql2').PoolConnection, load('mysql2').Connection]", ...mysql },
  mysql: { list: "[load('mysql/lib/Pool'), load('mysql/lib/Connection')]", ...mysql },
};

/**
 * How a test stands in for a database server: while a call runs, the methods of the driver's classes write down the text of each
 * statement and answer without a row. Undefined for a driver whose classes cannot be had.
 *
 * @param driver its package's name
 * @param t gives a type where declarations carry types, else nothing
 */
export function recordingDriver(driver: string, t: (type: string) => string): RecordingDriver | undefined {
  const known = Object.hasOwn(classes, driver) ? classes[driver] : undefined;
  if (known === undefined) return undefined;
  const instead = [...known.asks.map((name) => `${name}: ask`), ...known.connects.map((name) => `${name}: connect`)].join(', ');
  return {
    imports: [
      { names: '{ createRequire }', from: 'node:module' },
      { names: 'path', from: 'node:path' },
    ],
    support: `/** Calls the code while ${driver} records the text of every statement in place of sending it, and finds no row. */
async function statementsOf(call${t(': () => unknown')}) {
  const load = createRequire(path.resolve('package.json'));
  const statements${t(': string[]')} = [];
  const ask = (...args${t(': any[]')})${t(': any')} => {
    const statement = typeof args[0] === 'string' ? args[0] : (args[0]?.sql ?? args[0]?.text);
    if (typeof statement === 'string') statements.push(statement);
    const done = args.at(-1);
    if (typeof done === 'function') done(null, ${known.answers});
    return ${known.result};
  };
  const connect = (...args${t(': any[]')})${t(': any')} => {
    const done = args.at(-1);
    if (typeof done === 'function') done(null, database, () => undefined);
    return Promise.resolve(database);
  };
  const instead${t(': Record<string, any>')} = { ${instead} };
  // A connection. What else it can do, such as begin a transaction, is over at once; what it would tell never happens.
  const other = (name${t(': string')}) => (...args${t(': any[]')}) => {
    if (!/^(?:on|once|addListener)$/.test(name)) args.at(-1)?.call?.(undefined, null);
  };
  const database${t(': any')} = new Proxy({}, {
    get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : (instead[name] ?? other(name))),
  });
  const kept = ${known.list}.flatMap(({ prototype }) =>
    Object.keys(instead).map((name) => ({ prototype, name, own: Object.getOwnPropertyDescriptor(prototype, name) })),
  );
  try {
    for (const { prototype, name } of kept) prototype[name] = instead[name];
    await call();
  } catch (error) {
    // What the code makes of an empty answer is another matter.
    if (statements.length === 0) throw error;
  } finally {
    for (const { prototype, name, own } of kept) {
      if (own === undefined) delete prototype[name];
      else Object.defineProperty(prototype, name, own);
    }
  }
  return statements;
}`,
  };
}
