// @ts-check
// Runs the tests of the extension host in the VS Code from npm; a headless browser opens the window that starts the host.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { browserFlags, findBrowser } from '../vscode/browser.mjs';
import { copySample } from '../vscode/sample.mjs';
import { startServer, windowUrl } from '../vscode/server.mjs';

const root = path.join(import.meta.dirname, '../..');
const limitMs = 300_000;

const temporary = await mkdtemp(path.join(tmpdir(), 'patchline-host-'));
const results = process.env.PATCHLINE_TEST_RESULTS ?? path.join(temporary, 'results.json');
// What an earlier run left would be taken for this one's.
await rm(results, { force: true });
let code = 1;
let browser;
let server;
try {
  const folder = path.join(temporary, 'orders-service');
  await copySample('orders-service', folder);
  server = await startServer({
    dataDir: path.join(temporary, 'server'),
    extensionsDir: path.join(temporary, 'extensions'),
    development: true,
    env: { PATCHLINE_TEST_RESULTS: results },
  });
  browser = await chromium.launch({ executablePath: await findBrowser(console.log), args: browserFlags });
  const page = await browser.newPage();
  await page.goto(windowUrl(server, { folder, extensionPath: root, testsPath: path.join(root, 'dist/test/index') }));
  const counts = await waitForResults();
  for (const line of counts.lines) console.log(line);
  for (const failure of counts.failures) console.log(`\n${failure.title}\n${failure.message}`);
  code = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await browser?.close();
  await server?.stop();
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
}
process.exitCode = code;

/** @returns {Promise<{ passed: number, failed: number, lines: string[], failures: { title: string, message: string }[] }>} */
async function waitForResults() {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    try {
      return JSON.parse(await readFile(results, 'utf8'));
    } catch {
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  throw new Error(`The extension host gave no results within ${limitMs / 1000} s.`);
}
