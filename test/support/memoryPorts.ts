import type { PatchlinePorts } from '../../src/core/createPatchline';
import { emptyHead, sealEntry } from '../../src/core/log/chain';
import { saltedDigest, sha256Hex } from '../../src/core/log/digest';
import type { Finding } from '../../src/core/model/finding';
import type { ReadEntry } from '../../src/core/model/logEntry';
import type { Proof } from '../../src/core/model/proof';
import type { PullRequest } from '../../src/core/model/pullRequest';
import type { CommitRequest, EvidenceStore, RunLog } from '../../src/core/ports';
import { patchDigest, testDigest } from '../../src/core/runs/artifacts';

/** A run log in memory, sealed like the real one. */
export function memoryLog(now: () => number): RunLog & { readonly entries: ReadEntry[] } {
  const entries: ReadEntry[] = [];
  const listeners = new Set<() => void>();
  return {
    entries,
    append(request) {
      const last = entries.at(-1);
      const body = JSON.parse(JSON.stringify(request.body)) as Record<string, unknown>;
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

export interface World {
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
  const log = memoryLog(() => world.now++);
  const world: World = {
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
      policy: () => Promise.resolve({}),
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
            text: 'test\n',
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
      sourceControl: {
        head: () => Promise.resolve({ commit: 'b'.repeat(40), branch: 'main' }),
        commit(request) {
          commits.push(request);
          return Promise.resolve({ commit: 'c'.repeat(40) });
        },
        show: (_commit, path) => Promise.resolve(path === file ? text : undefined),
        dirty: () => Promise.resolve([]),
      },
      forge: () =>
        Promise.resolve({
          id: 'memory',
          displayName: 'Memory',
          url: 'https://example.org',
          capabilities: [],
          openPullRequest(request) {
            const known = pullRequests.find((pull) => pull.branch === request.branch);
            const pullRequest: PullRequest = known ?? {
              ...request,
              forge: 'memory',
              number: pullRequests.length + 1,
              url: 'https://example.org/1',
              state: 'open',
            };
            if (known === undefined) pullRequests.push(pullRequest);
            return Promise.resolve({ pullRequest, created: known === undefined });
          },
          readPullRequest: (number) => Promise.resolve(pullRequests[number - 1]),
        }),
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
