// @ts-check
// Runs one bench in this process and prints its rows as one line of JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { register } from 'tsx/cjs/api';

register();
// What a bench waits for may be a timer that keeps no process alive.
setInterval(() => undefined, 60_000);
const file = process.argv[2] ?? '';
const bench = file.endsWith('.ts') ? createRequire(import.meta.url)(file) : await import(pathToFileURL(file).href);
console.log(`ROWS ${JSON.stringify(await bench.rows())}`);
process.exit(0);
