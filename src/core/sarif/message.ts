import { asArray, asObject, asString, ownMember } from './json';
import type { JsonObject } from './json';
import { cleanText } from '../findings/cleanText';

/**
 * The plain text of a message (SARIF 2.1.0 §3.11): its own `text`, else the string that `id` names, looked up in the rule's
 * `messageStrings` and then in the component's `globalMessageStrings` (§3.11.7), with `{n}` replaced by `arguments[n]`
 * (§3.11.5). Undefined when the message says nothing that can be resolved.
 */
export function resolveMessage(message: unknown, strings: readonly (JsonObject | undefined)[]): string | undefined {
  const object = asObject(message);
  if (object === undefined) return undefined;
  const own = asString(object['text']) ?? asString(object['markdown']);
  const text = own ?? lookUp(asString(object['id']), strings);
  if (text === undefined || text === '') return undefined;
  // Producers that pass no arguments rarely double their braces, so such text is taken as it stands.
  const filled = own !== undefined && object['arguments'] === undefined ? text : fill(text, asArray(object['arguments']));
  return cleanText(filled);
}

/** A multiformatMessageString (§3.12): plain text wanted, Markdown where there is no other. */
export function messageString(value: unknown): string | undefined {
  const object = asObject(value);
  const text = asString(object?.['text']) ?? asString(object?.['markdown']);
  return text === undefined || text === '' ? undefined : cleanText(text);
}

/** Embedded links (§3.11.6) reduced to their text: `[here](1)` → `here`. Titles are shown where no link can be followed. */
export function withoutLinks(text: string): string {
  if (!text.includes('](')) return text;
  return text.replace(/\[((?:[^[\]\\]|\\.){0,500})\]\([^()\s]{0,2000}\)/g, (_, label: string) =>
    label.replace(/\\([[\]\\])/g, '$1'),
  );
}

function lookUp(id: string | undefined, strings: readonly (JsonObject | undefined)[]): string | undefined {
  if (id === undefined) return undefined;
  for (const table of strings) {
    const entry = asObject(ownMember(table, id));
    const text = asString(entry?.['text']) ?? asString(entry?.['markdown']);
    if (text !== undefined) return text;
  }
  return undefined;
}

function fill(text: string, args: readonly unknown[]): string {
  return text.replace(/\{\{|\}\}|\{(\d{1,4})\}/g, (match, index: string | undefined) => {
    if (index === undefined) return match.charAt(0);
    const argument = args[Number(index)];
    return typeof argument === 'string' ? argument : match;
  });
}
