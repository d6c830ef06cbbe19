/** An object out of JSON.parse whose members nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or undefined when it is anything else (null and arrays too). */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The value as an array; an empty one when it is anything else, since SARIF takes absent, null and [] alike. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : none;
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value as a whole number of at least `minimum`; undefined otherwise (SARIF writes -1 for "no index"). */
export function asInteger(value: unknown, minimum: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum ? value : undefined;
}

/** A member under a name that comes from the report itself: never one inherited from Object.prototype. */
export function ownMember(object: JsonObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Deepest level and most values of a property bag that are kept, so that hostile nesting cannot exhaust a later walk. */
const deepest = 8;
const mostValues = 2000;

/** A copy that is safe to keep and to serialise: bounded in depth and size, without `__proto__` keys. */
export function boundedCopy(value: unknown): unknown {
  let left = mostValues;
  const copy = (from: unknown, depth: number): unknown => {
    if (typeof from !== 'object' || from === null) return from;
    if (depth >= deepest) return '…';
    const kept: Record<string, unknown> = {};
    const list: unknown[] = [];
    for (const [key, member] of Object.entries(from)) {
      if (left-- <= 0) break;
      if (Array.isArray(from)) list.push(copy(member, depth + 1));
      else if (key !== '__proto__') kept[key] = copy(member, depth + 1);
    }
    return Array.isArray(from) ? list : kept;
  };
  return copy(value, 0);
}

const none: readonly unknown[] = Object.freeze([]);
