import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment, killAllProcesses, runProcess, startDetached } from '../../../src/adapters/clients/process';
import { isCancelled, isHumanError } from '../../../src/core/errors';

const node = process.execPath;
const cwd = process.cwd();

/** A program that starts a grandchild, writes both pids to the file, and stays. `stubborn` ignores SIGTERM. */
function treeScript(file: string, stubborn: boolean): string {
  return `
    const { spawn } = require('node:child_process');
    const { writeFileSync, renameSync } = require('node:fs');
    ${stubborn ? "process.on('SIGTERM', () => {});" : ''}
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(
      `${stubborn ? "process.on('SIGTERM', () => {});" : ''} setInterval(() => {}, 1000)`,
    )}], { stdio: 'inherit' });
    setTimeout(() => {
      writeFileSync(${JSON.stringify(file + '.part')}, JSON.stringify([process.pid, child.pid]));
      renameSync(${JSON.stringify(file + '.part')}, ${JSON.stringify(file)});
    }, 200);
    setInterval(() => {}, 1000);`;
}

async function pidsOf(file: string): Promise<number[]> {
  for (let i = 0; i < 200 && !existsSync(file); i++) await sleep(25);
  return JSON.parse(readFileSync(file, 'utf8')) as number[];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody reaped yet is not running any more.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function assertGone(pids: readonly number[]): Promise<void> {
  for (let i = 0; i < 80 && pids.some(isAlive); i++) await sleep(25);
  assert.deepEqual(pids.filter(isAlive), []);
}

describe('runProcess', () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'patchline-process-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('gives exit code and both outputs, and passes arguments as they are', async () => {
    const nasty = ['a b', '$(touch x)', ';ls', '"', "'", '*', '%PATH%'];
    const script = 'console.log(JSON.stringify(process.argv.slice(1))); console.error("E"); process.exitCode = 3';
    const heard: string[] = [];
    const result = await runProcess([node, '-e', script, ...nasty], {
      cwd,
      onOutput: (text, stream) => heard.push(stream + text),
    });
    assert.deepEqual(JSON.parse(result.stdout), nasty);
    assert.equal(result.stderr, 'E\n');
    assert.equal(result.exitCode, 3);
    assert.equal(result.signal, null);
    assert.equal(result.timedOut || result.truncated, false);
    assert.ok(heard.includes('stderrE\n'));
  });

  it('talks with a program, whose input may depend on what it says, and ends it when there is nothing more to say', async () => {
    const script = "process.stdin.once('data', (text) => { console.log(`heard ${text}`); process.stdin.pipe(process.stdout); })";
    let answer: (text: string) => void = () => undefined;
    const answered = new Promise<string>((resolve) => (answer = resolve));
    async function* talk(): AsyncGenerator<string> {
      yield 'one';
      yield `${(await answered).trim()} twice`;
    }
    const { stdout, exitCode } = await runProcess([node, '-e', script], { cwd, input: talk(), onOutput: answer });
    assert.equal(stdout, 'heard one\nheard one twice');
    assert.equal(exitCode, 0);

    // oxlint-disable-next-line require-yield -- it fails before it could
    async function* fail(): AsyncGenerator<string> {
      await Promise.resolve();
      throw new Error('nothing to say');
    }
    const waiting = runProcess([node, '-e', 'setInterval(() => 0, 1000)'], { cwd, input: fail() });
    await assert.rejects(waiting, /nothing to say/);
  });

  it('hands input over and survives a program that does not read it', async () => {
    const echo = await runProcess([node, '-e', 'process.stdin.pipe(process.stdout)'], { cwd, input: 'grüße' });
    assert.equal(echo.stdout, 'grüße');
    const deaf = await runProcess([node, '-e', 'process.exit(0)'], { cwd, input: Buffer.alloc(4_000_000) });
    assert.equal(deaf.exitCode, 0);
  });

  it('keeps the start and the end of too much output and says so', async () => {
    const script = 'process.stdout.write("START" + "x".repeat(300000) + "END")';
    const result = await runProcess([node, '-e', script], { cwd, maxOutputBytes: 1000 });
    assert.equal(result.truncated, true);
    assert.match(result.stdout, /^STARTx{495}\n… 299008 bytes left out …\nx{497}END$/);
  });

  it('names the missing program and the missing folder', async () => {
    await assert.rejects(runProcess(['no-such-program-here'], { cwd }), (error: Error) => {
      return isHumanError(error) && /^no-such-program-here was not found/.test(error.message);
    });
    await assert.rejects(runProcess([node, '-v'], { cwd: join(dir, 'nowhere') }), (error: Error) => {
      return isHumanError(error) && /no such folder/.test(error.message);
    });
    await assert.rejects(runProcess([], { cwd }), isHumanError);
    await assert.rejects(runProcess([node, 'a\0b'], { cwd }), isHumanError);
  });

  it('ends the whole tree on time-out, even one that ignores SIGTERM', async () => {
    const file = join(dir, 'timeout');
    const started = Date.now();
    const result = await runProcess([node, '-e', treeScript(file, true)], { cwd, timeoutMs: 800 });
    assert.equal(result.timedOut, true);
    assert.equal(result.signal, 'SIGKILL');
    assert.ok(Date.now() - started < 8000);
    await assertGone(await pidsOf(file));
  });

  it('rejects with CancelledError on abort, with the tree gone', async () => {
    const file = join(dir, 'abort');
    const controller = new AbortController();
    const running = runProcess([node, '-e', treeScript(file, false)], { cwd, signal: controller.signal });
    const pids = await pidsOf(file);
    controller.abort();
    await assert.rejects(running, isCancelled);
    await assertGone(pids);
    await assert.rejects(runProcess([node, '-v'], { cwd, signal: controller.signal }), isCancelled);
  });

  it('does not wait for a server that the program left behind, and ends it', async () => {
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      console.log(child.pid); child.unref(); process.exitCode = 0;`;
    const result = await runProcess([node, '-e', script], { cwd });
    assert.equal(result.exitCode, 0);
    await assertGone([Number(result.stdout)]);
  });

  it('killAllProcesses ends everything and waits until it is gone', async () => {
    const files = [join(dir, 'all1'), join(dir, 'all2')];
    const running = files.map((file) => runProcess([node, '-e', treeScript(file, false)], { cwd }));
    const pids = (await Promise.all(files.map(pidsOf))).flat();
    assert.equal(pids.length, 4);
    await killAllProcesses();
    await assertGone(pids);
    for (const result of await Promise.all(running)) assert.equal(result.signal, 'SIGTERM');
  });

  it('startDetached leaves a process behind that killAllProcesses does not end', async () => {
    const { pid } = await startDetached([node, '-e', 'setTimeout(() => {}, 30_000)'], { cwd, env: childEnvironment() });
    try {
      await killAllProcesses();
      // Throws where it is gone.
      assert.equal(process.kill(pid, 0), true);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await assertGone([pid]);
    await assert.rejects(startDetached([join(dir, 'no-such-program')], { cwd, env: {} }), /was not found/);
  });

  it('keeps the editor out of the environment of children', () => {
    process.env['VSCODE_TEST_ONLY'] = '1';
    try {
      const env = childEnvironment({ NODE_OPTIONS: '--trace-warnings', NOTHING: undefined });
      assert.equal(env['VSCODE_TEST_ONLY'], undefined);
      assert.equal(env['NODE_OPTIONS'], '--trace-warnings');
      assert.equal(env['PATH'], process.env['PATH']);
      assert.equal('NOTHING' in env, false);
    } finally {
      delete process.env['VSCODE_TEST_ONLY'];
    }
  });
});
