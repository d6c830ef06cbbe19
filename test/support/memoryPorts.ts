import type { PatchlinePorts } from '../../src/core/patchlinePorts';
import { HumanError } from '../../src/core/errors';
import { canonicalJson } from '../../src/core/log/canonicalJson';
import type { DeliveryWorld } from './memoryDelivery';
import { memoryDelivery } from './memoryDelivery';
import type { Policy } from '../../src/core/model/policy';
import { emptyHead, sealEntry } from '../../src/core/log/chain';
import { saltedDigest, sha256Hex } from '../../src/core/log/digest';
import type { Finding } from '../../src/core/model/finding';
import type { ReadEntry } from '../../src/core/model/logEntry';
import type { Proof } from '../../src/core/model/proof';
import type { PullRequest } from '../../src/core/model/pullRequest';
import type { CommitRequest, EvidenceStore, Forge, RunLog, SourceControl } from '../../src/core/ports';
import { patchDigest, testDigest } from '../../src/core/runs/artifacts';

/** A run log in memory, sealed like the real one. */
export function memoryLog(now: () => number): RunLog & { readonly entries: ReadEntry[] } {
  const entries: ReadEntry[] = [];
  const listeners = new Set<() => void>();
  return {
    entries,
    append(request) {
      const last = entries.at(-1);
      const body = JSON.parse(canonicalJson(request.body)) as Record<string, unknown>;
      const entry = sealEntry(
        {
          chain: 'memory',
          time: new Date(now()).toISOString(),
          actor: { kind: request.actor.kind, source: request.actor.source, digest: saltedDigest('s', request.actor.identity) },
          kind: request.kind,
          body,
        },
        last === undefined ? emptyHead : { n: last.n, hash: last.hash },
      );
      entries.push({
        ...entry,
        identity: request.actor.identity,
        ...(request.private === undefined ? {} : { personal: request.private }),
      });
      for (const listener of listeners) listener();
      return Promise.resolve(entry);
    },
    read: () => Promise.resolve({ entries: [...entries], problems: [] }),
    verify: () => Promise.resolve([]),
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose: () => listeners.clear(),
  };
}

export function memoryEvidence(): EvidenceStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    put(name, mediaType, content) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const sha256 = sha256Hex(bytes);
      blobs.set(sha256, bytes);
      return Promise.resolve({ name, mediaType, digest: { sha256 } });
    },
    get: (sha256) => Promise.resolve(blobs.get(sha256)),
  };
}

const baseCommit = 'b'.repeat(40);

type Files = Readonly<Record<string, string>>;

/** Commits in memory, each the whole of its files; the first one made is `cccc…`. */
function memoryHistory(base: Files) {
  const commits = new Map<string, { readonly parents: readonly string[]; readonly files: Files; readonly subject: string }>([
    [baseCommit, { parents: [], files: base, subject: 'base' }],
  ]);
  const files = (commit: string): Files | undefined => commits.get(commit)?.files;
  const ancestors = (commit: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [commit];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(commits.get(at)?.parents ?? []));
    }
    return seen;
  };
  const changed = (from: string, to: string): readonly string[] => {
    const [a, b] = [files(from) ?? {}, files(to) ?? {}];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((path) => a[path] !== b[path]).sort();
  };
  return {
    files,
    changed,
    ancestors,
    firstParent: (commit: string): string | undefined => commits.get(commit)?.parents[0],
    /** The same request twice gives the same commit. */
    add(parents: readonly string[], edits: Readonly<Record<string, string | null>>, message: string): string {
      const kept = Object.entries({ ...files(parents[0] ?? ''), ...edits }).flatMap(([path, text]) =>
        text === null ? [] : [[path, text] as const],
      );
      const commit = { parents, files: Object.fromEntries(kept), subject: message.split('\n')[0] ?? '' };
      const known = [...commits].find(([, other]) => canonicalJson(other) === canonicalJson(commit));
      const id = known?.[0] ?? (commits.size === 1 ? 'c'.repeat(40) : sha256Hex(canonicalJson(commit)).slice(0, 40));
      commits.set(id, commit);
      return id;
    },
    subjects(from: string, to: string): readonly { readonly commit: string; readonly subject: string }[] {
      const known = ancestors(from);
      return [...commits]
        .filter(([commit]) => ancestors(to).has(commit) && !known.has(commit))
        .map(([commit, { subject }]) => ({ commit, subject }))
        .reverse();
    },
  };
}

