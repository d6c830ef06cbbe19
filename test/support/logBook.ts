import type { ReadEntry } from '../../src/core/model/logEntry';
import type { ServicePolicy } from '../../src/core/model/policy';
import type { RolloutEvent } from '../../src/core/model/rollout';
import type { Stage } from '../../src/core/model/stage';
import type { Outcome } from '../../src/core/model/outcome';
import { makeTriaged } from './findings';
import { makePlan } from './delivery';

/** Entries of one chain as a reader gives them, with times as they are told; not sealed, since folds do not look at hashes. */
export class LogBook {
  readonly entries: ReadEntry[] = [];

  constructor(readonly chain = 'c0ffee00') {}

  add(time: string, kind: string, body: Readonly<Record<string, unknown>>, identity = 'Ada'): this {
    const n = this.entries.length + 1;
    const hash = `${this.chain}-${n}`;
    this.entries.push({
      v: 1,
      chain: this.chain,
      n,
      prev: `${this.chain}-${n - 1}`,
      time,
      actor: { kind: identity === 'patchline' ? 'system' : 'person', source: 'test', digest: 'd' },
      kind,
      body,
      hash,
      identity,
    });
    return this;
  }

  begin(time: string, run: string, detectedAt: string, finding: Parameters<typeof makeTriaged>[0] = {}): this {
    const triaged = makeTriaged({ id: run.replace(/-\d+$/, ''), ...finding });
    return this.add(time, 'run.started', { run, finding: { ...triaged, triage: { ...triaged.triage, detectedAt } } });
  }

  step(
    time: string,
    run: string,
    stage: Stage,
    name: string,
    outcome: Outcome = 'successful',
    data?: Readonly<Record<string, unknown>>,
  ): this {
    const body = {
      run,
      stage,
      name,
      attempt: 1,
      outcome,
      summary: `${name}.`,
      evidence: [],
      ...(data === undefined ? {} : { data }),
    };
    return this.add(time, 'step', body);
  }

  rollout(time: string, run: string, service: string, event: RolloutEvent | 'planned', identity = 'patchline'): this {
    const plan = makePlan({ run, service });
    const policy: ServicePolicy = {
      name: service,
      provider: 'command',
      strategy: { kind: 'rolling', batches: 1, bakeSeconds: 0 },
      metrics: [],
    };
    const told: RolloutEvent = event === 'planned' ? { event: 'planned', plan, policy } : event;
    return this.add(time, 'rollout', { run, attempt: 1, service, ...told }, identity);
  }
}
