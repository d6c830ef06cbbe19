import type { ReadEntry } from '../model/logEntry';
import type { RolloutState } from '../model/rollout';
import type { PatchRun } from '../model/run';
import { createRolloutsFold } from '../rollout/foldRollout';
import { createRunsFold } from './foldRuns';

/** What the log says, as runs and as rollouts. */
export interface FoldedLog {
  readonly runs: readonly PatchRun[];
  readonly rollouts: readonly RolloutState[];
}

/**
 * Folds one log again and again: where what was folded last still stands at its beginning, only what was appended is folded,
 * else all of it. It is told by the entries themselves being the same objects, which is how a reader gives what it has not read
 * anew; so the answer is always that of folding everything, and only its cost differs.
 */
export function createLogFold(): (entries: readonly ReadEntry[]) => FoldedLog {
  let known: readonly ReadEntry[] = [];
  let runs = createRunsFold();
  let rollouts = createRolloutsFold();
  let folded: FoldedLog = { runs: [], rollouts: [] };
  return (entries) => {
    const goesOn = known.length <= entries.length && known.every((entry, index) => entries[index] === entry);
    if (!goesOn) [known, runs, rollouts] = [[], createRunsFold(), createRolloutsFold()];
    if (goesOn && known.length === entries.length) return folded;
    for (let index = known.length; index < entries.length; index++) {
      const entry = entries[index];
      if (entry === undefined) continue;
      runs.add(entry);
      rollouts.add(entry);
    }
    // A copy where the caller could go on changing its own list; the entries themselves are readonly.
    known = [...entries];
    folded = { runs: runs.runs(), rollouts: rollouts.rollouts() };
    return folded;
  };
}
