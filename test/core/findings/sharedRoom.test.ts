import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SharedRoom } from '../../../src/core/findings/sharedRoom';

describe('SharedRoom', () => {
  it('keeps what was copied, whatever is copied after it', () => {
    const sizes = fc.array(fc.oneof(fc.nat(40), fc.constantFrom(60_000, 140_000, 1_200_000)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, (list) => {
        const room = new SharedRoom();
        const pieces = list.flatMap((size, i) => [
          { size, value: i, piece: room.copyBytes(new Uint8Array(size).fill(i)) },
          { size: size >> 3, value: -i, piece: room.copyInts(new Int32Array(size >> 3).fill(-i)) },
          { size: size >> 4, value: i + 0.5, piece: room.copyFloats(new Float64Array(size >> 4).fill(i + 0.5)) },
        ]);
        for (const { size, value, piece } of pieces) {
          assert.equal(piece.length, size);
          assert.ok(piece.every((one) => one === value));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gives pieces that belong together from one block', () => {
    const room = new SharedRoom();
    for (let i = 0; i < 30; i++) {
      room.keepTogether(50_016);
      const texts = room.copyBytes(new Uint8Array(30_001));
      assert.equal(texts.buffer, room.copyFloats(new Float64Array(2500)).buffer);
    }
  });
});
