import type { Delivery } from '../../core/delivery';
import type { RecordedRolloutEvent } from '../../core/model/rollout';
import { rolloutsOf } from './attention';
import { needsWatch } from './needsWatch';

/** What the loop is given of the editor; a test gives a clock of its own. */
export interface WatchWorld {
  /** Opens the engine where it is not open. */
  delivery(): Promise<Delivery>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs the work after so many milliseconds; returns what calls it off. */
  later(ms: number, work: () => void): () => void;
  /** The person looks at this window. */
  focused(): boolean;
  /** How many steps the log holds of all runs: what another window or the terminal did beside the rollouts is among them. */
  steps(): number;
  /** The workspace is trusted. */
  mayRun(): boolean;
  failed(error: unknown): void;
}

export interface WatchLoop {
  /** Looks now (once at start-up, after the log changed, when the window gets the focus), and goes on as long as needed. */
  wake(): void;
  /** The log changed, perhaps by the loop's own doing: looks again only where somebody else wrote what may be due now. */
  changed(): void;
  stop(): void;
}

/** Never more often than this, whatever the engine says. */
const leastMs = 250;
/** Never longer than this without a look while a rollout is under way. */
const mostMs = 5 * 60_000;
/** After a look that failed, doubled with each further one. */
const failedMs = 5000;

/**
 * The one timer behind `Delivery.tick`. An active rollout is looked at whether or not the window has the focus; checks and
 * approvals only while it has; with nothing under way nothing is polled at all.
 */
export function createWatchLoop(world: WatchWorld): WatchLoop {
  let cancel: (() => void) | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  let failures = 0;
  /** What was under way after the last look, and all that was told of it. */
  let seen = '';

  function wake(): void {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    cancel?.();
    cancel = undefined;
    running = true;
    void look()
      .then(
        (delay) => {
          failures = 0;
          return delay;
        },
        (error: unknown) => {
          failures += 1;
          world.failed(error);
          return Math.min(failedMs * 2 ** (failures - 1), mostMs);
        },
      )
      .then((delay) => {
        running = false;
        if (stopped) return;
        if (again) {
          again = false;
          wake();
        } else if (delay !== undefined) cancel = world.later(delay, wake);
      });
  }

  /** One look. @returns milliseconds until the next; undefined when nothing is to be polled. */
  async function look(): Promise<number | undefined> {
    if (!world.mayRun()) return undefined;
    const delivery = await world.delivery();
    const focused = world.focused();
    const said = wordsOf(delivery);
    const { nextAt } = await delivery.tick(focused ? {} : { rolloutsOnly: true });
    seen = signature(delivery, world.steps());
    // What somebody said meanwhile may have come too late for this look, and nobody tells of it any more.
    if (wordsOf(delivery) !== said) again = true;
    if (nextAt === undefined) return undefined;
    const urgent = delivery.active().some(needsWatch);
    if (!urgent && !focused) return undefined;
    return Math.min(Math.max(nextAt - world.now(), leastMs), mostMs);
  }

  return {
    wake,
    changed() {
      if (running || stopped) return;
      void world.delivery().then((delivery) => {
        if (signature(delivery, world.steps()) !== seen) wake();
      }, world.failed);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

/** What is under way and all that was told of it: what a look of its own brought is in it once the look has ended. */
function signature(delivery: Delivery, steps: number): string {
  return JSON.stringify([
    steps,
    ...delivery
      .active()
      .map((state) => [
        state.findingId,
        state.run,
        state.actions,
        rolloutsOf(state).map(({ phase, step, events }) => [phase, step, events.length]),
      ]),
  ]);
}

/** How often people said something about what is under way; no look does. */
function wordsOf(delivery: Delivery): number {
  const isWord = ({ what }: RecordedRolloutEvent): boolean =>
    what.event === 'resumed' || what.event === 'promoted' || ('byPerson' in what && what.byPerson);
  return delivery
    .active()
    .flatMap(rolloutsOf)
    .reduce((sum, { events }) => sum + events.filter(isWord).length, 0);
}
