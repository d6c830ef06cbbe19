/** Time, which core has none of itself. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Lets whatever else this thread has to do go first; absent where nothing else waits for it. */
  nextTurn?(): Promise<void>;
}
