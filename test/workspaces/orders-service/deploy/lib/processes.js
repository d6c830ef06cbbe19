'use strict';

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { at, folder, isAlive, readText, sleep } = require('./state');

/**
 * Starts a script of this folder as a process of its own session, so that it outlives the command that started it. Its own
 * arguments begin with the rollout's folder, by which it is known again.
 */
function startScript(script, name, args = [], env = {}) {
  fs.mkdirSync(at('logs'), { recursive: true });
  fs.mkdirSync(at('pids'), { recursive: true });
  const log = at('logs', `${name}-${Date.now()}.log`);
  const output = fs.openSync(log, 'a');
  const child = spawn(process.execPath, [path.join(__dirname, '..', script), folder, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  });
  fs.closeSync(output);
  if (child.pid === undefined) throw new Error(`${script} could not be started.`);
  fs.writeFileSync(at('pids', String(child.pid)), name);
  child.unref();
  return { pid: child.pid, log };
}

/** Waits for `http://127.0.0.1:PORT` in what a process writes. @throws Error with its output when it does not come. */
async function readPort({ pid, log }) {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(readText(log))?.[1];
    if (port !== undefined) return Number(port);
    if (!isAlive(pid)) break;
    await sleep(25);
  }
  throw new Error(`${path.basename(log)} does not listen:\n${readText(log).slice(-2000)}`);
}

/** A process number may be somebody else's by now: ours has the rollout's folder among its arguments. */
function isOurs(pid) {
  if (!isAlive(pid)) return false;
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder);
  } catch {
    return false;
  }
}

/** Ends processes of ours: asks first, insists after three seconds. */
async function stopProcesses(pids) {
  const ours = pids.filter(isOurs);
  for (const [signal, patience] of [['SIGTERM', 3000], ['SIGKILL', 2000]]) {
    for (const pid of ours) {
      try {
        process.kill(pid, signal);
      } catch {
        // Gone already.
      }
    }
    const deadline = Date.now() + patience;
    while (Date.now() < deadline && ours.some(isOurs)) await sleep(50);
    if (!ours.some(isOurs)) break;
  }
  for (const pid of pids) fs.rmSync(at('pids', String(pid)), { force: true });
}

/** Everything that was started in this folder. */
function startedPids() {
  try {
    return fs.readdirSync(at('pids')).map(Number).filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

module.exports = { isOurs, readPort, startScript, startedPids, stopProcesses };
