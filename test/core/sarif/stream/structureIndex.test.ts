import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import wabt from 'wabt';
import { compile, PlainStructureIndex, WasmStructureIndex } from '../../../../src/core/sarif/stream/structureIndex';
import type { StructureIndex } from '../../../../src/core/sarif/stream/structureIndex';
import { structureWasm } from '../../../../src/core/sarif/stream/structureWasm';

const source = path.join(import.meta.dirname, '../../../../src/core/sarif/stream/structure.wat');

function tokens(index: StructureIndex, bytes: Uint8Array, from = 0, to = bytes.length): readonly number[] {
  const count = index.index(bytes, from, to);
  return [...index.tokens.subarray(0, count)];
}

describe('structure index', () => {
  const module = compile();
  assert.ok(module !== undefined, 'this Node has no WebAssembly SIMD');
  const wasm = new WasmStructureIndex(module);
  const plain = new PlainStructureIndex();

  it('is compiled from the source beside it', async () => {
    const { parseWat } = await wabt();
    const parsed = parseWat('structure.wat', readFileSync(source, 'utf8'), { simd: true });
    parsed.resolveNames();
    parsed.validate();
    const expected = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
    assert.equal(structureWasm, expected, 'structureWasm.ts has to hold the second of these');
  });

  it('gives quotes, and brackets outside of strings; marks strings that have to be decoded', () => {
    const text = '{"a":[1,"x{y"],"é":"\\"]"}';
    const bytes = Buffer.from(text);
    const special = (position: number): number => position | (1 << 31);
    for (const index of [wasm, plain]) {
      assert.deepEqual(tokens(index, bytes), [0, 1, 3, 5, 8, 12, 13, 15, special(18), 20, special(24), 25]);
    }
  });

  it('is the same in JavaScript and in WebAssembly, for any bytes, from any place', () => {
    const byte = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(34, 92, 123, 125, 91, 93, 97, 0xc3, 32, 0) }, fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 400 }), fc.nat(70), (list, from) => {
        const bytes = Uint8Array.from(list);
        const start = Math.min(from, bytes.length);
        assert.deepEqual(tokens(wasm, bytes, start), tokens(plain, bytes, start));
      }),
      { numRuns: 1000, endOnFailure: true },
    );
  });

  it('carries strings and escapes over the pieces in which WebAssembly takes it', () => {
    const piece = 256 * 1024;
    for (const shift of [-2, -1, 0, 1, 2]) {
      const bytes = Buffer.from(`"${'x'.repeat(piece - 3 + shift)}\\"é"{}[""]`);
      assert.deepEqual(tokens(wasm, bytes), tokens(plain, bytes));
      assert.equal(tokens(wasm, bytes).length, 8);
    }
  });
});
