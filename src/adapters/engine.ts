import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { codeownersPlaces, ownersOf, parseCodeowners } from '../core/codeowners/codeowners';
import type { PatchlinePorts } from '../core/patchlinePorts';
import { createPatchline } from '../core/createPatchline';
import type { EngineSettings } from '../core/engineSettings';
import { HumanError } from '../core/errors';
import { apiAddressProblem } from '../core/git/remoteUrl';
import { watchLease } from '../core/rolloutControl';
import type { FileChange } from '../core/model/patch';
import type { Policy } from '../core/model/policy';
import type { Patchline } from '../core/patchline';
import { parsePolicy, policyFile } from '../core/policy/parsePolicy';
import type { Forge, Identity, Workspace } from '../core/ports';
import { nativeSha256 } from './clients/nativeSha256';
import { childEnvironment, killAllProcesses, startDetached } from './clients/process';
import { treeSitter } from './clients/treeSitter';
import { createFileEvidenceStore } from './evidence/fileEvidenceStore';
import { hasGitHubRemote } from './clients/githubConnection';
import { createDeliveryEngine } from './deliveryEngine';
import { GitIdentity } from './identity/gitIdentity';
import { createReportSource, defaultReportGlobs } from './ingest/reportSource';
import { createFileLeases } from './leases/fileLeases';
import { npmCommand } from './packageManagers/npm';
import { createWorktreeProver } from './proof/worktreeProver';
import { createFixers, forges, listProviders, readers, testFrameworks } from './registry';
import { dataFolder } from './dataFolder';
import { openFileRunLog } from './runLog/fileRunLog';
import { verifyLogFile as verifyFile } from './runLog/verifyLogFile';
import { readDetail } from './scanners/sarifDetail';
import { GitSourceControl } from './sourceControl/gitSourceControl';
import { createProjectTestWriter } from './testWriters/projectTestWriter';
import { nodeWorkspace } from './workspace/nodeWorkspace';
import { writeChanges } from './workspace/writeChanges';

export interface EngineOptions {
  /** Absolute path of the workspace folder. */
  readonly root: string;
  readonly settings: EngineSettings;
  /** A secret by its name (`github`); undefined when the person gave none. Never logged. */
  secret(name: string): Promise<string | undefined>;
  log(level: 'info' | 'warn' | 'error', message: string): void;
}

export interface Engine {
  readonly ports: PatchlinePorts;
  /** The application over these ports; built once. */
  patchline(): Patchline;
  /** Writes changes into the workspace after checking every file for drift. */
  readonly write: (changes: readonly FileChange[]) => Promise<void>;
  /** Ends the application and every process that was started. */
  dispose(): Promise<void>;
}

/** What a front door without settings of its own goes by. */
export const defaultEngineSettings: EngineSettings = {
  reports: defaultReportGlobs,
  forge: 'auto',
  github: { apiUrl: 'https://api.github.com' },
  npm: { path: '' },
  proof: { repeat: 3, timeoutSeconds: 300 },
  logIdentity: 'git',
  mayRun: () => true,
};

/** Every adapter of the registry, for people and programs that ask what Patchline works with. */
export const providers = listProviders;

/** Checks one file of a run log, for the terminal. */
export const verifyLogFile = verifyFile;

interface HandOver {
  readonly root: string;
  /** Absolute path of the command line's bundle. */
  readonly cli: string;
  readonly forge: string;
  readonly apiUrl: string;
}

/**
 * How `patchline watch` is told what the editor's settings say. @throws HumanError for an address that no token may be sent to.
 */
export function watchArguments({ root, cli, forge, apiUrl }: HandOver): readonly string[] {
  const problem = apiAddressProblem(apiUrl);
  if (problem !== undefined) throw new HumanError(`The watch cannot be handed over: patchline.github.apiUrl ${problem}.`);
  return [
    ...[cli, 'watch', '--workspace', root],
    ...(forge === 'auto' ? [] : ['--forge', forge]),
    ...(apiUrl === defaultEngineSettings.github.apiUrl ? [] : ['--github-api-url', apiUrl]),
  ];
}

/**
 * Starts `patchline watch` as a process that outlives this one. The editor's own program runs it, as plain Node; GitHub's token
 * goes where the command line looks for it, into that process's environment and nowhere else.
 */
export async function handOverWatch(options: HandOver & { readonly token: string | undefined }): Promise<void> {
  const holder = await createFileLeases(path.join(await dataFolder(options.root), 'leases')).holder(watchLease);
  // Another window has the watch, and hands it over itself when it is closed.
  if (holder !== undefined && !holder.startsWith(`process ${process.pid} `)) return;
  await startDetached([process.execPath, ...watchArguments(options)], {
    cwd: options.root,
    env: childEnvironment({ ELECTRON_RUN_AS_NODE: '1', PATCHLINE_GITHUB_TOKEN: options.token }),
  });
}

