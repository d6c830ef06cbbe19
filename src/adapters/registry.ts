import type { ArtifactRegistry, Builder, Clock, Fixer, Forge, Provider, ReportReader, TestFramework } from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
import type { CommandBuilderOptions } from './builders/commandBuilder';
import { commandBuilderProvider, createCommandBuilder } from './builders/commandBuilder';
import type { Approvals, Ci, Clock, Fixer, Forge, Provider, ReportReader, RolloutProvider, TestFramework } from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
import type { GithubApprovalsOptions } from './approvals/github';
import { createGithubApprovals, githubApprovalsProvider } from './approvals/github';
import type { GithubActionsOptions } from './ci/githubActions';
import { createGithubActions, githubActionsProvider } from './ci/githubActions';
import type { Ci, Clock, Fixer, Forge, Provider, ReportReader, TestFramework } from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
import type { LocalCiOptions } from './ci/local';
import { createLocalCi, localCiProvider } from './ci/local';
import type { Approvals, Clock, Fixer, Forge, Provider, ReportReader, RolloutProvider, TestFramework } from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
import type { LocalApprovalsOptions } from './approvals/local';
import { createLocalApprovals, localApprovalsProvider } from './approvals/local';
import { createHttp } from './clients/http';
import { treeSitter } from './clients/treeSitter';
import { createNpmUpdate } from './fixers/npmUpdate';
import { createScannerFix } from './fixers/scannerFix';
import { createStructuralRuleFixer } from './fixers/structuralRule';
import type { GitHubForgeOptions } from './forges/github';
import { createGithubForge, githubForgeProvider } from './forges/github';
import type { LocalForgeOptions } from './forges/local';
import { createLocalForge, localForgeProvider } from './forges/local';
import { inWorker } from './ingest/ingestClient';
import { createNpm, npmProvider } from './packageManagers/npm';
import { installDependencies } from './proof/installDependencies';
import { runSandboxed } from './proof/sandbox';
import type { LocalRegistryOptions } from './registries/local';
import { createLocalRegistry, localRegistryProvider } from './registries/local';
import { reportReaders } from './reportReaders';
import { readCommitSettings } from './sourceControl/gitFacts';
import type { GithubDeploymentsOptions } from './rollouts/githubDeployments';
import { createGithubDeployments, githubDeploymentsProvider } from './rollouts/githubDeployments';
import type { CommandRolloutOptions } from './rollouts/command';
import { commandRolloutProvider, createCommandRollout } from './rollouts/command';
import { jest } from './testFrameworks/jest';
import { mocha } from './testFrameworks/mocha';
import { nodeTest } from './testFrameworks/nodeTest';
import { vitest } from './testFrameworks/vitest';
import { nodeWorkspace } from './workspace/nodeWorkspace';

/** The registry: one line per vendor. What is not here does not exist for the product; a test finds forgotten files. */

/** Report formats are listed in reportReaders; large reports are read on a thread of their own. */
export const readers: readonly ReportReader[] = reportReaders.map((reader) => inWorker(reader));

export const testFrameworks: readonly TestFramework[] = [nodeTest, mocha, jest, vitest];

export interface FixerOptions {
  readonly root: string;
  readonly npmPath: string;
  readonly clock: Clock;
  mayRun(): boolean;
}

/** In order of trust. */
export function createFixers({ root, npmPath, clock, mayRun }: FixerOptions): readonly Fixer[] {
  const http = createHttp({ vendor: npmRegistryProvider.displayName });
  return [
    createScannerFix(),
    createNpmUpdate({
      registry: createNpmRegistry({ http, projectRoot: root, mayRun }),
      locks: createNpm({ path: npmPath, mayRun }),
      clock,
    }),
    createStructuralRuleFixer(treeSitter),
  ];
}

/** A forge by its id. @returns undefined for an id that no forge has. */
export const forges: Readonly<
  Record<string, { readonly provider: Provider; create(options: GitHubForgeOptions & LocalForgeOptions): Forge }>
