import { cleanText } from './cleanText';

export interface JsonBounds {
  readonly depth: number;
  /** Values in all: members and elements at every depth. */
  readonly values: number;
  /** UTF-16 code units of one text. */
  readonly text: number;
}

const defaultBounds: JsonBounds = { depth: 6, values: 400, text: 4000 };

/**
 * A copy of JSON from a report that is safe to keep, to send to another thread and to write: deeper or more than the bounds
 * is cut with `…`, texts are cleaned, and members named `__proto__` are left out. Recursion is bounded by the depth.
 */
export function boundJson(value: unknown, bounds: JsonBounds = defaultBounds): unknown {
  let left = bounds.values;
  const copy = (from: unknown, depth: number): unknown => {
    if (typeof from === 'string') return cleanText(from, bounds.text);
    if (typeof from !== 'object' || from === null) return from;
    if (depth >= bounds.depth) return '…';
    if (Array.isArray(from)) {
      const elements: unknown[] = [];
      for (const element of from) {
        if (--left < 0) return [...elements, '…'];
        elements.push(copy(element, depth + 1));
      }
      return elements;
    }
    const members: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(from)) {
      if (key === '__proto__') continue;
      if (--left < 0) return { ...members, '…': '…' };
      members[cleanText(key, 200)] = copy(member, depth + 1);
    }
    return members;
  };
  return copy(value, 0);
}
