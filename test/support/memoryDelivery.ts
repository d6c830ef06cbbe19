import type { DeliveryPorts } from '../../src/core/deliveryPorts';
import { HumanError, VendorError } from '../../src/core/errors';
import { sha256Hex } from '../../src/core/log/digest';
import type { Approval } from '../../src/core/model/approval';
import type { CheckState } from '../../src/core/model/ci';
import type { TestCoverage } from '../../src/core/model/testReport';
import { judgeChecks } from '../../src/core/ci/judgeChecks';
import type { Approvals, Provider, SourceControl } from '../../src/core/ports';

/** The second half's world in memory: what it is told, and what it saw. */
export interface DeliveryWorld {
  check: CheckState;
  /** JUnit of the head and of the base. */
  junit: { head: string; base: string };
  /** Which code the head's tests ran; undefined: it was not measured. */
  coverage: TestCoverage | undefined;
  /** Percent that production sends to the new version. */
  weight: number;
  /** Keys of everything that was told to the rollout provider. */
  readonly acts: string[];
  /** Errors of a hundred requests of the new version. */
  errors: number;
  /** True: the rollout provider refuses. */
  broken: boolean;
  /** Seconds that somebody else takes for what the rollout provider was told. */
  takesSeconds: number;
  /** True: the metrics cannot be asked. */
  blind: boolean;
  /** Percent of the traffic from which on the metrics give no data. */
  silentAt: number | undefined;
  /** True: checks cannot be read. */
  unreachable: boolean;
  readonly approvals: Approval[];
  /** Members of the teams that can be read, by `@org/team`. */
  readonly teams: Record<string, readonly string[]>;
  builds: number;
  reruns: number;
  /** What the registry keeps, by digest. */
  readonly blobs: Map<string, Uint8Array>;
  /** Who holds the watch, where it is not us. */
  watchedBy: string | undefined;
}

const provider = (id: string): Provider => ({ id, displayName: id, url: 'https://example.org', capabilities: [] });

export function junitOf(cases: Readonly<Record<string, boolean>>): string {
  const items = Object.entries(cases).map(
    ([name, ok]) => `<testcase name="${name}" classname="t">${ok ? '' : '<failure message="no"/>'}</testcase>`,
  );
  return `<testsuites><testsuite name="t">${items.join('')}</testsuite></testsuites>`;
}