> = {
  github: { provider: githubForgeProvider, create: createGithubForge },
  local: { provider: localForgeProvider, create: (options) => createLocalForge({ ...options, people: readCommitSettings }) },
};

/** What makes artifacts, by its id; it works with the same tools as the proof. */
export const builders: Readonly<
  Record<string, { readonly provider: Provider; create(options: CommandBuilderOptions): Builder }>
> = {
  command: {
    provider: commandBuilderProvider,
    create: (options) =>
      createCommandBuilder({ ...options, install: installDependencies, run: runSandboxed, files: nodeWorkspace }),
  },
};

/** Where artifacts are kept, by its id. */
export const registries: Readonly<
  Record<string, { readonly provider: Provider; create(options: LocalRegistryOptions): ArtifactRegistry }>
> = {
  local: { provider: localRegistryProvider, create: createLocalRegistry },
};

/** Who runs the checks, by id. */
export const ci: Readonly<Record<string, { readonly provider: Provider; create(options: GithubActionsOptions): Ci }>> = {
  'github-actions': { provider: githubActionsProvider, create: createGithubActions },
};

/** Where reviews are given, by id. */
export const approvals: Readonly<
  Record<string, { readonly provider: Provider; create(options: GithubApprovalsOptions): Approvals }>
> = {
  github: { provider: githubApprovalsProvider, create: createGithubApprovals },
};

/** Who carries out a rollout, by id. */
export const rollouts: Readonly<
  Record<string, { readonly provider: Provider; create(options: GithubDeploymentsOptions): RolloutProvider }>
> = {
  'github-deployments': { provider: githubDeploymentsProvider, create: createGithubDeployments },
};

/** Who runs the checks, by id. */
export const ci: Readonly<Record<string, { readonly provider: Provider; create(options: LocalCiOptions): Ci }>> = {
  local: { provider: localCiProvider, create: createLocalCi },
};

/** Where reviews are read and given, by its id. */
export const approvals: Readonly<
  Record<string, { readonly provider: Provider; create(options: LocalApprovalsOptions): Approvals }>
> = {
  local: { provider: localApprovalsProvider, create: createLocalApprovals },
};

/** Who carries a rollout out, by its id. */
export const rollouts: Readonly<
  Record<string, { readonly provider: Provider; create(options: CommandRolloutOptions): RolloutProvider }>
> = {
  command: { provider: commandRolloutProvider, create: createCommandRollout },
};

export interface RegisteredProvider extends Provider {
  readonly port: string;
}

/** Every adapter with the port it serves, for `patchline providers` and the contract tests. */
export function listProviders(): readonly RegisteredProvider[] {
  const fixers = createFixers({ root: '.', npmPath: '', clock: { now: () => 0 }, mayRun: () => false });
  const of = (port: string, list: readonly Provider[]): readonly RegisteredProvider[] =>
    list.map(({ id, displayName, url, capabilities }) => ({ port, id, displayName, url, capabilities }));
  return [
    ...of('scanners', readers),
    ...of('advisories', [npmRegistryProvider]),
    ...of('fixers', fixers),
    ...of('packageManagers', [npmProvider]),
    ...of('testFrameworks', testFrameworks),
    ...Object.entries({ forges, ci, approvals, rollouts }).flatMap(([port, entries]) =>
      of(
        port,
        Object.values(entries).map(({ provider }) => provider),
      ),
    ),
    ...of(
      'builders',
      Object.values(builders).map(({ provider }) => provider),
    ),
    ...of(
      'registries',
      Object.values(registries).map(({ provider }) => provider),
    ),
    ...of(
      'ci',
      Object.values(ci).map(({ provider }) => provider),
    ),
    ...of(
      'approvals',
      Object.values(approvals).map(({ provider }) => provider),
    ),
    ...of(
      'rollouts',
      Object.values(rollouts).map(({ provider }) => provider),
    ),
  ];
}
