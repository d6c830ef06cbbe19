import type { SqlDriver } from './sqlDrivers';

/**
 * Why a placeholder may not stand between two pieces of SQL; undefined where it may: as an operand, a pattern, a value of VALUES or
 * a function's argument. Placeholders stand for values, never for names, keywords or lists (SQL:2016, "dynamic parameter").
 * @param before the statement up to the place, strings and values blanked out
 * @param after what follows it
 * @param quoted the value stood in quotes there, and so is text
 */
export function placeError(
  before: string,
  after: string,
  driver: Pick<SqlDriver, 'bindsLimit'>,
  quoted: boolean,
): string | undefined {
  if (!/^($|\s|[),;]|[-+*/<>=|]|::)/.test(after)) return 'it is only a part of a word in the statement';
  const text = before.replace(/\s+$/, '');
  if (isOrder(text, quoted)) return 'the order or grouping comes from an expression, and placeholders stand for values only';
  if (!quoted && (/(\|\||~~?\*?)$/.test(text) || /\b(like|ilike|glob|match|regexp|rlike)$/i.test(text))) return unquotedText;
  if (/(=|<|>|\+|-|\|\||~~?\*?)$/.test(text) || /\b(like|ilike|glob|match|regexp|rlike|between|then|else)$/i.test(text))
    return undefined;
  if (/\bbetween\s+\S+\s+and$/i.test(text)) return undefined;
  if (/\b(limit|offset)$/i.test(text))
    return driver.bindsLimit ? undefined : 'the driver takes only numbers for LIMIT and OFFSET, and this may be text';
  if (/[(,]$/.test(text)) return listError(text, after, quoted);
  if (/\b(from|join|into|update|table|use|describe|truncate|only)$/i.test(text))
    return 'a table name comes from an expression, and placeholders stand for values only';
  if (/[.]$/.test(text)) return 'a name comes from an expression, and placeholders stand for values only';
  return 'a name, a keyword or a whole condition comes from an expression, and placeholders stand for values only';
}

const unquotedText =
  'only text may stand there, and the value has no quotes around it: it brings its own, or it is the name of a column';

/** True where what follows is sorted or grouped by; a quoted value that a function is given there is none of that. */
function isOrder(text: string, quoted: boolean): boolean {
  const open = withoutClosed(text);
  const clauses = [
    ...open.matchAll(/\b((order|group|partition)\s+by|having|limit|offset|rows|range|union|select|from|where|set|values|on)\b/gi),
  ];
  const last = clauses.at(-1);
  return last?.[2] !== undefined && !(quoted && open.slice(last.index).includes('('));
}

/** The text without the brackets that are closed again, and without what stands in them. */
function withoutClosed(text: string): string {
  const kept: string[] = [''];
  for (const piece of text.split(/([()])/)) {
    if (piece === '(') kept.push('(');
    else if (piece !== ')') kept[kept.length - 1] += piece;
    else if (kept.length > 1) kept.pop();
  }
  return kept.join('');
}

/** The same for a place behind an opening bracket or a comma. */
function listError(text: string, after: string, quoted: boolean): string | undefined {
  const opening = openBracket(text);
  if (opening === undefined) return 'a name in a list comes from an expression, and placeholders stand for values only';
  const head = text.slice(0, opening).replace(/\s+$/, '');
  if (/\bin$/i.test(head)) return 'a list of values is put into IN (…), and each of them would need a placeholder';
  const alone = !quoted && text.endsWith('(') && /^\s*\)/.test(after);
  if (/\bvalues$/i.test(head) || /\bvalues\b[^]*\)\s*,$/i.test(head))
    return alone && !/\)\s*values\b/i.test(text) ? severalValues : undefined;
  if (alone && /^\s*call\b[^()]*$/i.test(head)) return severalValues;
  if (!quoted && textOnly.test(head)) return unquotedText;
  if (/(=|<|>|\+|-)$/.test(head)) return alone ? 'a whole statement in brackets may come from the expression' : undefined;
  if (/\b(into|table|index|on|join|from|key|references|as)\s+[\w."`]+$/i.test(head))
    return 'the names of columns come from an expression, and placeholders stand for values only';
  const word = /([a-z_]\w*)$/i.exec(head)?.[1]?.toLowerCase();
  return word !== undefined && !/^(select|where|and|or|not|exists|any|all|some|on|having|by|over|using|set|with|as)$/.test(word)
    ? undefined
    : 'a whole condition comes from an expression, and placeholders stand for values only';
}

const severalValues = 'there may be several values in one expression, and each of them would need a placeholder';

/** Functions of columns and of texts: neither is a value that is written without quotes. */
const textOnly =
  /\b(count|sum|avg|min|max|total|(group|json_group)_\w+|string_agg|array_agg|jsonb?_agg|lower|upper|l?r?trim|length|char_length|substr|substring|concat(_ws)?|replace|left|right)$/i;

/**
 * Why an INSERT with placeholders cannot be right: a row of VALUES that has more or fewer of them than there are columns was filled
 * by one expression with several values.
 * @param sql the statement, strings blanked out
 */
export function rowsError(sql: string): string | undefined {
  const insert = /\b(?:insert|replace)\b[^()]*(?:\(([^()]*)\)[^()]*)?\bvalues?\s*(?=\()/i.exec(sql);
  if (insert === null) return undefined;
  let size = insert[1]?.split(',').length;
  for (let at = insert.index + insert[0].length; sql.charAt(at) === '(';) {
    let depth = 0;
    let items = 1;
    do {
      const character = sql.charAt(at++);
      if (character === '(') depth++;
      else if (character === ')') depth--;
      else if (character === ',' && depth === 1) items++;
    } while (depth > 0 && at < sql.length);
    if (size !== undefined && size !== items)
      return `columns and values do not pair off (${size} and ${items}), so one expression holds several of them`;
    size = items;
    at += /^\s*,?\s*/.exec(sql.slice(at))?.[0].length ?? 0;
  }
  return undefined;
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
