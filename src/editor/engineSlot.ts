import { CancelledError } from '../core/errors';
import type { Patchline } from '../core/patchline';

/** Holds one engine: opened on first use, retired when another is to take its place, ended at the end. */
export class EngineSlot {
  private opening: Promise<Patchline> | undefined;
  private engine: Patchline | undefined;
  /** Counts replacements, so that an engine that was still opening knows it is no longer wanted. */
  private generation = 0;
  private ended = false;

  /**
   * @param open - opens what is wanted now
   * @param changed - told of every engine that is there, and of none
   * @param failed - told when an engine could not be retired
   */
  constructor(
    private readonly open: () => Promise<Patchline>,
    private readonly changed: (engine: Patchline | undefined) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  opened(): Patchline | undefined {
    return this.engine;
  }

  /** @throws CancelledError when all has ended. */
  get(): Promise<Patchline> {
    if (this.ended) return Promise.reject(new CancelledError());
    this.opening ??= this.start(this.generation);
    return this.opening;
  }

  private async start(generation: number): Promise<Patchline> {
    try {
      const engine = await this.open();
      if (generation !== this.generation) {
        // Replaced while it was being opened (another folder, trust granted): nobody may use this one.
        await (this.ended ? engine.dispose() : engine.retire());
        return await this.get();
      }
      this.engine = engine;
      this.changed(engine);
      return engine;
    } catch (error) {
      if (generation === this.generation) this.opening = undefined;
      throw error;
    }
  }

  /** The next use opens a new engine, by what is wanted then. What the old one was asked for goes on to its end. */
  replace(): void {
    this.empty()?.retire().catch(this.failed);
  }

  /** Ends the engine, and with it all work; resolves when every process is gone, those of replaced engines among them. */
  async close(): Promise<void> {
    this.ended = true;
    await this.empty()?.dispose();
  }

  private empty(): Patchline | undefined {
    this.generation += 1;
    const { engine } = this;
    this.engine = undefined;
    this.opening = undefined;
    this.changed(undefined);
    return engine;
  }
}
