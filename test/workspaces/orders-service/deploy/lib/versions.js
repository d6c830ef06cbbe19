'use strict';

const { execFile } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { at, project, readText } = require('./state');

const run = promisify(execFile);
/** What belongs to the service; package.json names it for `npm pack` as well. */
const files = ['package.json', 'server.js', 'src', 'data'];

const git = async (...args) =>
  (await run('git', ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', ...args], { cwd: project, maxBuffer: 64e6 })).stdout.trim();

/**
 * The commit whose version is being served before `commit` is rolled out: where its branch began, or what stood before it was
 * merged. Undefined outside of a repository.
 */
async function findCommitBefore(commit) {
  try {
    const head = await git('rev-parse', 'HEAD');
    if (!commit) return head;
    const common = await git('merge-base', commit, head).catch(() => head);
    return common === (await git('rev-parse', `${commit}^{commit}`)) ? await git('rev-parse', `${commit}^1`) : common;
  } catch {
    return undefined;
  }
}

/** Puts the version of a commit into a folder of its own; without a commit the project's files as they are. */
async function placeCommit(commit) {
  const target = at('versions', commit ? `commit-${commit.slice(0, 12)}` : 'project');
  if (fs.existsSync(target)) return target;
  const fresh = makeFresh(target);
  if (commit) {
    await git('archive', '--format=tar', `--output=${fresh}.tar`, commit, ...files);
    await run('tar', ['-xf', `${fresh}.tar`, '-C', fresh]);
    fs.rmSync(`${fresh}.tar`);
  } else for (const file of files) fs.cpSync(path.join(project, file), path.join(fresh, file), { recursive: true });
  await placePackages(fresh, commit);
  fs.renameSync(fresh, target);
  return target;
}

/**
 * Unpacks an artifact of `npm pack` after a look at its digest.
 * @throws Error when the file is not what the digest says.
 */
async function placeArtifact(file, digest, commit) {
  if (!file || !/^sha256:[0-9a-f]{64}$/.test(digest ?? '')) throw new Error('PATCHLINE_ARTIFACT and PATCHLINE_DIGEST (sha256:…) must name the new version.');
  // The same artifact may come with another lock file: an update of a package's own packages changes nothing else.
  const target = at('versions', `${digest.replace(':', '-').slice(0, 19)}${commit ? `-${commit.slice(0, 12)}` : ''}`);
  const found = `sha256:${createHash('sha256').update(fs.readFileSync(file)).digest('hex')}`;
  if (found !== digest) throw new Error(`${file} is ${found}, not ${digest}: it is not started.`);
  if (fs.existsSync(target)) return target;
  const fresh = makeFresh(target);
  await run('tar', ['-xzf', file, '-C', fresh, '--strip-components=1']);
  await placePackages(fresh, commit);
  fs.renameSync(fresh, target);
  return target;
}

function makeFresh(target) {
  const fresh = `${target}.${process.pid}`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true });
  return fresh;
}

/** The project's packages, where the commit's lock file asks for those that are installed; else its own, installed by its lock. */
async function placePackages(version, commit) {
  const installed = path.join(project, 'node_modules');
  const lock = commit ? await git('show', `${commit}:./package-lock.json`).catch(() => undefined) : undefined;
  if (lock === undefined || isInstalled(JSON.parse(lock).packages, installed)) {
    fs.symlinkSync(installed, path.join(version, 'node_modules'), 'junction');
    return;
  }
  fs.writeFileSync(path.join(version, 'package-lock.json'), `${lock}\n`);
  fs.copyFileSync(path.join(project, '.npmrc'), path.join(version, '.npmrc'));
  await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: version });
}

function isInstalled(wanted, folder) {
  const own = JSON.parse(readText(path.join(folder, '.package-lock.json')) || '{}').packages ?? {};
  return Object.entries(wanted).every(([name, { dev, version }]) => name === '' || dev === true || own[name]?.version === version);
}

module.exports = { findCommitBefore, placeArtifact, placeCommit };
