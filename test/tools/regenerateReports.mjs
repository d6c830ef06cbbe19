// Writes the reports of the sample project again, with the real tools: node test/tools/regenerateReports.mjs
// ESLint runs over a copy of the sample in a temporary folder; npm's audit asks a loopback endpoint (see auditEndpoint.mjs).
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startAuditEndpoint } from './auditEndpoint.mjs';

const sample = fileURLToPath(new URL('../workspaces/orders-service/', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a program and gives what it wrote; `expected` are the exit codes that do not count as failure. */
function run(command, args, cwd, expected = [0]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (expected.includes(code)) resolve(stdout);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`));
    });
  });
}

/** Turns the absolute file URIs of this machine into URIs relative to the project's root (SARIF 2.1.0 §3.4.4). */
function makeRelative(sarif, rootUri) {
  const visit = (value) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value !== null && typeof value === 'object') {
      if (typeof value.uri === 'string' && value.uri.startsWith(rootUri)) {
        value.uri = value.uri.slice(rootUri.length);
        value.uriBaseId = 'SRCROOT';
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(sarif);
  for (const one of sarif.runs) one.originalUriBaseIds = { SRCROOT: { description: { text: "The project's root folder." } } };
}

const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'orders-service-')));
try {
  const copy = path.join(folder, 'orders-service');
  await cp(sample, copy, { recursive: true, filter: (source) => !source.split(path.sep).includes('node_modules') });
  console.log('installing the sample');
  await run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], copy);

  console.log('ESLint');
  const sarif = JSON.parse(
    // 1: ESLint found something, as it should.
    await run(
      process.execPath,
      ['node_modules/eslint/bin/eslint.js', '--format', '@microsoft/eslint-formatter-sarif', '.'],
      copy,
      [1],
    ),
  );
  makeRelative(sarif, `${pathToFileURL(copy).href}/`);
  const report = `${JSON.stringify(sarif, null, 2)}\n`;
  if (report.includes(folder)) throw new Error('the SARIF report still names a folder of this machine');
  await writeFile(path.join(sample, 'reports/eslint.sarif'), report);

  console.log('npm audit');
  const registry = (await run(npm, ['config', 'get', 'registry'], copy)).trim();
  const endpoint = await startAuditEndpoint(registry);
  try {
    const audit = await run(npm, ['audit', '--json', '--omit=dev', `--registry=${endpoint.url}`], copy, [1]);
    const parsed = JSON.parse(audit);
    if (parsed.auditReportVersion !== 2) throw new Error(`npm's audit gave no report: ${audit}`);
    await writeFile(path.join(sample, 'reports/npm-audit.json'), `${JSON.stringify(parsed, null, 2)}\n`);
  } finally {
    await endpoint.stop();
  }
  const lock = await readFile(path.join(sample, 'package-lock.json'), 'utf8');
  if (lock.includes('"resolved"')) throw new Error('the lock file of the sample names registry hosts');
  console.log('written: reports/eslint.sarif, reports/npm-audit.json');
} finally {
  await rm(folder, { recursive: true, force: true });
}
