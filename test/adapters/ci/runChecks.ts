import { createLocalCi } from '../../../src/adapters/ci/local';
import { npmCommand } from '../../../src/adapters/packageManagers/npm';
import type { Change } from '../../../src/core/ports';

/** Begins the checks of a change in a process of its own, says so, and stays until it is killed (or two minutes have passed). */
interface Asked {
  readonly root: string;
  readonly dataFolder: string;
  readonly cache: string;
  readonly change: Change;
  readonly jobs: readonly { readonly name: string; readonly command: readonly string[] }[];
}

const asked = JSON.parse(process.argv[2] ?? '{}') as Asked;
const ci = createLocalCi({ ...asked, npm: () => npmCommand(''), clock: { now: () => 0 }, mayRun: () => true });
void ci.read(asked.change).then(() => console.log('begun'));
setTimeout(() => process.exit(1), 120_000);
