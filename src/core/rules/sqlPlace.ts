import type { SqlDriver } from './sqlDrivers';

/**
 * Why a placeholder may not stand between two pieces of SQL; undefined where it may: as an operand, a pattern, a value of VALUES or
 * a function's argument. Placeholders stand for values, never for names, keywords or lists (SQL:2016, "dynamic parameter").
 * @param before the statement up to the place, strings and values blanked out
 * @param after what follows it
 */
export function placeError(before: string, after: string, driver: Pick<SqlDriver, 'bindsLimit'>): string | undefined {
  if (!/^($|\s|[),;]|[-+*/<>=|]|::)/.test(after)) return 'it is only a part of a word in the statement';
  const text = before.replace(/\s+$/, '');
  if (/\b(order|group|partition)\s+by\b[^()]*$/i.test(text))
    return 'the order or grouping comes from an expression, and placeholders stand for values only';
  if (/(=|<|>|\+|-|\|\||~~?\*?)$/.test(text) || /\b(like|ilike|glob|match|regexp|rlike|between|then|else)$/i.test(text))
    return undefined;
  if (/\bbetween\s+\S+\s+and$/i.test(text)) return undefined;
  if (/\b(limit|offset)$/i.test(text))
    return driver.bindsLimit ? undefined : 'the driver takes only numbers for LIMIT and OFFSET, and this may be text';
  if (/[(,]$/.test(text)) return listError(text);
  if (/\b(from|join|into|update|table|use|describe|truncate|only)$/i.test(text))
    return 'a table name comes from an expression, and placeholders stand for values only';
  if (/[.]$/.test(text)) return 'a name comes from an expression, and placeholders stand for values only';
  return 'a name, a keyword or a whole condition comes from an expression, and placeholders stand for values only';
}

/** The same for a place behind an opening bracket or a comma. */
function listError(text: string): string | undefined {
  const opening = openBracket(text);
  if (opening === undefined) return 'a name in a list comes from an expression, and placeholders stand for values only';
  const head = text.slice(0, opening).replace(/\s+$/, '');
  if (/\bin$/i.test(head)) return 'a list of values is put into IN (…), and each of them would need a placeholder';
  if (/\bvalues$/i.test(head) || /\bvalues\b[^]*\)\s*,$/i.test(head)) return undefined;
  if (/(=|<|>|\+|-)$/.test(head)) return undefined;
  if (/\b(into|table|index|on|join|from|key|references|as)\s+[\w."`]+$/i.test(head))
    return 'the names of columns come from an expression, and placeholders stand for values only';
  const word = /([a-z_]\w*)$/i.exec(head)?.[1]?.toLowerCase();
  return word !== undefined && !/^(select|where|and|or|not|exists|any|all|some|on|having|by|over|using|set|with|as)$/.test(word)
    ? undefined
    : 'a whole condition comes from an expression, and placeholders stand for values only';
}

/** Offset of the innermost bracket that is still open. */
function openBracket(text: string): number | undefined {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text.charAt(at);
    if (character === ')') depth++;
    else if (character === '(' && depth-- === 0) return at;
  }
  return undefined;
}
