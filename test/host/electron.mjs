// @ts-check
// `npm run test:electron`: the same tests in a desktop VS Code, through @vscode/test-electron. VSCODE_EXECUTABLE names one;
// else it is downloaded.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { quietSettings } from '../vscode/server.mjs';
import { run } from '../vscode/processes.mjs';
import { copySample } from '../vscode/sample.mjs';

const root = path.join(import.meta.dirname, '../..');

async function findVscode() {
  const named = process.env.VSCODE_EXECUTABLE;
  if (named !== undefined && named !== '') return named;
  try {
    return await downloadAndUnzipVSCode({
      version: 'stable',
      cachePath: path.join(root, '.vscode-test'),
      reporter: new SilentReporter(),
    });
  } catch (error) {
    throw new Error(
      `VS Code could not be downloaded (${error instanceof Error ? error.message : String(error)}): name an installed one with VSCODE_EXECUTABLE, or run the same tests in the VS Code from npm with \`npm test -- --only host\`.`,
      { cause: error },
    );
  }
}

const temporary = await mkdtemp(path.join(tmpdir(), 'patchline-electron-'));
try {
  for (const args of [[], ['--tests']]) {
    const built = await run(process.execPath, ['esbuild.config.mjs', ...args], { cwd: root });
    if (built.code !== 0) throw new Error(`The build failed:\n${built.output}`);
  }
  const vscodeExecutablePath = await findVscode();
  const folder = path.join(temporary, 'orders-service');
  await copySample('orders-service', folder);
  const results = path.join(temporary, 'results.json');
  const data = path.join(temporary, 'data');
  await mkdir(path.join(data, 'User'), { recursive: true });
  await writeFile(path.join(data, 'User/settings.json'), JSON.stringify(quietSettings));
  const code = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'dist/test/index'),
    extensionTestsEnv: { PATCHLINE_TEST_RESULTS: results },
    launchArgs: [
      folder,
      `--user-data-dir=${data}`,
      `--extensions-dir=${path.join(temporary, 'extensions')}`,
      '--disable-workspace-trust',
    ],
  });
  // A program that ends well without having run a test is no VS Code.
  const counts = await readFile(results, 'utf8').then(JSON.parse, () => undefined);
  if (counts === undefined) throw new Error(`${vscodeExecutablePath} ended with exit code ${code} and ran no tests.`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = code === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
}
