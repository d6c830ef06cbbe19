import type { DeliveryHost } from './deliveryHost';

/** Thrown before a word to a provider or the log that somebody else has to say now; ends the work of this process quietly. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
  constructor() {
    super('Another process has taken this over.');
  }
}

export function isLeaseLost(error: unknown): error is LeaseLostError {
  return error instanceof Error && error.name === 'LeaseLostError';
}

/**
 * The host for work under a lease: whoever lost it (the machine slept, another process took over) says nothing more to a provider
 * and writes nothing more into the log, also not of what was begun. The new holder finds the wish there without its end, and tells
 * the provider again under the same key.
 *
 * @param isHeld - asked before each word
 */
export function heldHost(host: DeliveryHost, isHeld: () => Promise<boolean>): DeliveryHost {
  async function mayAct(): Promise<void> {
    if (!(await isHeld())) throw new LeaseLostError();
    await host.mayAct();
  }
  return {
    ...host,
    mayAct,
    async record(run, step) {
      await mayAct();
      return host.record(run, step);
    },
    async recordRollout(plan, event, actor) {
      await mayAct();
      return host.recordRollout(plan, event, actor);
    },
    async reopen(run, why) {
      await mayAct();
      return host.reopen(run, why);
    },
  };
}
