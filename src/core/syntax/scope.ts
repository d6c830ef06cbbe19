import { isFunction, upwards } from './navigate';
import type { SyntaxNode } from './syntaxTree';

/** Where a name is bound. */
export interface Declaration {
  readonly name: string;
  readonly kind: 'import' | 'const' | 'let' | 'var' | 'parameter' | 'other';
  /** The identifier in the declaration. */
  readonly nameNode: SyntaxNode;
  /** variable_declarator, import_statement, parameter, function or class declaration, catch_clause. */
  readonly node: SyntaxNode;
  readonly scope: SyntaxNode;
}

const bindingIdentifiers = ['identifier', 'shorthand_property_identifier_pattern', 'type_identifier'];
const scopeTypes = /^(program|statement_block|switch_body|for_statement|for_in_statement|catch_clause|class_static_block)$/;

/** What an identifier stands for, by JavaScript's scopes; undefined for globals. */
export function resolveName(identifier: SyntaxNode): Declaration | undefined {
  const names = resolved.get(identifier.tree) ?? new Map<number, Declaration | undefined>();
  resolved.set(identifier.tree, names);
  if (!names.has(identifier.id)) names.set(identifier.id, lookUp(identifier));
  return names.get(identifier.id);
}

const resolved = new WeakMap<object, Map<number, Declaration | undefined>>();

