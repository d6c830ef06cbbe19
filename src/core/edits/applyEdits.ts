import { HumanError } from '../errors';
import type { TextEdit } from '../model/patch';

/**
 * The edits in the order of the text. Two insertions at the same place keep the order in which they were given; an insertion
 * at the start of a replacement comes before it.
 * @throws HumanError when an edit lies outside the text, is not a range of whole numbers, or overlaps another.
 */
export function sortEdits(text: string, edits: readonly TextEdit[]): readonly TextEdit[] {
  for (const { start, end } of edits) {
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > text.length)
      throw new HumanError(
        `An edit asks for characters ${start} to ${end} of a text of ${text.length}; it was made for another text.`,
      );
  }
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let last = 0;
  for (const { start, end } of sorted) {
    if (start < last) throw new HumanError(`Two edits overlap at character ${start}; only one of them can be made.`);
    last = end;
  }
  return sorted;
}

/**
 * The text with all edits made. Offsets are UTF-16 code units in `text`; the edits may stand in any order.
 * @throws HumanError when edits overlap or lie outside the text.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of sortEdits(text, edits)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
