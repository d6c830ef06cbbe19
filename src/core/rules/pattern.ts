import { calleeOf } from '../syntax/navigate';
import type { SyntaxLanguage, SyntaxNode, SyntaxParser } from '../syntax/syntaxTree';

/**
 * A pattern in ast-grep's text form: code in which `$NAME` stands for any one node, `$$$NAME` for any number of siblings, `$_` for
 * a node that needs no name. The same name twice must match the same text.
 */
export interface Pattern {
  readonly text: string;
  readonly root: PatternNode;
}

type PatternNode =
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'many'; readonly name: string }
  | { readonly kind: 'leaf'; readonly type: string; readonly text: string }
  | { readonly kind: 'inner'; readonly type: string; readonly children: readonly PatternNode[] };

/** What the metavariables stand for: one node, or a run of siblings. */
export interface Match {
  readonly node: SyntaxNode;
  readonly one: Readonly<Record<string, SyntaxNode>>;
  readonly many: Readonly<Record<string, readonly SyntaxNode[]>>;
}

/** Reads a pattern by the grammar it will be matched with. @throws Error when the pattern is not one expression or statement. */
export async function compilePattern(text: string, language: SyntaxLanguage, parser: SyntaxParser): Promise<Pattern> {
  const tree = await parser.parse(text, language);
  try {
    const [statement, ...others] = tree.root.namedChildren;
    if (statement === undefined || others.length > 0 || tree.root.hasError)
      throw new Error(`The pattern ${text} is not one piece of code.`);
    const whole =
      statement.type === 'expression_statement' && !text.trimEnd().endsWith(';') ? statement.namedChildren[0] : statement;
    return { text, root: copy(whole ?? statement) };
  } finally {
    tree.dispose();
  }
}

/** The type of node a pattern can match; undefined where any can. */
export function rootType(pattern: Pattern): string | undefined {
  return pattern.root.kind === 'inner' || pattern.root.kind === 'leaf' ? pattern.root.type : undefined;
}

/** Holds a pattern against exactly this node; undefined when it does not match. */
export function matchPattern(pattern: Pattern, node: SyntaxNode): Match | undefined {
  const match = { node, one: {}, many: {} };
  return fits(pattern.root, node, match) ? match : undefined;
}

function copy(node: SyntaxNode): PatternNode {
  const variable = /^(\$\$\$|\$)([A-Z_][A-Z0-9_]*)$/.exec(node.text);
  if (variable !== null) return { kind: variable[1] === '$' ? 'one' : 'many', name: variable[2] ?? '_' };
  const children = significant(node);
  // A string is compared by its content: which quotes it stands in does not matter.
  if (children.length === 0 || node.type === 'string') return { kind: 'leaf', type: node.type, text: leafText(node) };
  return { kind: 'inner', type: node.type, children: children.map(copy) };
}

/** Children that carry meaning: no comments, no commas or semicolons, no type arguments of TypeScript calls. */
function significant(node: SyntaxNode): readonly SyntaxNode[] {
  const children = node.children.filter((child) => !/^(comment|,|;|type_arguments)$/.test(child.type));
  if (node.type !== 'call_expression' || children.length === node.children.length) return children;
  // Only a call with type arguments can hold an `await` that belongs in front of it.
  const callee = calleeOf(node);
  return callee === null ? children : [callee, ...children.slice(1)];
}

function leafText(node: SyntaxNode): string {
  return node.type === 'string' ? node.text.slice(1, -1) : node.text;
}

type Bindings = { readonly one: Record<string, SyntaxNode>; readonly many: Record<string, readonly SyntaxNode[]> };

function fits(pattern: PatternNode, node: SyntaxNode, bindings: Bindings): boolean {
  switch (pattern.kind) {
    case 'one': {
      if (!node.isNamed) return false;
      const before = bindings.one[pattern.name];
      if (before !== undefined && pattern.name !== '_') return before.text === node.text;
      bindings.one[pattern.name] = node;
      return true;
    }
    case 'many':
      bindings.many[pattern.name] = [node];
      return true;
    case 'leaf':
      return node.type === pattern.type && leafText(node) === pattern.text;
    case 'inner':
      return node.type === pattern.type && fitsAll(pattern.children, significant(node), bindings);
  }
}

function fitsAll(patterns: readonly PatternNode[], nodes: readonly SyntaxNode[], bindings: Bindings): boolean {
  const [pattern, ...rest] = patterns;
  if (pattern === undefined) return nodes.length === 0;
  if (pattern.kind !== 'many') {
    const [node, ...others] = nodes;
    return node !== undefined && fits(pattern, node, bindings) && fitsAll(rest, others, bindings);
  }
  // The fewest first: patterns have few siblings, and what follows `$$$` is mostly a bracket.
  for (let length = 0; length <= nodes.length; length++) {
    const taken = nodes.slice(0, length);
    if (taken.some((node) => !node.isNamed)) return false;
    const attempt: Bindings = { one: { ...bindings.one }, many: { ...bindings.many } };
    if (!fitsAll(rest, nodes.slice(length), attempt)) continue;
    Object.assign(bindings.one, attempt.one);
    Object.assign(bindings.many, attempt.many, { [pattern.name]: taken });
    return true;
  }
  return false;
}
