import assert from 'node:assert/strict';
import { cleanEnvironment, descendants, isAlive, npmProgram, run, start, stop } from './processes.mjs';

/** A child that starts a grandchild in a group of its own; both ignore the polite signal. */
const stubborn = `
  const { spawn } = require('node:child_process');
  process.on('SIGTERM', () => undefined);
  const code = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); console.log('up')";
  const child = spawn(process.execPath, ['-e', code], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
  console.log('grandchild ' + child.pid);
  setInterval(() => undefined, 1000);
`;

describe('child processes of the test tools', () => {
  it('end with everything below them, also what ignores signals in a group of its own', async function () {
    if (process.platform === 'win32') this.skip();
    const child = start(process.execPath, ['-e', stubborn]);
    let output = '';
    child.stdout?.on('data', (data) => (output += String(data)));
    while (!output.includes('up')) await new Promise((resolve) => setTimeout(resolve, 20));
    const grandchild = Number(/grandchild (\d+)/.exec(output)?.[1]);
    assert.deepEqual(descendants(child.pid ?? 0), [grandchild]);
    await stop(child, 300);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(isAlive(grandchild), false);
    assert.equal(isAlive(child.pid ?? 0), false);
  });

  it('run to their end with what they printed and how they ended', async () => {
    const lines: string[] = [];
    const code = "console.log('one'); console.error('two'); process.exitCode = 3";
    const result = await run(process.execPath, ['-e', code], { onLine: (line) => lines.push(line) });
    assert.equal(result.code, 3);
    assert.deepEqual(lines.sort(), ['one', 'two']);
    assert.equal((await run('/nowhere/at/all', [])).code, 127);
    assert.equal((await run(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { timeoutMs: 200 })).code, 124);
  });

  it('see nothing of the npm script that they were started from', () => {
    process.env.npm_lifecycle_event = 'test';
    try {
      const env = cleanEnvironment({ EXTRA: '1' });
      assert.equal(env.npm_lifecycle_event, undefined);
      assert.equal(env.EXTRA, '1');
      assert.equal(env.PATH, process.env.PATH);
    } finally {
      delete process.env.npm_lifecycle_event;
    }
  });

  it('find npm without a shell', async () => {
    assert.match((await run(process.execPath, [npmProgram(), '--version'])).output, /^\d+\.\d+\.\d+$/m);
  });
});
