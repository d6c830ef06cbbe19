import { unwrap } from './navigate';
import { initialiserOf, resolveName } from './scope';
import type { SyntaxNode } from './syntaxTree';

/** A piece of a string that is put together: fixed text as written between its quotes, or an expression. */
export type StringPart =
  | {
      readonly kind: 'text';
      /** The text at run time. */
      readonly value: string;
      /** The string or template it is part of. */
      readonly literal: SyntaxNode;
      /** Offsets of the raw text. */
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: 'expression';
      readonly node: SyntaxNode;
      /** Offsets of what stands for the expression: with `${` and `}` in a template. */
      readonly start: number;
      readonly end: number;
      /** Its value, where it is a constant. */
      readonly constant?: string;
    };

/** Text of a string or of a template without substitutions; undefined for anything else. */
export function stringValue(expression: SyntaxNode): string | undefined {
  const node = unwrap(expression);
  if (node.type !== 'string' && node.type !== 'template_string') return undefined;
  if (node.namedChildren.some((child) => child.type === 'template_substitution')) return undefined;
  return unescape(node.text.slice(1, -1));
}

/** The value of an expression that is always the same string or number, also by way of constants. */
export function constantValue(expression: SyntaxNode, depth = 0): string | undefined {
  const node = unwrap(expression);
  if (node.type === 'number') return /^\d+(\.\d+)?$/.test(node.text) ? node.text : undefined;
  const text = stringValue(node);
  if (text !== undefined || depth > 6) return text;
  if (node.type === 'identifier') {
    const declaration = resolveName(node);
    const value = declaration?.kind === 'const' ? initialiserOf(declaration) : undefined;
    return value === undefined ? undefined : constantValue(value, depth + 1);
  }
  const values = pieces(node).map((part) => (part.kind === 'text' ? part.value : constantValue(part.node, depth + 1)));
  return isPutTogether(node) && values.every((value) => value !== undefined) ? values.join('') : undefined;
}

/** True for a template with substitutions and for a sum that holds a string. */
export function isPutTogether(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  if (node.type === 'template_string') return node.namedChildren.some((child) => child.type === 'template_substitution');
  return node.type === 'binary_expression' && pieces(node).some((part) => part.kind === 'text');
}

/**
 * The pieces of a string expression in order. A sum is taken apart from its first string on; what stands to the left of it may
 * be a sum of numbers and stays one expression.
 */
export function stringParts(expression: SyntaxNode): readonly StringPart[] {
  return pieces(expression).map((part) => {
    const constant = part.kind === 'expression' ? constantValue(part.node) : undefined;
    return constant === undefined ? part : { ...part, constant };
  });
}

const maxOperands = 64;

/** The same, without a look at which expressions are constant. */
function pieces(expression: SyntaxNode): readonly StringPart[] {
  const node = unwrap(expression);
  if (node.type === 'string') return [textPart(node, node.startIndex + 1, node.endIndex - 1)];
  if (node.type === 'template_string') return templateParts(node);
  if (node.type !== 'binary_expression') return [expressionPart(node)];
  // A long sum is a deep tree to the left, and looking up names in it takes time by its square: beyond what anybody writes by hand
  // it is left whole.
  const operands: SyntaxNode[] = [];
  let left = node;
  while (left.type === 'binary_expression' && left.childForFieldName('operator')?.text === '+') {
    const right = left.childForFieldName('right');
    const next = left.childForFieldName('left');
    if (right === null || next === null) break;
    if (operands.length === maxOperands) return [expressionPart(node)];
    operands.unshift(right);
    left = next;
  }
  if (operands.length === 0) return [expressionPart(node)];
  operands.unshift(left);
  const text = operands.findIndex(isString);
  if (text === -1) return [expressionPart(node)];
  // Up to the first string it may be a sum of numbers: that stays one expression.
  const numbers = operands[text - 1];
  const sum =
    text > 1 && numbers !== undefined && numbers.parent !== null
      ? [expressionPart(numbers.parent)]
      : operands.slice(0, text).map((one) => expressionPart(one));
  return [...sum, ...operands.slice(text).flatMap((one) => (isString(one) ? pieces(one) : [expressionPart(one)]))];
}

function isString(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  return node.type === 'string' || node.type === 'template_string' || isPutTogether(node);
}

function textPart(literal: SyntaxNode, start: number, end: number): StringPart {
  const raw = literal.text.slice(start - literal.startIndex, end - literal.startIndex);
  return { kind: 'text', value: unescape(raw), literal, start, end };
}

function expressionPart(node: SyntaxNode, place: SyntaxNode = node): StringPart {
  return { kind: 'expression', node, start: place.startIndex, end: place.endIndex };
}

function templateParts(template: SyntaxNode): readonly StringPart[] {
  const parts: StringPart[] = [];
  let at = template.startIndex + 1;
  for (const child of template.namedChildren) {
    if (child.type !== 'template_substitution') continue;
    if (child.startIndex > at) parts.push(textPart(template, at, child.startIndex));
    const inner = child.namedChildren.find((node) => node.type !== 'comment');
    if (inner !== undefined) parts.push(expressionPart(inner, child));
    at = child.endIndex;
  }
  if (template.endIndex - 1 > at || parts.length === 0) parts.push(textPart(template, at, template.endIndex - 1));
  return parts;
}

/** Source offset of each UTF-16 unit of a text part, and of its end: escapes are longer in the source than at run time. */
export function sourceOffsets(part: StringPart & { readonly kind: 'text' }): readonly number[] {
  const raw = part.literal.text.slice(part.start - part.literal.startIndex, part.end - part.literal.startIndex);
  const offsets: number[] = [];
  for (const piece of raw.matchAll(/\\u\{[0-9a-f]+\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\\r\n|\\[^]|\r\n|[^]/gi))
    for (let unit = 0; unit < unescape(piece[0]).length; unit++) offsets.push(part.start + piece.index);
  return [...offsets, part.end];
}

const simple: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0' };

/** What a string literal's raw text means (ECMAScript, "String Literals" and "Template Literal Lexical Components"). */
function unescape(raw: string): string {
  return raw
    .replace(/\r\n?/g, '\n')
    .replace(
      /\\(u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2})|\n|[^])/gi,
      (_all, escaped: string, point?: string, unit?: string, byte?: string) => {
        const code = point ?? unit ?? byte;
        if (code !== undefined) return String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff));
        return escaped === '\n' ? '' : (simple[escaped] ?? escaped);
      },
    );
}
