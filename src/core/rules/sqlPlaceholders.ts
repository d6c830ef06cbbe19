import type { TextEdit } from '../model/patch';
import { sourceOffsets } from '../syntax/strings';
import type { StringPart } from '../syntax/strings';
import type { CodeStyle } from '../syntax/style';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { isNumeric } from './expressionFacts';
import type { Refusal } from './rule';
import type { SqlDriver } from './sqlDrivers';
import { placeError, rowsError } from './sqlPlace';
import { valueError } from './sqlValue';
import { quoteString, templateText } from './writeCode';

type TextPart = StringPart & { readonly kind: 'text' };
type ExpressionPart = StringPart & { readonly kind: 'expression' };

/** The statement's text with placeholders, as edits, and the values in the order of their placeholders. */
export interface Placeholders {
  readonly edits: readonly TextEdit[];
  /** Code of each value, and how many placeholders the text had before it already. */
  readonly values: readonly { readonly code: string; readonly after: number }[];
  /** Placeholders that the text had before. */
  readonly existing: number;
}

/** An SQL string that is being read: what it holds, and where it began. */
interface OpenText {
  readonly quote: string;
  readonly from: { readonly part: TextPart; readonly offset: number } | undefined;
  readonly pieces: (string | ExpressionPart)[];
}

/**
 * Puts a placeholder where each free expression stands. Quotes around an expression belong to the value: `'%${q}%'` becomes `?`
 * with the value `%${q}%`. Refuses where a placeholder may not stand: names, lists, whole conditions.
 * @param isFree false for expressions that need no placeholder: constants, numbers, what the driver escaped
 */
