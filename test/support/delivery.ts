import type { Delivery, DeliveryState } from '../../src/core/delivery';
import { HumanError } from '../../src/core/errors';
import type { Reading } from '../../src/core/model/analysis';
import type { ServicePolicy } from '../../src/core/model/policy';
import type { RecordedRolloutEvent, RolloutEvent, RolloutPlan, RolloutState } from '../../src/core/model/rollout';

/** The instant at which the states of this file are looked at. */
export const deliveryNow = Date.UTC(2026, 0, 10, 14, 5);
const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 10, 13, 50) + minutes * 60_000).toISOString();

export function makePlan(overrides: Partial<RolloutPlan> = {}): RolloutPlan {
  return {
    run: 'run-1',
    attempt: 1,
    service: 'orders',
    environment: 'production',
    provider: 'command',
    strategy: 'canary',
    steps: [10, 50, 100].map((weight, index) => ({
      index,
      name: `canary ${weight} %`,
      weight,
      bakeSeconds: 600,
      pause: index === 1,
    })),
    artifact: {
      name: 'orders-1.0.1.tgz',
      uri: 'file:///made-up/orders-1.0.1.tgz',
      sha256: 'a'.repeat(64),
      commit: 'c'.repeat(40),
    },
    metrics: [
      {
        name: 'error-rate',
        kind: 'ratio',
        provider: 'scrape',
        canary: {},
        baseline: {},
        threshold: { max: 0.05 },
      },
      { name: 'latency', title: 'Latency p95 (s)', kind: 'value', provider: 'prometheus', canary: {}, threshold: { max: 0.8 } },
      { name: 'health', title: 'Health', kind: 'probe', provider: 'scrape', canary: {} },
    ],
    lookSeconds: 60,
    warmUpSeconds: 30,
    watchSeconds: 1800,
    wayBack: 'npm run rollback',
    ...overrides,
  };
}

const serviceOf = ({ service, provider, metrics }: RolloutPlan): ServicePolicy => ({
  name: service,
  provider,
  strategy: { kind: 'rolling', batches: 3, bakeSeconds: 600 },
  metrics,
});

/** Ten looks, a minute apart; the canary's errors grow. */
export function makeReadings(): readonly Reading[] {
  return Array.from({ length: 10 }, (_, look): readonly Reading[] => {
    const window = { step: 1, at: at(5 + look), from: at(4 + look) };
    const ratio = (events: number) => ({ kind: 'ratio', events, total: 200, cumulative: false }) as const;
    return [
      { metric: 'error-rate', ...window, canary: ratio(2 + look), baseline: ratio(2 + (look % 3)) },
      { metric: 'latency', ...window, canary: { kind: 'value', value: 0.3 + look * 0.02 } },
      { metric: 'health', ...window, canary: { kind: 'probe', ok: look !== 6 } },
    ];
  }).flat();
}

export function makeEvents(...events: readonly RolloutEvent[]): readonly RecordedRolloutEvent[] {
  return events.map((what, n) => ({
    at: at(n),
    by: 'Ada Lovelace',
    entry: { chain: 'c0ffee00', n: 20 + n, hash: '0'.repeat(64) },
    what,
  }));
}

/** A canary in its second of three steps, healthy, five minutes into ten of bake time. */
export function makeRollout(overrides: Partial<RolloutState> = {}): RolloutState {
  const plan = overrides.plan ?? makePlan();
  return {
    plan,
    service: serviceOf(plan),
    phase: 'progressing',
    step: 1,
    weight: 50,
    stepSince: at(10),
    startedAt: at(0),
    failedTries: 0,
    promoted: false,
    readings: makeReadings(),
    verdicts: [
      {
        metric: 'error-rate',
        step: 1,
        phase: 'successful',
        message: '11 of 200 requests failed (5.5 %), baseline 2 of 200 (1.0 %)',
        canary: 0.055,
        baseline: 0.01,
      },
    ],
    lastLookAt: at(14),
    events: makeEvents(
      { event: 'planned', plan, policy: serviceOf(plan) },
      { event: 'intent', action: { kind: 'step', step: 0, weight: 10 }, key: 'k1' },
      { event: 'done', action: { kind: 'step', step: 0, weight: 10 }, key: 'k1', summary: 'weight is 10' },
    ),
    ...overrides,
  };
}

export const makeBreach = (): RolloutState =>
  makeRollout({
    phase: 'rolled-back',
    weight: 0,
    endedAt: at(15),
    breach: { metric: 'error-rate', step: 1, phase: 'failed', message: '24 of 200 requests failed (12.0 %), at most 5 %' },
    reason: 'error-rate breached',
  });

