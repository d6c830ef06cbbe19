import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { browserFlags, findBrowser } from '../vscode/browser.mjs';
import { descendants, isAlive } from '../vscode/processes.mjs';
import { checkNodeVersion } from './nodeVersion.mjs';
import { explainNpm } from './prepare.mjs';

const root = path.join(import.meta.dirname, '../..');

/** As in the terminal of a remote window: the `code` there is no desktop program. */
const noDesktop = { PATCHLINE_VSCODE: '', VSCODE_IPC_HOOK_CLI: 'none' };

interface Started {
  readonly child: ChildProcess;
  /** All it printed so far. */
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

function startTryout(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, ['test/tryout/start.mjs', '--no-browser', ...args], {
    cwd: root,
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ...env },
  });
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (output += String(data)));
  return { child, output: () => output, exited: new Promise((resolve) => child.once('exit', resolve)) };
}

async function waitForText({ child, output }: Started, text: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!output().includes(text)) {
    assert.ok(child.exitCode === null && Date.now() < deadline, `"${text}" did not come:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Interrupts it as Ctrl-C does, and looks that nothing of it is left. */
async function stopTryout(started: Started): Promise<void> {
  const pid = started.child.pid ?? 0;
  const below = descendants(pid);
  assert.ok(below.length > 0, 'no child processes were seen, so this would prove nothing');
  started.child.kill('SIGINT');
  assert.equal(await started.exited, 0, started.output());
  assert.deepEqual(below.filter(isAlive), []);
}

const status = (): string => execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });

describe('npm start', function () {
  this.timeout(240_000);
  let temporary: string;

  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'patchline-start-'));
  });
  after(async () => {
    await rm(temporary, { recursive: true, force: true });
  });

  it('serves the sample project with the extension loaded, and leaves nothing behind on Ctrl-C', async function () {
    if (process.platform === 'win32') this.skip();
    const before = status();
    const started = startTryout([], noDesktop);
    await waitForText(started, 'Stop with Ctrl-C.');
    for (const step of [1, 2, 3, 4, 5, 6])
      assert.match(started.output(), new RegExp(`\\[${step}/6\\] .*\\(\\d+\\.\\d s\\)|\\[6/6\\]`));
    const url = /http:\/\/127\.0\.0\.1:\S+/.exec(started.output())?.[0] ?? '';
    const browser = await chromium.launch({ executablePath: await findBrowser(), args: browserFlags });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(url);
      await page.locator('.activitybar a.action-label[aria-label^="Patchline"]').first().click();
      const findings = page.locator('.pane', { has: page.locator('.pane-header[aria-label^="Findings"]') });
      await findings.locator('.monaco-list-row').first().waitFor({ timeout: 60_000 });
      await page.screenshot({ path: path.join(root, 'out/screenshots/start.png') });
      const open = await fetch(url.replace(/\?.*/, ''), { redirect: 'manual' });
      assert.equal(open.status, 403, 'the window must not open without the token of its address');
    } finally {
      await browser.close();
    }
    await stopTryout(started);
    assert.equal(status(), before);
  });

  it('opens a desktop VS Code that PATCHLINE_VSCODE names, apart from the person’s own', async function () {
    if (process.platform === 'win32') this.skip();
    const program = path.join(temporary, 'code');
    const seen = path.join(temporary, 'arguments');
    // Stands in for the desktop program: notes its arguments, leaves a window process behind as the real one does, and waits.
    await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${seen}'\nsleep 300 &\nsleep 300\n`);
    await chmod(program, 0o755);
    const started = startTryout([], { PATCHLINE_VSCODE: program });
    await waitForText(started, 'Stop with Ctrl-C.');
    const args = (await readFile(seen, 'utf8')).trim().split('\n');
    assert.ok(args.includes(`--extensionDevelopmentPath=${root}`));
    assert.ok(args.some((argument) => argument.startsWith('--user-data-dir=')));
    assert.ok(args.includes('--new-window') && args.includes('--wait'));
    assert.match(args.at(-1) ?? '', /orders-service$/);
    await stopTryout(started);
  });

  it('says in one line what is wrong', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const taken = String((server.address() as AddressInfo).port);
    const wrong: readonly (readonly [readonly string[], NodeJS.ProcessEnv, RegExp])[] = [
      [['--port', '70000'], {}, /--port 70000 is no port number/],
      [['--surprise'], {}, /--surprise.*Usage: npm start/],
      [[], { PATCHLINE_VSCODE: path.join(temporary, 'gone') }, /PATCHLINE_VSCODE names .*gone, which does not exist/],
      [['--port', taken], noDesktop, new RegExp(`Port ${taken} is taken`)],
    ];
    try {
      for (const [args, env, expected] of wrong) {
        const started = startTryout(args, env);
        assert.equal(await started.exited, 1, started.output());
        const last = started.output().trim().split('\n').at(-1) ?? '';
        assert.match(last, expected);
      }
    } finally {
      server.close();
    }
  });

  it('explains an old Node and a registry out of reach', () => {
    for (const version of ['16.20.2', '18.20.0', '20.18.3'])
      assert.throws(() => checkNodeVersion(version), /too old: install Node\.js 20\.19/);
    for (const version of ['20.19.0', '22.1.0', '24.0.0']) checkNodeVersion(version);
    assert.match(
      explainNpm('npm error code ENOTFOUND\nnpm error network'),
      /^The npm registry was not reached \(ENOTFOUND\)[^\n]*$/,
    );
    assert.match(explainNpm('npm error code EUSAGE'), /EUSAGE/);
  });
});
