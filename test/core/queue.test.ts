import assert from 'node:assert/strict';
import { createQueue } from '../../src/core/queue';

describe('createQueue', () => {
  it('does one after the other, and goes on after a failure that only its own caller hears of', async () => {
    const queue = createQueue();
    const said: string[] = [];
    const work = (name: string, fails = false) =>
      queue(async () => {
        said.push(`${name} begins`);
        await new Promise((next) => setTimeout(next, 5));
        said.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const [one, two, three] = [work('one'), work('two', true), work('three')];
    assert.equal(await one, 'one');
    await assert.rejects(two, /two/);
    assert.equal(await three, 'three');
    assert.deepEqual(said, ['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
  });
});