/** A run behind its pull request, in the middle of its rollout, with everything there is to show. */
export function makeDelivery(overrides: Partial<DeliveryState> = {}): DeliveryState {
  const review = { kind: 'person', source: 'demo', state: 'approved', diffHash: 'd'.repeat(64), at: at(-60) } as const;
  return {
    findingId: 'pl-0000000000000001',
    run: 'run-1',
    pullRequest: {
      forge: 'local',
      number: 7,
      url: 'https://example.org/pull/7',
      branch: 'patchline/ping',
      base: 'main',
      headCommit: 'b'.repeat(40),
      title: 'Stop command injection in ping',
      state: 'merged',
    },
    ci: {
      provider: 'local',
      commit: 'b'.repeat(40),
      checks: [
        {
          id: 'job-lint',
          name: 'lint',
          kind: 'job',
          state: 'successful',
          attempt: 1,
          hasLog: true,
          startedAt: at(-90),
          completedAt: at(-89),
        },
        {
          id: 'job-test',
          name: 'test',
          kind: 'job',
          state: 'failed',
          attempt: 2,
          required: true,
          hasLog: true,
          startedAt: at(-90),
          completedAt: at(-88),
          url: 'https://example.org/checks/2',
          summary: '1 of 24 tests failed',
        },
        {
          id: 'job-scan',
          name: 'scan',
          kind: 'job',
          state: 'running',
          attempt: 1,
          required: true,
          hasLog: true,
          startedAt: at(13),
        },
      ],
      missing: ['licence'],
      readAt: at(14),
      outcome: 'failed',
    },
    artifact: {
      name: 'orders-service',
      version: '1.0.1',
      mediaType: 'application/gzip',
      size: 24_130,
      digest: { sha256: 'a'.repeat(64) },
      registry: 'local-registry',
      uri: 'orders-service/1.0.1',
      commit: 'c'.repeat(40),
      tree: 'e'.repeat(40),
      reproducibility: { verdict: 'different', differences: ['package/build.txt: the time of the build'] },
      provenance: { name: 'provenance.json', mediaType: 'application/vnd.in-toto+json', digest: { sha256: 'f'.repeat(64) } },
    },
    tests: {
      commit: 'b'.repeat(40),
      base: 'a'.repeat(40),
      passed: 22,
      failed: 1,
      skipped: 1,
      broken: ['names › refuses a shell'],
      fixed: ['ping › answers'],
      failingBefore: [],
      added: ['ping › runs no command'],
      lost: [],
      newlySkipped: [],
      flaky: ['orders › lists'],
      slower: [{ name: 'orders › adds', before: 0.1, after: 0.9 }],
      regression: 'passed',
      outcome: 'failed',
      summary: '22 of 24 passed; 1 test is broken by the patch.',
    },
    approval: {
      outcome: 'waiting',
      requirement: {
        risk: 'high',
        reasons: ['severity high', 'touches src/ping.js, which is sensitive'],
        people: 2,
        from: ['@acme/security'],
        byRule: false,
        solo: false,
      },
      diffHash: 'd'.repeat(64),
      counted: [{ ...review, by: 'Grace Hopper <grace@example.org>', comment: 'Read and understood.' }],
      passedOver: [
        {
          approval: { ...review, kind: 'solo', source: 'git-config', by: 'Ada Lovelace <ada@example.org>' },
          why: 'the author cannot approve their own patch',
        },
      ],
      waitsFor: ['one more person of @acme/security'],
      summary: '1 of 2 people have approved.',
    },
    rollout: makeRollout(),
    checklist: [
      { id: 'triaged', text: 'Triaged and prioritised', state: 'done' },
      { id: 'focused', text: 'The change is focused', state: 'done' },
      { id: 'tests', text: 'Automated tests are added and pass', state: 'no', detail: '1 test is broken by the patch' },
      { id: 'artifact', text: 'An artifact is built and stored', state: 'done' },
      { id: 'scans', text: 'Security and licence scans passed', state: 'not-yet', detail: 'licence has not reported' },
      { id: 'approvals', text: 'Approvals are recorded', state: 'not-yet', detail: 'one more person' },
      { id: 'rollout-plan', text: 'Rollout and rollback plan are defined', state: 'done' },
      { id: 'monitoring', text: 'Monitoring and alerts are configured', state: 'not-yet', detail: 'no metric has a threshold' },
    ],
    waitsFor: 'bake time of step 2 until 14:10',
    actions: ['rerun-checks', 'approve', 'promote', 'pause', 'abort'],
    attention: 'progressing',
    outcome: 'waiting',
    ...overrides,
  };
}

/** A Delivery in memory: states as given, a note of every call, and whatever a test puts in the place of an act. */
export class FakeDelivery implements Delivery {
  readonly calls: string[] = [];
  states: DeliveryState[] = [];
  /** What `tick` answers, one after the other; the last one for ever. */
  ticks: (Awaited<ReturnType<Delivery['tick']>> | Error)[] = [{ nextAt: undefined, held: false }];

  state = (findingId: string): DeliveryState | undefined => this.states.find((one) => one.findingId === findingId);
  active = (): readonly DeliveryState[] => this.states;
  refresh = async (findingId: string): Promise<DeliveryState> => this.note(`refresh ${findingId}`, this.require(findingId));
  rerunFailedChecks = async (findingId: string): Promise<void> => this.note(`rerun ${findingId}`, undefined);
  checkLog = async (findingId: string, checkId: string): Promise<string | undefined> =>
    this.note(`log ${findingId} ${checkId}`, undefined);
  buildArtifact: Delivery['buildArtifact'] = async () => this.refuse();
  approvers: Delivery['approvers'] = async () => [];
  approve: Delivery['approve'] = async () => this.refuse();
  startRollout: Delivery['startRollout'] = async () => this.refuse();
  promote: Delivery['promote'] = async () => this.refuse();
  pause: Delivery['pause'] = async () => this.refuse();
  resume: Delivery['resume'] = async () => this.refuse();
  rollBack: Delivery['rollBack'] = async () => this.refuse();
  rehearse: Delivery['rehearse'] = async () => this.refuse();
  tick: Delivery['tick'] = async () => {
    const answer = this.ticks.length > 1 ? this.ticks.shift() : this.ticks[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer is given');
    return this.note('tick', answer);
  };
  postMortem = async (): Promise<string> => '# Post-mortem\n';
  releaseNotes = async (): Promise<string> => '# Release notes\n';
  changelogLine = async (): Promise<string> => '- A line.\n';
  metrics: Delivery['metrics'] = async () => this.refuse();

  private require(findingId: string): DeliveryState {
    return this.state(findingId) ?? this.refuse();
  }

  private refuse(): never {
    throw new HumanError('The fake does nothing of its own.');
  }

  private note<T>(call: string, answer: T): T {
    this.calls.push(call);
    return answer;
  }
}