export function placeholders(
  parts: readonly StringPart[],
  isFree: (expression: SyntaxNode) => boolean,
  driver: SqlDriver,
  style: CodeStyle,
): Placeholders | Refusal {
  const edits: TextEdit[] = [];
  const values: { code: string; after: number }[] = [];
  const numbered = highestNumber(parts);
  let sql = '';
  let marks = 0;
  let open: OpenText | undefined;
  const mark = (): string => (driver.placeholder === '?' ? '?' : `$${numbered + values.length + 1}`);

  for (const [index, part] of parts.entries()) {
    if (part.kind === 'expression') {
      if (open !== undefined) open.pieces.push(part);
      else if (!isFree(part.node)) {
        const wrong = fixedError(part, driver);
        if (wrong !== undefined) return { because: wrong };
        sql += part.constant ?? '0';
      } else {
        const next = parts[index + 1];
        const wrong =
          listError([part]) ??
          placeError(sql, next?.kind === 'text' ? next.value : next === undefined ? '' : 'x', driver, false) ??
          valueError(part.node, '');
        if (wrong !== undefined) return { because: `${part.node.text.slice(0, 60)}: ${wrong}` };
        const previous = parts[index - 1];
        if (previous?.kind !== 'text')
          return { because: `${part.node.text.slice(0, 60)} stands where no text is in front of it` };
        const splice = replaceBetween(
          previous,
          previous.end,
          next?.kind === 'text' ? next : undefined,
          next?.start,
          part,
          mark(),
        );
        if ('because' in splice) return splice;
        edits.push(...splice.edits);
        values.push({ code: valueCode([part], style), after: marks });
        sql += '?';
      }
      continue;
    }
    const offsets = sourceOffsets(part);
    for (let at = 0; at < part.value.length; at++) {
      const character = part.value.charAt(at);
      if (open === undefined) {
        if (/^(--|\/\*|#)/.test(part.value.slice(at)) && (character !== '#' || driver.doubleQuotedText))
          return { because: 'the statement holds an SQL comment' };
        if (character === "'" || character === '"' || character === '`')
          open = { quote: character, from: { part, offset: offsets[at] ?? part.start }, pieces: [] };
        else {
          if (character === '?') marks++;
          sql += character;
        }
      } else if (character === open.quote && part.value.charAt(at + 1) === open.quote) {
        open.pieces.push(character);
        at++;
      } else if (character !== open.quote) open.pieces.push(character);
      else {
        const closed: OpenText = open;
        open = undefined;
        const free = closed.pieces.some((piece) => typeof piece !== 'string' && isFree(piece.node));
        if (closed.pieces.at(-1) === '\\' && (driver.doubleQuotedText || /\be$/i.test(sql)))
          return { because: 'the quoted text in the statement holds a backslash' };
        if (!free) {
          const wrong = quotedError(closed.pieces, driver);
          if (wrong !== undefined) return { because: wrong };
          sql += "'x'";
          continue;
        }
        if (closed.quote === '`' || (closed.quote === '"' && !driver.doubleQuotedText))
          return { because: 'a name in the statement comes from an expression, and placeholders stand for values only' };
        if (closed.pieces.includes('\\')) return { because: 'the quoted text in the statement holds a backslash' };
        const wrong =
          listError(closed.pieces) ??
          placeError(sql, part.value.slice(at + 1) || (parts[index + 1] === undefined ? '' : ' '), driver, true) ??
          closed.pieces
            .map((piece) => (typeof piece === 'string' ? undefined : valueError(piece.node, closed.quote)))
            .find((error) => error !== undefined);
        if (wrong !== undefined) return { because: wrong };
        if (closed.from === undefined) return { because: 'a quote begins in another constant' };
        const last = closed.pieces.findLast((piece) => typeof piece !== 'string');
        if (last === undefined || typeof last === 'string') return { because: 'no expression stands between the quotes' };
        const splice = replaceBetween(closed.from.part, closed.from.offset, part, offsets[at + 1] ?? part.end, last, mark());
        if ('because' in splice) return splice;
        edits.push(...splice.edits);
        values.push({ code: valueCode(closed.pieces, style), after: marks });
        sql += '?';
      }
    }
  }
  if (open !== undefined) return { because: 'a quote in the statement does not end' };
  if (driver.placeholder === '?' && /(^|[^:\w])[:@$][a-z_]\w*|\?\d/i.test(sql))
    return { because: 'the statement uses named or numbered placeholders already' };
  const wrong = wholeError(sql, driver) ?? rowsError(sql);
  if (wrong !== undefined) return { because: wrong };
  return { edits, values, existing: driver.placeholder === '?' ? marks : numbered };
}

function listError(pieces: OpenText['pieces']): string | undefined {
  return pieces.some((piece) => typeof piece !== 'string' && /\.(join|map)\(/.test(piece.node.text))
    ? 'a list is put into the statement, and each of its values would need a placeholder'
    : undefined;
}

/** What speaks against an expression that stays in the statement, outside of quotes. */
function fixedError({ node, constant }: ExpressionPart, driver: SqlDriver): string | undefined {
  const name = node.text.slice(0, 60);
  if (constant === undefined)
    return driver.marksInText && !isNumeric(node)
      ? `${name} stays in the statement, and a question mark in it would be taken for a placeholder`
      : undefined;
  const bare = constant.replace(/(['"`])[^'"`?\\$]*\1/g, '');
  return /['"`?;]|\$\d|--|\/\*/.test(bare)
    ? `${name} is a piece of SQL that would have to be read with the statement`
    : undefined;
}

/** What speaks against quoted text that stays in the statement: a driver would take a part of it for a placeholder. */
function quotedError(pieces: OpenText['pieces'], driver: SqlDriver): string | undefined {
  for (const piece of pieces)
    if (typeof piece !== 'string' && piece.constant === undefined && driver.marksInText && !isNumeric(piece.node))
      return `${piece.node.text.slice(0, 60)} stays in the statement, and a question mark in it would be taken for a placeholder`;
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : (piece.constant ?? ''))).join('');
  if (driver.marksInText && text.includes('?'))
    return `a quoted text in the statement holds a question mark, which ${driver.name} would take for a placeholder`;
  return driver.placeholder === '$' && /\$\d/.test(text)
    ? 'a quoted text in the statement looks as if it held a numbered placeholder'
    : undefined;
}

/** What speaks against the statement as a whole, its texts and values blanked out. */
function wholeError(sql: string, driver: SqlDriver): string | undefined {
  if (/;\s*\S/.test(sql)) return 'several statements at once take no values beside them';
  if (driver.placeholder === '?') return sql.includes('??') ? 'the statement has placeholders for names already' : undefined;
  return /\$(?:[a-z_]\w*)?\$/i.test(sql) ? 'the statement holds text between dollar signs' : undefined;
}

/** The highest `$n` that stands in the text. */
function highestNumber(parts: readonly StringPart[]): number {
  const text = parts.map((part) => (part.kind === 'text' ? part.value : ' ')).join('');
  return Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map((found) => Number(found[1])));
}

/**
 * Replaces what stands from `start` in one text to `end` in another (or to the end of the expression) by a placeholder. Strings
 * that are alike and on one line grow together; others stay apart, so that a statement over several lines keeps its lines.
 */
function replaceBetween(
  left: TextPart,
  start: number,
  right: TextPart | undefined,
  end: number | undefined,
  expression: ExpressionPart,
  placeholder: string,
): { readonly edits: readonly TextEdit[] } | Refusal {
  const reason = 'The value goes to the database beside the statement, never as part of its text.';
  if (right !== undefined && end !== undefined && left.literal.id === right.literal.id)
    return { edits: [{ start, end, text: placeholder, reason }] };
  const source = wholeSum(left.literal);
  const between = source.text.slice(
    left.literal.endIndex - source.start,
    (right?.literal.startIndex ?? expression.end) - source.start,
  );
  const around = between.replace(expression.node.text, '');
  if (/\/[/*]/.test(around)) return { because: 'a comment stands inside the statement' };
  if (
    left.literal.type === 'template_string' &&
    expression.start !== expression.node.startIndex &&
    expression.end < left.literal.endIndex
  )
    return { edits: [{ start, end: expression.end, text: placeholder, reason }] };
  const alike = right !== undefined && right.literal.text.charAt(0) === left.literal.text.charAt(0) && !/[\r\n]/.test(around);
  if (right !== undefined && end !== undefined && alike) return { edits: [{ start, end, text: placeholder, reason }] };
  const edits: TextEdit[] = [
    { start, end: left.literal.endIndex - 1, text: placeholder, reason },
    { start: left.literal.endIndex, end: expression.end, text: '' },
  ];
  if (right === undefined || end === undefined || end === right.start) return { edits };
  // What is left of the string behind the expression; an empty one goes with its plus sign.
  if (end >= right.literal.endIndex - 1)
    return {
      edits: [
        { ...edits[0], start, end: left.literal.endIndex - 1, text: placeholder },
        { start: left.literal.endIndex, end: right.literal.endIndex, text: '' },
      ],
    };
  return { edits: [...edits, { start: right.literal.startIndex + 1, end, text: '' }] };
}

/** Text of the whole sum that a piece is part of, and where it starts. */
function wholeSum(node: SyntaxNode): { readonly text: string; readonly start: number } {
  let at = node;
  while (at.parent?.type === 'binary_expression') at = at.parent;
  return { text: at.text, start: at.startIndex };
}

/** Code for a value: the expression alone, or put together with the text that stood around it in the quotes. */
function valueCode(pieces: readonly (string | ExpressionPart)[], style: CodeStyle): string {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined && typeof only !== 'string')
    return only.node.type === 'sequence_expression' ? `(${only.node.text})` : only.node.text;
  const joined: (string | ExpressionPart)[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  if (joined.some((piece) => typeof piece !== 'string' && piece.start !== piece.node.startIndex))
    return `\`${joined.map((piece) => (typeof piece === 'string' ? templateText(piece) : `\${${piece.node.text}}`)).join('')}\``;
  const code = joined.map((piece) => (typeof piece === 'string' ? quoteString(piece, style) : piece.node.text));
  return (joined.slice(0, 2).every((piece) => typeof piece !== 'string') ? [quoteString('', style), ...code] : code).join(' + ');
}