/** A forge in memory that merges for real: the base branch moves, and what contradicts it is refused. */
function memoryForge(pullRequests: PullRequest[], history: ReturnType<typeof memoryHistory>): Forge {
  const existing = (number: number): PullRequest => {
    const found = pullRequests[number - 1];
    if (found === undefined) throw new HumanError(`There is no pull request ${number}.`);
    return found;
  };
  const merges = new Map<number, string>();
  const tipOf = (base: string): string =>
    [...merges].filter(([number]) => existing(number).base === base).at(-1)?.[1] ?? baseCommit;
  return {
    id: 'memory',
    displayName: 'Memory',
    url: 'https://example.org',
    capabilities: [],
    openPullRequest(request) {
      const at = pullRequests.findIndex((pull) => pull.branch === request.branch && pull.state === 'open');
      const number = at < 0 ? pullRequests.length + 1 : at + 1;
      const pullRequest: PullRequest = {
        ...request,
        forge: 'memory',
        number,
        url: `https://example.org/${number}`,
        state: 'open',
      };
      pullRequests[number - 1] = pullRequest;
      return Promise.resolve({ pullRequest, created: at < 0 });
    },
    readPullRequest: (number) => Promise.resolve(pullRequests[number - 1]),
    async merge(number, headCommit) {
      const pull = existing(number);
      if (pull.headCommit !== headCommit) throw new HumanError(`Pull request ${number} stands at another commit.`);
      if (pull.state === 'closed') throw new HumanError(`Pull request ${number} is closed.`);
      const known = merges.get(number);
      if (known !== undefined) return { mergeCommit: known };
      const tip = tipOf(pull.base);
      const theirs = new Set(history.changed(pull.baseCommit, tip));
      const mine = history.changed(pull.baseCommit, headCommit);
      // The same change on both sides is none that contradicts, as git has it.
      const same = (path: string): boolean => history.files(tip)?.[path] === history.files(headCommit)?.[path];
      const conflict = mine.find((path) => theirs.has(path) && !same(path));
      if (conflict !== undefined) throw new HumanError(`Pull request ${number} conflicts in ${conflict}.`);
      const edits = Object.fromEntries(mine.map((path) => [path, history.files(headCommit)?.[path] ?? null]));
      const mergeCommit = history.add([tip, headCommit], edits, `Merge pull request ${number} from ${pull.branch}`);
      merges.set(number, mergeCommit);
      pullRequests[number - 1] = { ...pull, state: 'merged' };
      return { mergeCommit };
    },
    async close(number) {
      const pull = existing(number);
      if (pull.state === 'merged') throw new HumanError(`Pull request ${number} is merged already.`);
      pullRequests[number - 1] = { ...pull, state: 'closed' };
    },
    branchHead(branch) {
      const pull = pullRequests.findLast((each) => each.branch === branch);
      const isBase = branch === 'main' || pullRequests.some((each) => each.base === branch);
      return Promise.resolve(pull?.headCommit ?? (isBase ? tipOf(branch) : undefined));
    },
  };
}

export interface World {
  policy: Policy;
  /** The second half. */
  readonly delivery: DeliveryWorld;
  readonly ports: PatchlinePorts;
  readonly entries: readonly ReadEntry[];
  readonly commits: readonly CommitRequest[];
  readonly pullRequests: readonly PullRequest[];
  findings: readonly Finding[];
  complete: boolean;
  mayRun: boolean;
  proofOutcome: Proof['outcome'];
  now: number;
  /** The workspace, by path. */
  readonly files: Map<string, string>;
  /** What the test writer read of the file with the finding. */
  plannedFrom: string | undefined;
  /** The test's own path, where the writer saw that it was taken. */
  taken: readonly string[];
}

