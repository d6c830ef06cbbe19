import type { SyntaxNode } from '../syntax/syntaxTree';

/** How a test gets hold of a function: by name, as the default export, or as the module itself (`module.exports = f`). */
export type ExportedAs =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'default' }
  | { readonly kind: 'module' };

export interface ModuleFacts {
  /** Local name → how it is exported. */
  readonly exports: ReadonlyMap<string, ExportedAs>;
  /** Functions and classes exported without a local name, by their node id. */
  readonly exportedFunctions: ReadonlyMap<number, ExportedAs>;
  /** Local name → what it is imported from (specifier as written). */
  readonly imports: ReadonlyMap<string, string>;
}

const functionTypes = new Set([
  'function_declaration',
  'function_expression',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
]);

/** True for every node that opens a function of its own. */
export function isFunction(node: SyntaxNode): boolean {
  return functionTypes.has(node.type);
}

/** Every node of the tree below `root`, `root` first; `enter` may refuse to go into a node. */
export function* walk(root: SyntaxNode, enter: (node: SyntaxNode) => boolean = () => true): Generator<SyntaxNode> {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node;
    if (enter(node)) stack.push(...[...node.namedChildren].reverse());
  }
}

/** The value of a plain string literal; undefined for anything that is computed. */
export function literalText(node: SyntaxNode | null | undefined): string | undefined {
  if (node?.type !== 'string' && node?.type !== 'template_string') return undefined;
  if (node.namedChildren.some((child) => child.type === 'template_substitution' || child.type === 'escape_sequence'))
    return undefined;
  return node.text.slice(1, -1);
}

/** What a module exports and imports, for CommonJS and ES modules alike, as far as it is written plainly. */
export function readModuleFacts(root: SyntaxNode): ModuleFacts {
  const exports = new Map<string, ExportedAs>();
  const exportedFunctions = new Map<number, ExportedAs>();
  const imports = new Map<string, string>();

  const add = (value: SyntaxNode | null, as: ExportedAs): void => {
    if (value === null) return;
    if (value.type === 'identifier') exports.set(value.text, as);
    else if (isFunction(value) || value.type === 'class') exportedFunctions.set(value.id, as);
  };

  const addObject = (object: SyntaxNode): void => {
    for (const member of object.namedChildren) {
      if (member.type === 'shorthand_property_identifier') exports.set(member.text, { kind: 'named', name: member.text });
      const key = member.childForFieldName('key') ?? member.childForFieldName('name');
      if (key?.type !== 'property_identifier') continue;
      const as: ExportedAs = { kind: 'named', name: key.text };
      if (member.type === 'pair') add(member.childForFieldName('value'), as);
      if (member.type === 'method_definition') exportedFunctions.set(member.id, as);
    }
  };

  const readAssignment = (node: SyntaxNode): void => {
    const left = node.childForFieldName('left')?.text ?? '';
    const right = node.childForFieldName('right');
    if (left === 'module.exports') {
      if (right?.type === 'object') addObject(right);
      else add(right, { kind: 'module' });
      return;
    }
    const named = /^(?:module\.)?exports\.([A-Za-z_$][\w$]*)$/.exec(left)?.[1];
    if (named !== undefined) add(right, { kind: 'named', name: named });
  };

  const readExport = (node: SyntaxNode): void => {
    const isDefault = node.children.some((child) => child.type === 'default');
    const declaration = node.childForFieldName('declaration') ?? node.childForFieldName('value');
    for (const clause of node.namedChildren.filter((child) => child.type === 'export_clause')) {
      for (const specifier of clause.namedChildren) {
        const name = specifier.childForFieldName('name')?.text;
        const alias = specifier.childForFieldName('alias')?.text ?? name;
        if (name === undefined || alias === undefined) continue;
        exports.set(name, alias === 'default' ? { kind: 'default' } : { kind: 'named', name: alias });
      }
    }
    if (declaration === null) return;
    const own = declaration.childForFieldName('name');
    if (isDefault) {
      exportedFunctions.set(declaration.id, { kind: 'default' });
      if (declaration.type === 'identifier') exports.set(declaration.text, { kind: 'default' });
      if (own !== null) exports.set(own.text, { kind: 'default' });
    } else if (own !== null) exports.set(own.text, { kind: 'named', name: own.text });
    for (const declarator of declaration.namedChildren.filter((child) => child.type === 'variable_declarator')) {
      const name = declarator.childForFieldName('name');
      if (name?.type === 'identifier') exports.set(name.text, { kind: 'named', name: name.text });
    }
  };

  for (const node of walk(root)) {
    if (node.type === 'assignment_expression') readAssignment(node);
    else if (node.type === 'export_statement') readExport(node);
    else if (node.type === 'import_statement') {
      const from = literalText(node.childForFieldName('source'));
      for (const inner of walk(node)) {
        if (from !== undefined && inner.type === 'identifier') imports.set(inner.text, from);
      }
    } else if (node.type === 'variable_declarator') {
      const from = requiredModule(node.childForFieldName('value'));
      const name = node.childForFieldName('name');
      if (from === undefined || name === null) continue;
      for (const inner of walk(name)) {
        if (inner.type === 'identifier' || inner.type === 'shorthand_property_identifier_pattern') imports.set(inner.text, from);
      }
    }
  }
  return { exports, exportedFunctions, imports };
}

/** `require('x')`, also with a property taken from it. */
function requiredModule(value: SyntaxNode | null): string | undefined {
  const call = value?.type === 'member_expression' ? value.childForFieldName('object') : value;
  if (call?.type !== 'call_expression' || call.childForFieldName('function')?.text !== 'require') return undefined;
  return literalText(call.childForFieldName('arguments')?.namedChildren[0]);
}
