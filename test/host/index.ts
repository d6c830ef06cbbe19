import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * What both test hosts call inside the real extension host: the VS Code from npm (`node test/run.mjs --only host`) and a
 * desktop VS Code through @vscode/test-electron (`npm run test:electron`). Runs every `test/host/*.test.ts`; counts go to the
 * file that PATCHLINE_TEST_RESULTS names. A new file is found by itself.
 * @throws Error when a test failed or none was found, which makes the host end with an exit code other than 0.
 */
export async function run(): Promise<void> {
  // Its real name at run time: mocha is not bundled, the reporter needs the same copy.
  const { default: Mocha } = await import('mocha');
  const root = path.join(__dirname, '../..');
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    forbidOnly: true,
    reporter: path.join(root, 'test/support/countReporter.cjs'),
  });
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.js'));
  if (files.length === 0) throw new Error(`No tests for the extension host in ${__dirname}: build them with --tests.`);
  for (const file of files.sort()) mocha.addFile(path.join(__dirname, file));
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} tests failed in the extension host.`);
}
