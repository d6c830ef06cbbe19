import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolveMessage, withoutLinks } from '../../../../src/core/sarif/message';
import { copyTitle } from '../../../../src/core/sarif/stream/titleBytes';
import { titleOf } from '../../../../src/core/sarif/text';

/** The inside of a JSON string, with the quote that closes it, copied behind some bytes that were there already. */
function copy(json: Buffer): { readonly ended: number; readonly text: string } {
  const into = new Uint8Array(json.length + 10);
  const view = new DataView(json.buffer, json.byteOffset, json.length);
  const ended = copyTitle(json, view, 1, json.length - 1, into, new DataView(into.buffer), 10);
  return { ended, text: Buffer.from(into.subarray(10, Math.abs(ended))).toString('utf8') };
}

const inside = (text: string): Buffer => Buffer.from(JSON.stringify(text), 'utf8');
const longWay = (text: string): string => titleOf(withoutLinks(resolveMessage({ text }, []) ?? ''));

describe('copyTitle', () => {
  it('says that it is done only where the long way gives the same', () => {
    const units = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.integer({ min: 0x80, max: 0x3200 }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0xcf00, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('a', ' ', '  ', '[x](1)', '](', '"', '\\', '\n', '\t', '\u007f', 'é', '漢', '–'),
    );
    let done = 0;
    fc.assert(
      fc.property(
        fc.array(units, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
        (text) => {
          fc.pre(text !== '' && text.isWellFormed());
          const { ended, text: copied } = copy(inside(text));
          // An escape by number is for somebody else.
          if (ended === 0) return /\\u/.test(JSON.stringify(text));
          if (ended > 0) done++;
          return ended > 0 ? copied === longWay(text) : copied === text;
        },
      ),
      { numRuns: 3000 },
    );
    assert.ok(done > 100, `${done} were done`);
  });

  for (const text of [
    'plain',
    'geprüft, größer als zulässig – ✓',
    'Ελληνικά и русский',
    '漢字かな한국어',
    'a “quoted” word',
    'say \\"it\\"',
  ]) {
    it(`takes ${text} as it is`, () => {
      const { ended, text: copied } = copy(Buffer.from(`"${text}"`));
      assert.ok(ended > 0);
      assert.equal(copied, text.replaceAll('\\"', '"'));
    });
  }

  for (const [what, text] of Object.entries({
    'an override of direction': 'a\u202eb',
    'a zero width space': 'a\u200bb',
    'a soft hyphen': 'a\u00adb',
    'an ideographic space': 'a\u3000b',
    'an emoji': 'a😀',
    'a private character': 'a\ue000',
    'a blank at the end': 'a ',
    'a link': '[a](1)',
  })) {
    it(`leaves ${what} to the long way`, () => assert.ok(copy(inside(text)).ended < 0));
  }

  it('takes no bytes that are no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6, min: 0x70 }), (bytes) => {
        const json = Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]);
        const { ended, text } = copy(json);
        return ended <= 0 || Buffer.from(text).equals(Buffer.from(bytes));
      }),
      { numRuns: 3000 },
    );
  });
});
