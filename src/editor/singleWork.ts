/** Keeps the same work from being begun twice at once. */
export class SingleWork {
  private readonly running = new Set<string>();

  /**
   * @param key - what must run only once
   * @param busy - the error for who comes second
   * @throws the error of `busy` while the same runs, and what the work throws
   */
  async run<T>(key: string, busy: () => Error, work: () => Promise<T>): Promise<T> {
    if (this.running.has(key)) throw busy();
    this.running.add(key);
    try {
      return await work();
    } finally {
      this.running.delete(key);
    }
  }
}
