import type { Clock } from './clock';

/**
 * Work on many things that may stop for a moment: whoever runs it can let something else go first. The thread that draws the editor
 * and answers its questions must not stand still for as long as a hundred thousand findings take.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Things that are worked on between two stops: a fraction of a millisecond. */
export const perStep = 250;

/** Milliseconds that a thread is kept without a break: half of what a frame of 60 in a second has. */
const longestTurn = 8;

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does it in turns of some milliseconds, between which the thread has time for everything else. */
export async function inTurns<T>(steps: Steps<T>, clock: Clock): Promise<T> {
  let until = clock.now() + longestTurn;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.nextTurn === undefined || clock.now() < until) continue;
    await clock.nextTurn();
    until = clock.now() + longestTurn;
  }
}

/** Calls back with each thing, in order. */
export function* eachStep<T>(list: Iterable<T>, act: (one: T, index: number) => void): Steps<void> {
  let index = 0;
  for (const one of list) {
    act(one, index++);
    if (index % perStep === 0) yield;
  }
}

/** Things that are sorted between two stops: a few milliseconds, since merging small pieces takes longer than sorting large ones. */
const perPiece = 8 * perStep;

/** As `Array.prototype.sort`, stable as that is, but gives another array: pieces are sorted, and then merged two at a time. */
export function* sortSteps<T>(list: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  if (list.length <= perPiece) return [...list].sort(compare);
  let from: T[] = [];
  for (let at = 0; at < list.length; at += perPiece) {
    for (const one of list.slice(at, at + perPiece).sort(compare)) from.push(one);
    yield;
  }
  let into = [...from];
  for (let width = perPiece; width < from.length; width *= 2) {
    for (let at = 0; at < from.length; at += 2 * width) {
      let left = at;
      let right = Math.min(at + width, from.length);
      const [middle, end] = [right, Math.min(at + 2 * width, from.length)];
      for (let put = at; put < end; put++) {
        const takesLeft = right >= end || (left < middle && compare(from[left] as T, from[right] as T) <= 0);
        into[put] = from[takesLeft ? left++ : right++] as T;
        if (put % perPiece === 0) yield;
      }
    }
    [from, into] = [into, from];
  }
  return from;
}
