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
  if (text !== undefined || depth > 4) return text;
  if (node.type === 'identifier') {
    const declaration = resolveName(node);
    const value = declaration?.kind === 'const' ? initialiserOf(declaration) : undefined;
    return value === undefined ? undefined : constantValue(value, depth + 1);
  }
  const parts = isPutTogether(node) ? stringParts(node) : undefined;
  const values = parts?.map((part) => (part.kind === 'text' ? part.value : part.constant));
  return values?.every((value) => value !== undefined) ? values.join('') : undefined;
}

/** True for a template with substitutions and for a sum that holds a string. */
export function isPutTogether(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  if (node.type === 'template_string') return node.namedChildren.some((child) => child.type === 'template_substitution');
  return node.type === 'binary_expression' && stringParts(node).some((part) => part.kind === 'text');
}

/**
 * The pieces of a string expression in order. A sum is taken apart from its first string on; what stands to the left of it may
 * be a sum of numbers and stays one expression.
 */
export function stringParts(expression: SyntaxNode): readonly StringPart[] {
  const node = unwrap(expression);
  if (node.type === 'string')
    return node.text.length === 2 ? [emptyText(node)] : [textPart(node, node.startIndex + 1, node.endIndex - 1)];
  if (node.type === 'template_string') return templateParts(node);
  if (node.type === 'binary_expression' && node.childForFieldName('operator')?.text === '+') {
    const left = node.childForFieldName('left');
    const right = node.childForFieldName('right');
    if (left !== null && right !== null) {
      const before = stringParts(left);
      const after = isString(right) ? stringParts(right) : [expressionPart(right)];
      if (before.some((part) => part.kind === 'text') || isString(right)) return [...before, ...after];
    }
  }
  return [expressionPart(node)];
}

function isString(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  return node.type === 'string' || node.type === 'template_string' || isPutTogether(node);
}

function emptyText(node: SyntaxNode): StringPart {
  return { kind: 'text', value: '', literal: node, start: node.startIndex + 1, end: node.endIndex - 1 };
}

function textPart(literal: SyntaxNode, start: number, end: number): StringPart {
  const raw = literal.text.slice(start - literal.startIndex, end - literal.startIndex);
  return { kind: 'text', value: unescape(raw), literal, start, end };
}

function expressionPart(node: SyntaxNode, place: SyntaxNode = node): StringPart {
  const constant = constantValue(node);
  return {
    kind: 'expression',
    node,
    start: place.startIndex,
    end: place.endIndex,
    ...(constant === undefined ? {} : { constant }),
  };
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
