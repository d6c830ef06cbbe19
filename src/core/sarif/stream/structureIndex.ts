import { structureWasm } from './structureWasm';

/**
 * Finds the structure of JSON text: positions of every quote that opens or closes a string and of every bracket and brace
 * outside of strings, in order. A closing quote whose string holds a backslash or a byte above 127 is marked (`special`):
 * only then do the bytes have to be decoded rather than copied.
 */
export interface StructureIndex {
  /** Positions in the indexed bytes, until the next call; for a special string's closing quote with the sign bit set. */
  readonly tokens: Int32Array;
  /**
   * Indexes `bytes` from `from` (which must lie outside of any string) to `to` into `tokens` and gives the number of tokens.
   * What stands open at `to` is simply not closed.
   */
  index(bytes: Uint8Array, from: number, to: number): number;
}

/** The position of a token without its mark. */
export const positionMask = 0x7fffffff;

/** The fast index in WebAssembly with SIMD where the engine has it, else the one in JavaScript; both give the same. */
export function createStructureIndex(): StructureIndex {
  const module = compile();
  return module === undefined ? new PlainStructureIndex() : new WasmStructureIndex(module);
}

const quote = 34;
const backslash = 92;

abstract class GrowingIndex implements StructureIndex {
  tokens: Int32Array = new Int32Array(0);

  abstract index(bytes: Uint8Array, from: number, to: number): number;

  protected reserve(count: number): void {
    if (count <= this.tokens.length) return;
    const larger = new Int32Array(Math.max(count, 2 * this.tokens.length, 64 * 1024));
    larger.set(this.tokens);
    this.tokens = larger;
  }
}

/** The index in JavaScript: what structure.wat does, byte by byte. */
export class PlainStructureIndex extends GrowingIndex {
  index(bytes: Uint8Array, from: number, to: number): number {
    // A token a byte at most; a block at a time, so that the room is asked for once a block.
    let count = 0;
    let inside = false;
    let special = false;
    let i = from;
    while (i < to) {
      const blockEnd = Math.min(to, i + 16 * 1024);
      this.reserve(count + blockEnd - i);
      const { tokens } = this;
      for (; i < blockEnd; i++) {
        const byte = bytes[i] as number;
        if (byte === quote) {
          tokens[count++] = inside && special ? i | ~positionMask : i;
          inside = !inside;
          special = false;
        } else if (byte === backslash) {
          special = true;
          // Outside of strings a backslash is no JSON; it takes a quote's meaning all the same, as it does in the other index.
          const next = bytes[i + 1];
          if (next === quote || next === backslash) i++;
        } else if (inside) {
          if (byte > 127) special = true;
        } else {
          const folded = byte | 32;
          if (folded === 123 || folded === 125) tokens[count++] = i;
        }
      }
    }
    return count;
  }
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  reset(): void;
  index(length: number, base: number, out: number): number;
}

/** Bytes that one call of the module takes: its input, 64 bytes of padding and room for a token a byte fit its memory. */
const piece = 256 * 1024;
const output = piece + 64;

/** The index in WebAssembly. The bytes are copied in, which costs a tenth of what the indexing costs. */
export class WasmStructureIndex extends GrowingIndex {
  /** Room of our own for what takes more than one call; else the tokens are left where the module writes them. */
  private own: Int32Array = new Int32Array(0);
  private readonly exports: Exports;
  private readonly input: Uint8Array;
  private readonly output: Int32Array;

  constructor(module: WebAssembly.Module) {
    super();
    this.exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    this.input = new Uint8Array(this.exports.memory.buffer, 0, piece + 64);
    this.output = new Int32Array(this.exports.memory.buffer, output, piece);
  }

  index(bytes: Uint8Array, from: number, to: number): number {
    this.exports.reset();
    if (to - from <= piece) {
      this.tokens = this.output;
      return from < to ? this.indexPiece(bytes, from, to) : 0;
    }
    this.tokens = this.own;
    let count = 0;
    for (let at = from; at < to; at += piece) {
      const found = this.indexPiece(bytes, at, Math.min(to, at + piece));
      this.reserve(count + found);
      this.tokens.set(this.output.subarray(0, found), count);
      count += found;
    }
    this.own = this.tokens;
    return count;
  }

  private indexPiece(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    this.input.set(bytes.subarray(from, to));
    this.input.fill(0, length, length + 64);
    return this.exports.index(length, from, output);
  }
}

let compiled: WebAssembly.Module | null | undefined;

/** The compiled module, once; undefined where WebAssembly or its SIMD is missing or forbidden. */
export function compile(): WebAssembly.Module | undefined {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(Uint8Array.from(atob(structureWasm), (c) => c.charCodeAt(0)));
    } catch {
      compiled = null;
    }
  }
  return compiled ?? undefined;
}