/** Builds the world of one workspace folder. Nothing is written and no process of the workspace is started by it. */
export async function createEngine({ root, settings, secret, log }: EngineOptions): Promise<Engine> {
  const clock = { now: () => Date.now(), nextTurn: () => setImmediate() };
  const workspace = nodeWorkspace(root);
  const data = await dataFolder(root);
  const evidence = createFileEvidenceStore(path.join(data, 'evidence'));
  const mayRun = () => settings.mayRun();
  const policy = () => readPolicy(workspace);
  const runLog = openFileRunLog({ folder: path.join(data, 'log'), clock });
  const identity = identityOf(root, settings, mayRun);
  const ports: PatchlinePorts = {
    ...createDeliveryEngine({
      root,
      data,
      settings,
      clock,
      log: runLog,
      identity,
      policy,
      forgeId: async () => forgeId(root, settings, await policy()),
      secret,
      say: (message) => log('warn', message),
    }),
    workspace,
    sha256: nativeSha256,
    reports: createReportSource({
      readers,
      workspace,
      globs: () => (settings.reports.length > 0 ? settings.reports : defaultReportGlobs),
      keptFolder: path.join(data, 'reports'),
      detail: readDetail,
    }),
    policy,
    owners: () => readOwners(workspace, log),
    fixers: createFixers({ root, npmPath: settings.npm.path, clock, mayRun }),
    testWriter: createProjectTestWriter(testFrameworks, treeSitter),
    prover: createWorktreeProver({
      evidence,
      clock,
      parser: treeSitter,
      readers,
      npm: () => npmCommand(settings.npm.path),
      cache: path.join(data, 'cache'),
      repeat: settings.proof.repeat,
      timeoutSeconds: settings.proof.timeoutSeconds,
      mayRun,
    }),
    sourceControl: new GitSourceControl(root),
    forge: async () => chooseForge(root, data, settings, await policy(), secret),
    log: runLog,
    evidence,
    identity,
    clock,
    mayRun,
    dispose: killAllProcesses,
  };
  let app: Patchline | undefined;
  return {
    ports,
    patchline: () => (app ??= createPatchline(ports)),
    write: (changes) => writeChanges(workspace, changes),
    async dispose() {
      if (app !== undefined) return app.dispose();
      ports.log.dispose();
      return ports.dispose();
    },
  };
}

/** The application for the editor. */
export async function openPatchline(options: EngineOptions): Promise<Patchline> {
  return (await createEngine(options)).patchline();
}

async function readPolicy(workspace: Workspace): Promise<Policy> {
  const text = await workspace.readText(policyFile);
  return text === undefined ? {} : parsePolicy(text.replace(/^\uFEFF/, ''));
}

async function readOwners(workspace: Workspace, log: EngineOptions['log']): Promise<(path: string) => readonly string[]> {
  for (const place of codeownersPlaces) {
    const text = await workspace.readText(place);
    if (text === undefined) continue;
    const codeowners = parseCodeowners(text);
    for (const { line, reason } of codeowners.skipped) log('warn', `${place}:${line}: passed over: ${reason}`);
    return (file) => ownersOf(codeowners, file);
  }
  return () => [];
}

function identityOf(root: string, settings: EngineSettings, mayRun: () => boolean): Identity {
  if (settings.logIdentity === 'none')
    return { current: () => Promise.resolve({ kind: 'person', identity: 'anonymous', source: 'none' }) };
  return new GitIdentity({ root, mayRun: () => settings.logIdentity === 'git' && mayRun() });
}

/** The policy rules over the setting: a team agrees where its pull requests go. */
async function forgeId(root: string, settings: EngineSettings, policy: Policy): Promise<string> {
  const asked = policy.forge?.provider ?? settings.forge;
  if (asked !== 'auto') return asked;
  return (await hasGitHubRemote(root, settings.github.apiUrl)) ? 'github' : 'local';
}

/** An unknown id is an error, never a default. */
async function chooseForge(
  root: string,
  data: string,
  settings: EngineSettings,
  policy: Policy,
  secret: EngineOptions['secret'],
): Promise<Forge> {
  const { apiUrl } = settings.github;
  const id = await forgeId(root, settings, policy);
  const entry = Object.hasOwn(forges, id) ? forges[id] : undefined;
  if (entry === undefined) throw new HumanError(`There is no forge “${id}”. Known: ${Object.keys(forges).join(', ')}.`);
  return entry.create({
    root,
    apiUrl,
    dataFolder: path.join(data, 'forge'),
    token: () => secret('github'),
    repository: policy.forge?.repository,
  });
}
