'use strict';

const fs = require('node:fs');
const { isOurs, readPort, startScript, stopProcesses } = require('./processes');
const { readState, sleep, touch, writeState } = require('./state');
const { findCommitBefore, placeArtifact, placeCommit } = require('./versions');

const defaultPort = 7311;
/** The load ends by itself; every step begins it anew. */
const loadSeconds = 900;

/** `--port N` of a command line, else the usual one. */
function portOf(argv) {
  const at = argv.indexOf('--port');
  const port = at === -1 ? defaultPort : Number(argv[at + 1]);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port ${argv[at + 1]} is no port number.`);
  return port;
}

/** GET of something on loopback: status and text. @throws Error when there is no answer within two seconds. */
async function get(port, route) {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, { signal: AbortSignal.timeout(2000) });
  return { status: response.status, text: await response.text() };
}

/** Starts one version of the service on a free port and waits until it says that it is well. */
async function startInstance(name, version, about) {
  const started = startScript('instance.js', name, [version]);
  try {
    const port = await readPort(started);
    await waitUntilWell(name, port);
    return { ...about, version, pid: started.pid, port };
  } catch (error) {
    await stopProcesses([started.pid]);
    throw error;
  }
}

async function waitUntilWell(name, port) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const said = await get(port, '/healthz').then(({ status }) => status, (error) => error.message);
    if (said === 200) return;
    if (Date.now() > deadline) throw new Error(`The ${name} is not well: ${said}.`);
    await sleep(100);
  }
}

const runs = (one) => one !== undefined && one !== null && isOurs(one.pid);

/**
 * The old version and the proxy in front of it, started where they do not run.
 * @param options.commit what is about to be rolled out; the old version is what stands before it
 */
async function ensureStack({ port, commit, load = true, rate }) {
  touch();
  let state = readState() ?? { weight: 0, promoted: false, canary: null };
  if (!runs(state.baseline)) {
    const about = state.baseline ?? { commit: await findCommitBefore(commit) };
    const version = about.version !== undefined && fs.existsSync(about.version) ? about.version : await placeCommit(about.commit);
    state = { ...state, baseline: await startInstance('baseline', version, { commit: about.commit, digest: about.digest }) };
    writeState(state);
  }
  if (!runs(state.proxy)) {
    const started = startScript('proxy.js', 'proxy', [String(port)]);
    state = { ...state, proxy: { pid: started.pid, port: await readPort(started) } };
    writeState(state);
  }
  if (load && !runs(state.load)) {
    const address = `http://127.0.0.1:${state.proxy.port}`;
    const args = ['--url', address, '--seconds', String(loadSeconds), ...(rate === undefined ? [] : ['--rate', String(rate)])];
    state = { ...state, load: { pid: startScript('load.js', 'load', args).pid } };
    writeState(state);
  }
  return state;
}

/** The new version beside the old one; whatever was rolled out completely before is the old one now. */
async function ensureCanary(state, { artifact, digest, commit }) {
  const same = state.canary?.digest === digest && state.canary.commit === commit;
  if (same && runs(state.canary)) return state;
  // Looked at first: what cannot be started shall not end what is served.
  const version = await placeArtifact(artifact, digest, commit);
  if (state.canary !== null && !same) state = await retireOther(state);
  const next = { ...state, canary: await startInstance('canary', version, { commit, digest }) };
  writeState(next);
  return next;
}

async function retireOther(state) {
  const next = state.promoted
    ? { ...state, baseline: state.canary, canary: null, weight: 0, promoted: false }
    : { ...state, canary: null, weight: 0 };
  writeState(next);
  await settle(next);
  await stopProcesses([state.promoted ? state.baseline.pid : state.canary.pid]);
  return next;
}

/** Writes the weight and waits until the proxy goes by it. */
async function setWeight(state, weight, promoted) {
  const next = { ...state, weight, promoted };
  writeState(next);
  await settle(next);
  return next;
}

async function settle(state) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const seen = JSON.parse((await get(state.proxy.port, '/-/status')).text);
    if (seen.weight === state.weight && seen.canaryPort === (state.canary?.port ?? null)) return;
    if (Date.now() > deadline) throw new Error(`The proxy still gives ${seen.weight} % instead of ${state.weight} %.`);
    await sleep(50);
  }
}

/** All traffic back to the old version, and an end to the new one. */
async function takeBack(state) {
  const safe = await setWeight(state, 0, false);
  if (state.canary === null) return safe;
  // What the new version has begun to answer it may end.
  await sleep(300);
  const next = { ...safe, canary: null };
  writeState(next);
  await settle(next);
  await stopProcesses([state.canary.pid]);
  return next;
}

/** Runs a command's work; what goes wrong is said in one line. */
function runCommand(work) {
  work().then(
    (said) => console.log(said),
    (error) => {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    },
  );
}

module.exports = { ensureCanary, ensureStack, get, portOf, runCommand, runs, setWeight, takeBack };
