import assert from 'node:assert/strict';
import { SingleWork } from '../../src/editor/singleWork';

describe('work that runs only once at a time', () => {
  it('refuses the second, takes others, and begins anew when the first has ended, however', async () => {
    const single = new SingleWork();
    const busy = () => new Error('busy');
    let fail: () => void = () => undefined;
    const first = single.run('a', busy, () => new Promise<void>((_, reject) => (fail = () => reject(new Error('ended')))));
    await assert.rejects(
      single.run('a', busy, () => Promise.resolve()),
      /busy/,
    );
    assert.equal(await single.run('b', busy, () => Promise.resolve(2)), 2);
    fail();
    await assert.rejects(first, /ended/);
    assert.equal(await single.run('a', busy, () => Promise.resolve(1)), 1);
  });
});