/** Ports in memory that behave: one fixer that replaces `bad` by `good`, a test writer, a prover that says what it is told. */
export function memoryWorld(file = 'src/ping.js', text = 'bad();\n'): World {
  const commits: CommitRequest[] = [];
  const pullRequests: PullRequest[] = [];
  const history = memoryHistory({ [file]: text });
  const log = memoryLog(() => world.now++);
  const sourceControl: SourceControl = {
    head: () => Promise.resolve({ commit: baseCommit, branch: 'main' }),
    commit(request) {
      commits.push(request);
      return Promise.resolve({ commit: history.add([request.baseCommit], request.files, request.message) });
    },
    show: (commit, path) => Promise.resolve(history.files(commit)?.[path]),
    tree: (commit) => {
      const files = history.files(commit);
      return Promise.resolve(files === undefined ? undefined : sha256Hex(canonicalJson(files)).slice(0, 40));
    },
    firstParent: (commit) => Promise.resolve(history.firstParent(commit)),
    changedPaths: (from, to) => Promise.resolve(history.changed(from, to)),
    subjects: (from, to, limit) => Promise.resolve(history.subjects(from, to).slice(0, limit)),
    dirty: () => Promise.resolve([]),
  };
  const forge = memoryForge(pullRequests, history);
  const delivered = memoryDelivery(() => world.now, sourceControl);
  const world: World = {
    delivery: delivered.delivery,
    policy: {},
    entries: log.entries,
    commits,
    pullRequests,
    findings: [],
    complete: true,
    mayRun: true,
    proofOutcome: 'successful',
    now: Date.UTC(2026, 0, 1),
    files: new Map([[file, text]]),
    plannedFrom: undefined,
    taken: [],
    ports: {
      workspace: {
        root: '/w',
        read: () => Promise.resolve(undefined),
        readText: (path) => Promise.resolve(world.files.get(path)),
        list: () => Promise.resolve([]),
      },
      reports: {
        discover: () => Promise.resolve([{ name: 'reports/eslint.sarif', size: 1 }]),
        keep: (report) => Promise.resolve(report),
        detail: (finding) => Promise.resolve({ ...finding, description: 'the whole of it' }),
        read: (files) =>
          Promise.resolve({
            reports: files.map(({ name }) => ({
              name,
              report: {
                format: 'sarif',
                scanner: 'ESLint',
                findings: world.findings,
                rejected: [],
                results: world.findings.length,
                notes: [],
                complete: world.complete,
              },
            })),
            rejected: [],
          }),
      },
      policy: () => Promise.resolve(world.policy),
      owners: () => Promise.resolve(() => ['@acme/core']),
      fixers: [
        {
          id: 'memory',
          displayName: 'Memory',
          url: 'https://example.org',
          capabilities: [],
          trust: 'rule',
          accepts: () => true,
          propose: (finding) =>
            Promise.resolve(
              finding.ruleId === 'hopeless'
                ? { findingId: finding.id, noFix: 'it is hopeless' }
                : {
                    findingId: finding.id,
                    fixer: 'memory',
                    trust: 'rule',
                    title: 'Call good instead of bad',
                    reason: 'bad is bad.',
                    changes: [
                      {
                        path: file,
                        before: text,
                        after: text.replace('bad', 'good'),
                        edits: [{ start: 0, end: 3, text: 'good' }],
                      },
                    ],
                    notes: [],
                  },
            ),
        },
      ],
      testWriter: {
        async write(finding, context) {
          world.plannedFrom = await context.workspace.readText(file);
          const path = 'test/ping.test.js';
          world.taken = (await context.workspace.readText(path)) === undefined ? [] : [path];
          return {
            findingId: finding.id,
            framework: 'node-test',
            path: 'test/ping.test.js',
            text: "it('bad is not called', () => {});\n",
            command: ['node', '--test', 'test/ping.test.js'],
            strength: 'behaviour',
            expectedFailure: 'Patchline',
            claim: 'bad is not called',
          };
        },
      },
      prover: {
        prove: (finding, patch, test) =>
          Promise.resolve({
            findingId: finding.id,
            patchDigest: patchDigest(patch),
            testDigest: testDigest(test),
            base: 'b'.repeat(40),
            outcome: world.proofOutcome,
            weaker: false,
            checks: [
              { id: 'red', title: 'Red without the fix', outcome: world.proofOutcome, detail: 'seen', evidence: [], duration: 1 },
            ],
          }),
      },
      sourceControl,
      forge: () => Promise.resolve(forge),
      ...delivered.ports,
      log,
      evidence: memoryEvidence(),
      identity: { current: () => Promise.resolve({ kind: 'person', identity: 'Ada <ada@example.org>', source: 'git-config' }) },
      clock: { now: () => world.now },
      mayRun: () => world.mayRun,
      dispose: () => Promise.resolve(),
    },
  };
  return world;
}