export function memoryDelivery(
  now: () => number,
  sourceControl: SourceControl,
): { readonly delivery: DeliveryWorld; readonly ports: DeliveryPorts } {
  const world: DeliveryWorld = {
    check: 'successful',
    junit: { head: junitOf({ works: true, 'bad is not called': true }), base: junitOf({ works: true }) },
    coverage: undefined,
    weight: 0,
    acts: [],
    errors: 0,
    broken: false,
    takesSeconds: 0,
    blind: false,
    silentAt: undefined,
    unreachable: false,
    approvals: [],
    teams: {},
    builds: 0,
    reruns: 0,
    blobs: new Map(),
    watchedBy: undefined,
  };
  const signOffs: Approvals = {
    ...provider('local'),
    read: () => Promise.resolve([...world.approvals]),
    teamMembers: (team) => Promise.resolve(world.teams[team]),
    approve(_change, approval) {
      world.approvals.push({ ...approval, at: new Date(now()).toISOString() });
      return Promise.resolve();
    },
  };
  /** Who holds the other leases. */
  const holders = new Map<string, string | undefined>();
  const tokens = new Map<string, symbol>();
  const holderOf = (name: string): string | undefined => (name === 'watch' ? world.watchedBy : holders.get(name));
  const setHolder = (name: string, by: string | undefined): void => {
    if (name === 'watch') world.watchedBy = by;
    else holders.set(name, by);
  };
  return {
    delivery: world,
    ports: {
      ci: () =>
        Promise.resolve({
          ...provider('local'),
          read(change) {
            if (world.unreachable) return Promise.reject(new VendorError('ci', 'no answer', { retryable: true }));
            const checks = [
              { id: 'test', name: 'test', kind: 'job', state: world.check, attempt: 1 + world.reruns, hasLog: true },
            ] as const;
            const readAt = new Date(now()).toISOString();
            return Promise.resolve({ provider: 'local', commit: change.headCommit, checks, readAt, ...judgeChecks(checks, []) });
          },
          rerunFailed() {
            world.reruns += 1;
            world.check = 'successful';
            return Promise.resolve();
          },
          log: () => Promise.resolve('the log'),
          testDocuments: (_change, side) => Promise.resolve([{ name: 'junit.xml', text: world.junit[side] }]),
          coverage: () => Promise.resolve(world.coverage),
          cancel: () => Promise.resolve(),
        }),
      builder: {
        async build(commit) {
          world.builds += 1;
          const tree = await sourceControl.tree(commit);
          if (tree === undefined) throw new HumanError(`there is no commit ${commit}`);
          return {
            name: 'orders',
            version: '1.0.0',
            mediaType: 'application/gzip',
            bytes: new TextEncoder().encode(`packed ${tree}`),
            command: ['npm', 'pack'],
            tree,
            dependencies: [],
            builder: { id: 'memory', version: {} },
            startedOn: new Date(now()).toISOString(),
            finishedOn: new Date(now()).toISOString(),
            reproducibility: { verdict: 'reproducible', differences: [] },
            log: 'built',
          };
        },
      },
      registry: () =>
        Promise.resolve({
          ...provider('local'),
          store({ bytes }) {
            world.blobs.set(sha256Hex(bytes), bytes);
            return Promise.resolve({ uri: `memory:${sha256Hex(bytes)}` });
          },
          fetch: ({ digest }) => Promise.resolve(world.blobs.get(digest.sha256)),
        }),
      approvals: () => Promise.resolve(signOffs),
      signOffs,
      rollout: () => ({
        ...provider('command'),
        problems: () => Promise.resolve([]),
        act(_plan, _service, action, { key, retry, underWay }) {
          if (world.broken) return Promise.reject(new VendorError('command', 'it refused', { retryable: true }));
          if (underWay === undefined) world.acts.push(`${key}${retry ? ' again' : ''}`);
          const seconds = underWay?.seconds ?? 0;
          if (seconds >= 600) return Promise.reject(new HumanError('No workflow answered within 600 s.'));
          if (seconds < world.takesSeconds)
            return Promise.resolve({
              summary: 'the workflow is at it',
              underWay: { ref: underWay?.ref ?? key, askAgainSeconds: 5 },
            });
          if (action.kind !== 'rehearse')
            world.weight = action.kind === 'step' ? action.weight : action.kind === 'promote' ? 100 : 0;
          return Promise.resolve({ summary: 'done' });
        },
        observe: () => Promise.resolve({ weight: world.weight }),
      }),
      monitor: () => ({
        ...provider('scrape'),
        sample: (_metric, source) =>
          world.blind
            ? Promise.reject(new VendorError('scrape', 'no answer', { retryable: true }))
            : Promise.resolve(
                world.weight >= (world.silentAt ?? 101)
                  ? undefined
                  : { kind: 'ratio', events: source['side'] === 'new' ? world.errors : 2, total: 100, cumulative: false },
              ),
      }),
      leases: {
        take(name) {
          if (holderOf(name) !== undefined) return Promise.resolve(undefined);
          setHolder(name, 'us');
          const token = Symbol(name);
          tokens.set(name, token);
          const isHeld = (): boolean => holderOf(name) === 'us' && tokens.get(name) === token;
          return Promise.resolve({
            isHeld: () => Promise.resolve(isHeld()),
            release() {
              if (isHeld()) setHolder(name, undefined);
              return Promise.resolve();
            },
          });
        },
        holder: (name) => Promise.resolve(holderOf(name)),
      },
      repositoryUri: () => Promise.resolve(undefined),
    },
  };
}
