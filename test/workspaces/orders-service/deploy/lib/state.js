'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The project that is rolled out. */
const project = path.join(__dirname, '..', '..');
/** Where processes, versions and logs of the rollout are kept. */
const folder = path.resolve(project, process.env.ORDERS_DEPLOY_DIR || '.deploy');

const at = (...names) => path.join(folder, ...names);

/** What runs, as the scripts wrote it last; undefined when nothing was brought up. */
function readState() {
  try {
    return JSON.parse(fs.readFileSync(at('state.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written beside and renamed, so that the proxy never reads half of it. */
function writeState(state) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(at(`state.json.${process.pid}`), `${JSON.stringify(state, null, 2)}\n`);
  fs.renameSync(at(`state.json.${process.pid}`), at('state.json'));
}

/** Every command shows that somebody still cares; see keepalive.js. */
function touch() {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(at('alive'), `${new Date().toISOString()}\n`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs `work` while no other command works on this folder. @throws Error when another one does for more than a minute. */
async function withLock(work) {
  fs.mkdirSync(folder, { recursive: true });
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      fs.writeFileSync(at('lock'), String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readText(at('lock')));
      // A command that was killed left its lock behind. A file without a number is being written right now.
      if (holder > 0 && !isAlive(holder)) fs.rmSync(at('lock'), { force: true });
      else if (Date.now() > deadline) throw new Error(`Another command (process ${holder}) is at work on ${folder}.`);
      else await sleep(100);
    }
  }
  try {
    return await work();
  } finally {
    fs.rmSync(at('lock'), { force: true });
  }
}

/** A file's text; empty when there is none. */
function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

module.exports = { at, folder, isAlive, project, readState, readText, sleep, touch, withLock, writeState };
