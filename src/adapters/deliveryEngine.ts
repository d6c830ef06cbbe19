import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeliveryPorts } from '../core/deliveryPorts';
import type { EngineSettings } from '../core/engineSettings';
import { HumanError, isHumanError } from '../core/errors';
import type { Policy } from '../core/model/policy';
import type { Clock, Identity, RunLog } from '../core/ports';
import { runGit } from './clients/git';
import { createFileLeases } from './leases/fileLeases';
import { npmCommand } from './packageManagers/npm';
import { approvals, builders, ci, monitors, registries, rollouts } from './registry';

export interface DeliveryEngineOptions {
  readonly root: string;
  /** Folder beside the run log that keeps checks, artifacts and leases. */
  readonly data: string;
  readonly settings: EngineSettings;
  readonly clock: Clock;
  readonly log: RunLog;
  readonly identity: Identity;
  policy(): Promise<Policy>;
  /** Registry id of the forge that pull requests go to. */
  forgeId(): Promise<string>;
  secret(name: string): Promise<string | undefined>;
  /** Told what a person may want to know and need not act on. */
  say?(message: string): void;
}

/** Longest that one build may take. */
const buildSeconds = 900;

/** The second half's ports for one workspace. What the policy does not say goes by the forge: GitHub's own, or local. */
export function createDeliveryEngine(options: DeliveryEngineOptions): DeliveryPorts {
  const { root, data, settings, clock, log, identity, policy, secret } = options;
  const mayRun = () => settings.mayRun();
  const npm = () => npmCommand(settings.npm.path);
  const cache = path.join(data, 'cache');
  const github = (now: Policy) => ({
    root,
    apiUrl: settings.github.apiUrl,
    token: () => secret('github'),
    repository: now.forge?.repository,
  });
  let named: { readonly repository: string | undefined } | undefined;
  /** As it was read last: a policy that cannot be read just now neither stops a way back nor sends it elsewhere. */
  async function repository(): Promise<string | undefined> {
    try {
      named = { repository: (await policy()).forge?.repository };
    } catch (error) {
      if (named === undefined || !isHumanError(error)) throw error;
    }
    return named.repository;
  }
  return {
    async ci() {
      const now = await policy();
      const id = now.ci?.provider ?? ((await options.forgeId()) === 'github' ? 'github-actions' : 'local');
      const { jobs, required } = now.ci ?? {};
      return entryOf(ci, id, 'checks').create({
        ...github(now),
        dataFolder: path.join(data, 'checks'),
        cache,
        npm,
        clock,
        mayRun,
        ...(jobs === undefined ? {} : { jobs }),
        ...(required === undefined ? {} : { required }),
      });
    },
    builder: entryOf(builders, 'command', 'builder').create({ root, clock, npm, cache, timeoutSeconds: buildSeconds, mayRun }),
    async registry() {
      const id = (await policy()).build?.registry ?? 'local';
      return entryOf(registries, id, 'registry').create({ folder: path.join(data, 'artifacts') });
    },
    async approvals() {
      const now = await policy();
      const id = now.approval?.provider ?? ((await options.forgeId()) === 'github' ? 'github' : 'local');
      return entryOf(approvals, id, 'approvals').create({ ...github(now), log, identity });
    },
    signOffs: entryOf(approvals, 'local', 'approvals').create({ ...github({}), log, identity }),
    rollout: (id) =>
      entryOf(rollouts, id, 'rollout').create({
        ...github({}),
        repository,
        mayRun,
        // The local registry's addresses are files; what lies elsewhere the team's command fetches by its digest.
        artifactFile: ({ artifact }) =>
          Promise.resolve(artifact.uri.startsWith('file:') ? fileURLToPath(artifact.uri) : undefined),
      }),
    monitor: (id) => entryOf(monitors, id, 'monitor').create({ secret }),
    leases: createFileLeases(path.join(data, 'leases'), options.say),
    async repositoryUri() {
      const { exitCode, stdout } = await runGit(['config', '--get', 'remote.origin.url'], { cwd: root, exitCodes: [0, 1, 128] });
      return exitCode === 0 ? stdout.trim() : undefined;
    },
  };
}

/** An unknown id is an error, never a default. */
function entryOf<T>(entries: Readonly<Record<string, T>>, id: string, what: string): T {
  const entry = Object.hasOwn(entries, id) ? entries[id] : undefined;
  if (entry === undefined)
    throw new HumanError(
      `There is no ${what} provider “${id}”. Known: ${Object.keys(entries).join(', ')}. Look at .patchline.json.`,
    );
  return entry;
}
