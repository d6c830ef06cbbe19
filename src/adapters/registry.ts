import type { Clock, Fixer, Forge, Monitor, Provider, ReportReader, TestFramework } from '../core/ports';
import { createNpmRegistry, npmRegistryProvider } from './advisories/npmRegistry';
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
import type { PrometheusOptions } from './monitors/prometheus';
import { createPrometheus, prometheusProvider } from './monitors/prometheus';
import type { ScrapeOptions } from './monitors/scrape';
import { createScrape, scrapeProvider } from './monitors/scrape';
import { createNpm, npmProvider } from './packageManagers/npm';
import { reportReaders } from './reportReaders';
import { readCommitSettings } from './sourceControl/gitFacts';
import { jest } from './testFrameworks/jest';
import { mocha } from './testFrameworks/mocha';
import { nodeTest } from './testFrameworks/nodeTest';
import { vitest } from './testFrameworks/vitest';

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

/** Who measures, by id. */
export const monitors: Readonly<
  Record<string, { readonly provider: Provider; create(options: PrometheusOptions & ScrapeOptions): Monitor }>
> = {
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
    ...of(
      'forges',
      Object.values(forges).map(({ provider }) => provider),
    ),
    ...of(
      'monitors',
      Object.values(monitors).map(({ provider }) => provider),
    ),
  ];
}
