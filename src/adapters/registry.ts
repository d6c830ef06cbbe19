import type {
  Approvals,
  ArtifactRegistry,
  Builder,
  Ci,
  Clock,
  Fixer,
  Forge,
  Monitor,
  Provider,
  ReportReader,
  RolloutProvider,
  TestFramework,
} from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
import type { GithubApprovalsOptions } from './approvals/github';
import { createGithubApprovals, githubApprovalsProvider } from './approvals/github';
import type { LocalApprovalsOptions } from './approvals/local';
import { createLocalApprovals, localApprovalsProvider } from './approvals/local';
import type { CommandBuilderOptions } from './builders/commandBuilder';
import { commandBuilderProvider, createCommandBuilder } from './builders/commandBuilder';
import type { GithubActionsOptions } from './ci/githubActions';
import { createGithubActions, githubActionsProvider } from './ci/githubActions';
import type { LocalCiOptions } from './ci/local';
import { createLocalCi, localCiProvider } from './ci/local';
import { createHttp } from './clients/http';
import { installDependencies } from './clients/installDependencies';
import { runSandboxed } from './clients/sandbox';
import { treeSitter } from './clients/treeSitter';
import { createNpmUpdate } from './fixers/npmUpdate';
import { createScannerFix } from './fixers/scannerFix';
import { createStructuralRuleFixer } from './fixers/structuralRule';
import type { GitHubForgeOptions } from './forges/github';
import { createGithubForge, githubForgeProvider } from './forges/github';
import type { LocalForgeOptions } from './forges/local';
import { createLocalForge, localForgeProvider } from './forges/local';
import { inWorker } from './ingest/ingestClient';
import type { PrometheusOptions } from './monitors/prometheus';
import { createPrometheus, prometheusProvider } from './monitors/prometheus';
import type { ScrapeOptions } from './monitors/scrape';
import { createScrape, scrapeProvider } from './monitors/scrape';
import { createNpm, npmProvider } from './packageManagers/npm';
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

/** A registered vendor: what it says of itself, and how it is made. */
interface Entry<Options, Port> {
  readonly provider: Provider;
  create(options: Options): Port;
}

/** Who runs the checks, by id. */
export const ci: Readonly<Record<string, Entry<GithubActionsOptions & LocalCiOptions, Ci>>> = {
  'github-actions': { provider: githubActionsProvider, create: createGithubActions },
  local: { provider: localCiProvider, create: createLocalCi },
};

/** Where reviews are read and given, by id. */
export const approvals: Readonly<Record<string, Entry<GithubApprovalsOptions & LocalApprovalsOptions, Approvals>>> = {
  github: { provider: githubApprovalsProvider, create: createGithubApprovals },
  local: { provider: localApprovalsProvider, create: createLocalApprovals },
};

/** Who carries a rollout out, by id. */
export const rollouts: Readonly<Record<string, Entry<GithubDeploymentsOptions & CommandRolloutOptions, RolloutProvider>>> = {
  command: { provider: commandRolloutProvider, create: createCommandRollout },
  'github-deployments': { provider: githubDeploymentsProvider, create: createGithubDeployments },
};

/** Who measures, by id. */
export const monitors: Readonly<Record<string, Entry<PrometheusOptions & ScrapeOptions, Monitor>>> = {
  prometheus: { provider: prometheusProvider, create: createPrometheus },
  scrape: { provider: scrapeProvider, create: createScrape },
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
    ...Object.entries({ forges, builders, registries, ci, approvals, rollouts, monitors }).flatMap(([port, entries]) =>
      of(
        port,
        Object.values(entries).map(({ provider }) => provider),
      ),
    ),
  ];
}