function lookUp(identifier: SyntaxNode): Declaration | undefined {
  const name = identifier.text;
  for (const scope of upwards(identifier)) {
    if (!isFunction(scope) && !scopeTypes.test(scope.type)) continue;
    const found = declarationsIn(scope).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const known = new WeakMap<object, Map<number, ReadonlyMap<string, Declaration>>>();

/** Names that a scope binds; read once for each scope of a tree. */
function declarationsIn(scope: SyntaxNode): ReadonlyMap<string, Declaration> {
  const scopes = known.get(scope.tree) ?? new Map<number, ReadonlyMap<string, Declaration>>();
  known.set(scope.tree, scopes);
  const before = scopes.get(scope.id);
  if (before !== undefined) return before;
  const names = new Map<string, Declaration>();
  for (const declaration of collect(scope)) if (!names.has(declaration.name)) names.set(declaration.name, declaration);
  scopes.set(scope.id, names);
  return names;
}

function* collect(scope: SyntaxNode): Generator<Declaration> {
  if (isFunction(scope)) {
    yield* parameters(scope);
    const name = scope.type === 'function_expression' ? scope.childForFieldName('name') : null;
    if (name !== null) yield { name: name.text, kind: 'other', nameNode: name, node: scope, scope };
    const body = scope.childForFieldName('body');
    if (body !== null) yield* hoisted(body, scope);
    return;
  }
  if (scope.type === 'catch_clause') {
    const parameter = scope.childForFieldName('parameter');
    if (parameter !== null) yield* bound(parameter, 'parameter', scope, scope);
    return;
  }
  if (scope.type === 'for_in_statement') {
    const kind = scope.childForFieldName('kind')?.text;
    const left = scope.childForFieldName('left');
    if (left !== null && (kind === 'const' || kind === 'let')) yield* bound(left, 'let', scope, scope);
    return;
  }
  const statements =
    scope.type === 'switch_body' ? scope.namedChildren.flatMap((child) => child.namedChildren) : scope.namedChildren;
  for (const statement of statements) {
    const inner = statement.type === 'export_statement' ? statement.childForFieldName('declaration') : statement;
    if (inner === null) continue;
    if (inner.type === 'import_statement') yield* imported(inner, scope);
    else if (inner.type === 'lexical_declaration') yield* declared(inner, scope);
    else if (/^(generator_)?function_declaration$|^(abstract_)?class_declaration$|^enum_declaration$/.test(inner.type)) {
      const name = inner.childForFieldName('name');
      if (name !== null) yield { name: name.text, kind: 'other', nameNode: name, node: inner, scope };
    }
  }
  if (scope.type === 'program') yield* hoisted(scope, scope);
}

function* declared(declaration: SyntaxNode, scope: SyntaxNode): Generator<Declaration> {
  const word = declaration.children[0]?.text;
  const kind = declaration.type === 'variable_declaration' ? 'var' : word === 'const' ? 'const' : 'let';
  for (const declarator of declaration.namedChildren) {
    const name = declarator.type === 'variable_declarator' ? declarator.childForFieldName('name') : null;
    if (name !== null) yield* bound(name, kind, declarator, scope);
  }
}

/** `var` belongs to the function (or the program), however deep it stands. */
function* hoisted(node: SyntaxNode, scope: SyntaxNode): Generator<Declaration> {
  for (const declaration of node.descendantsOfType('variable_declaration')) {
    const owner = [...upwards(declaration)].find(isFunction);
    if ((owner?.id ?? undefined) === (isFunction(scope) ? scope.id : undefined)) yield* declared(declaration, scope);
  }
}

function* imported(statement: SyntaxNode, scope: SyntaxNode): Generator<Declaration> {
  for (const clause of statement.namedChildren) {
    if (clause.type === 'import_require_clause') {
      const name = clause.namedChildren.find((child) => child.type === 'identifier');
      if (name !== undefined) yield { name: name.text, kind: 'import', nameNode: name, node: statement, scope };
    }
    if (clause.type !== 'import_clause') continue;
    for (const part of clause.namedChildren) {
      const names =
        part.type === 'named_imports'
          ? part.namedChildren.map((specifier) => specifier.childForFieldName('alias') ?? specifier.childForFieldName('name'))
          : [part.type === 'identifier' ? part : (part.namedChildren[0] ?? null)];
      for (const name of names)
        if (name !== null) yield { name: name.text, kind: 'import', nameNode: name, node: statement, scope };
    }
  }
}

function* parameters(fn: SyntaxNode): Generator<Declaration> {
  const single = fn.childForFieldName('parameter');
  if (single !== null) yield* bound(single, 'parameter', single, fn);
  for (const parameter of fn.childForFieldName('parameters')?.namedChildren ?? []) {
    const pattern = parameter.childForFieldName('pattern') ?? parameter;
    yield* bound(pattern, 'parameter', parameter, fn);
  }
}

/** Every name that a pattern binds; default values bind nothing. */
function* bound(pattern: SyntaxNode, kind: Declaration['kind'], node: SyntaxNode, scope: SyntaxNode): Generator<Declaration> {
  if (bindingIdentifiers.includes(pattern.type)) {
    yield { name: pattern.text, kind, nameNode: pattern, node, scope };
    return;
  }
  const inner =
    pattern.type === 'pair_pattern'
      ? [pattern.childForFieldName('value')]
      : /^(object_)?assignment_pattern$/.test(pattern.type)
        ? [pattern.childForFieldName('left')]
        : /^(object_pattern|array_pattern|rest_pattern)$/.test(pattern.type)
          ? pattern.namedChildren
          : [];
  for (const child of inner) if (child !== null) yield* bound(child, kind, node, scope);
}

/** All uses of a declared name, without the declaration itself. */
export function referencesTo(declaration: Declaration): readonly SyntaxNode[] {
  return declaration.scope
    .descendantsOfType([
      'identifier',
      'shorthand_property_identifier',
      'shorthand_property_identifier_pattern',
      'type_identifier',
    ])
    .filter(
      (node) =>
        node.text === declaration.name &&
        node.id !== declaration.nameNode.id &&
        resolveName(node)?.nameNode.id === declaration.nameNode.id,
    );
}

/** True when the name is given a value once and never again. */
export function isConstant(declaration: Declaration): boolean {
  if (declaration.kind === 'const' || declaration.kind === 'import') return true;
  return !referencesTo(declaration).some((node) => {
    const parent = node.parent;
    if (parent === null) return false;
    if (/^(assignment_expression|augmented_assignment_expression|for_in_statement)$/.test(parent.type))
      return parent.childForFieldName('left')?.id === node.id;
    return (
      parent.type === 'update_expression' || /pattern$/.test(parent.type) || node.type === 'shorthand_property_identifier_pattern'
    );
  });
}

/** The value a const is declared with: `const NAME = value`, not taken apart. */
export function initialiserOf(declaration: Declaration): SyntaxNode | undefined {
  if (declaration.node.type !== 'variable_declarator') return undefined;
  if (declaration.node.childForFieldName('name')?.id !== declaration.nameNode.id) return undefined;
  return declaration.node.childForFieldName('value') ?? undefined;
}
