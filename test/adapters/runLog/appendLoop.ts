// Started by fileRunLog.test.ts as a process of its own: appends entries and says which were acknowledged.
import { openFileRunLog } from '../../../src/adapters/runLog/fileRunLog';

const [folder = '', name = '', count = '0'] = process.argv.slice(2);

void (async () => {
  const log = openFileRunLog({ folder, clock: { now: () => Date.now() } });
  for (let i = 1; i <= Number(count); i++) {
    const entry = await log.append({
      kind: 'test',
      body: { name, i },
      actor: { kind: 'system', identity: name, source: 'test' },
    });
    process.stdout.write(`${entry.n}\n`);
  }
  log.dispose();
})();
