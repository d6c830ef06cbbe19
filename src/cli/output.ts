import { cleanText } from '../core/findings/cleanText';

/** Items of a list that are turned into text at a time: a million findings as one string would not fit into memory. */
const batch = 1000;

/**
 * A value as one JSON document, in pieces. Lists, alone or as a member of the outermost object, come in batches. DEL and the
 * C1 controls are escaped as well, which JSON does not ask for: a terminal may take them for the start of a sequence.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* list(value);
  else if (typeof value === 'object' && value !== null) {
    let separator = '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${separator}${json(key)}:`;
      if (Array.isArray(member)) yield* list(member);
      else yield json(member);
      separator = ',';
    }
    yield separator === '{' ? '{}' : '}';
  } else yield json(value ?? null);
  yield '\n';
}

function* list(items: readonly unknown[]): Generator<string> {
  for (let start = 0; start < items.length; start += batch) {
    const inner = json(items.slice(start, start + batch)).slice(1, -1);
    yield `${start === 0 ? '[' : ','}${inner}`;
  }
  yield items.length === 0 ? '[]' : ']';
}

function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One line whatever a report, a path or an error put into it: no control characters, line breaks shown. */
export function plainLine(text: string): string {
  return cleanText(text).trimEnd().replace(/\n/g, ' ⏎ ').replace(/\t/g, ' ');
}

/** A text of many lines as a terminal may show it. What goes into a file or a pipe stays byte for byte. */
export function plainText(text: string): string {
  return cleanText(text, Number.MAX_SAFE_INTEGER);
}

/** `1 finding`, `2 findings`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
