import { readFileSync, statSync } from 'node:fs';
import { readInWorker } from '../../src/adapters/ingest/ingestClient';

// One measurement in a process of its own: `import` (by the worker thread, findings with ids in this one) or `parse`.

async function measure(way: string, file: string): Promise<number> {
  if (way === 'parse')
    return (JSON.parse(readFileSync(file, 'utf8')) as { runs: { results: unknown[] }[] }).runs[0]?.results.length ?? 0;
  const report = await readInWorker('sarif', { name: 'bench.sarif', fsPath: file, size: statSync(file).size }, '/repo');
  let identified = 0;
  // Counted only when they are there to be worked with: each by its id.
  for (const { id } of report.findings) if (id.startsWith('pl-')) identified++;
  return identified;
}

async function main(): Promise<void> {
  const [way = '', file = ''] = process.argv.slice(2);
  const idleRss = process.memoryUsage.rss();
  let longest = 0;
  let last = performance.now();
  // How long this thread, which stands for the extension host, was ever kept from its other work.
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 1);
    last = performance.now();
  }, 1);
  const start = performance.now();
  const startCpu = process.cpuUsage();
  let results = 0;
  let error: string | undefined;
  try {
    results = await measure(way, file);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(startCpu);
  clearInterval(timer);
  console.log(
    JSON.stringify({
      wall,
      cpu: (user + system) / 1000,
      rss: process.resourceUsage().maxRSS * 1024,
      idleRss,
      longest,
      results,
      error,
    }),
  );
}

void main();
