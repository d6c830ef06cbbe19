import assert from 'node:assert/strict';
import { isCancelled } from '../../src/core/errors';
import type { Patchline } from '../../src/core/patchline';
import { EngineSlot } from '../../src/editor/engineSlot';
import { FakePatchline } from '../support/fakePatchline';

describe('the place of the engine', () => {
  let opened: FakePatchline[];
  let told: (Patchline | undefined)[];
  let slot: EngineSlot;
  beforeEach(() => {
    opened = [];
    told = [];
    const open = (): Promise<Patchline> => {
      const engine = new FakePatchline();
      opened.push(engine);
      return Promise.resolve(engine);
    };
    slot = new EngineSlot(
      open,
      (engine) => told.push(engine),
      (error) => assert.fail(String(error)),
    );
  });

  it('opens one engine, however often it is asked for', async () => {
    assert.equal(await slot.get(), await slot.get());
    assert.deepEqual([opened.length, told], [1, opened]);
  });

  it('replaces an engine without ending what it works on', async () => {
    const first = await slot.get();
    slot.replace();
    assert.equal(slot.opened(), undefined);
    const second = await slot.get();
    assert.deepEqual([opened[0]?.retired, opened[0]?.disposed], [true, false]);
    assert.deepEqual(told, [first, undefined, second]);
  });

  it('gives nobody an engine that was replaced while it was opening', async () => {
    const asked = slot.get();
    slot.replace();
    assert.equal(await asked, opened[1]);
    assert.deepEqual([opened[0]?.retired, opened[0]?.disposed], [true, false]);
  });

  it('ends the engine at the end', async () => {
    await slot.get();
    await slot.close();
    assert.deepEqual([opened[0]?.disposed, slot.opened()], [true, undefined]);
    // Whoever is told that it is gone and asks for the next.
    await assert.rejects(slot.get(), isCancelled);
    assert.equal(opened.length, 1);
  });

  it('opens again after opening failed', async () => {
    let fails = true;
    const again = new EngineSlot(
      () => (fails ? Promise.reject(new Error('no')) : Promise.resolve(new FakePatchline())),
      () => undefined,
      () => undefined,
    );
    await assert.rejects(again.get());
    fails = false;
    assert.ok(await again.get());
  });
});
