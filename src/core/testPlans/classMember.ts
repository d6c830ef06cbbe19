import type { SyntaxNode } from '../syntax/syntaxTree';
import { walk } from './moduleFacts';
import type { ExportedAs, ModuleFacts } from './moduleFacts';
import { declaredType, hasDefault, parameterPattern, parametersOf } from './traceInput';

/** A method of an exported class that anybody may call. */
export interface ClassMember {
  /** The class as the test calls it. */
  readonly local: string;
  readonly exported: ExportedAs;
  readonly name: string;
  readonly isStatic: boolean;
  readonly declaration: SyntaxNode;
}

/** The name that a test, or other code of the class, calls a method by: `this.find`, of a private one too. */
export function ownNameOf(fn: SyntaxNode): string | undefined {
  const holder = holderOf(fn);
  const name = nameNode(holder)?.text;
  return holder === undefined || name === undefined ? undefined : `this.${name}`;
}

/** What the function is as a member of an exported class; undefined for constructors, accessors and what is private or abstract. */
export function classMemberOf(fn: SyntaxNode, facts: ModuleFacts): ClassMember | undefined {
  const holder = holderOf(fn);
  const declaration = holder?.parent?.parent;
  const name = nameNode(holder);
  if (holder === undefined || declaration === undefined || declaration === null || name?.type !== 'property_identifier')
    return undefined;
  const words = holder.children.map((child) => child.text);
  if (name.text === 'constructor' || words.some((word) => /^(?:get|set|private|protected|abstract)$/.test(word)))
    return undefined;
  if (declaration.type === 'abstract_class_declaration') return undefined;
  const own = declaration.childForFieldName('name')?.text;
  const exported = facts.exportedFunctions.get(declaration.id) ?? (own === undefined ? undefined : facts.exports.get(own));
  if (exported === undefined) return undefined;
  const local = exported.kind === 'named' ? exported.name : (own ?? 'Subject');
  return { local, exported, name: name.text, isStatic: words.includes('static'), declaration };
}

/**
 * The JavaScript that makes an object of the class, and which field of it, if any, is what a test hands in.
 *
 * @param field the field whose constructor parameter is to be `receiver`
 * @returns undefined where no parameter becomes that field; `anything` stands for objects that do not matter
 */
export function constructorCall(
  { local, declaration }: ClassMember,
  typed: boolean,
  field?: string,
): ((receiver: string) => string) | undefined {
  const body = declaration.childForFieldName('body');
  const constructor = body?.namedChildren.find((member) => nameNode(member)?.text === 'constructor');
  const parameters = constructor === undefined ? [] : parametersOf(constructor);
  const fields = parameters.map((parameter) => (constructor === undefined ? undefined : fieldOf(parameter, constructor)));
  const at = field === undefined ? -1 : fields.indexOf(field);
  if (field !== undefined && at === -1) return undefined;
  return (receiver) => {
    const args: string[] = [];
    for (const [index, parameter] of parameters.entries()) {
      if (index === at) args.push(receiver);
      else if (parameter.type === 'rest_pattern' || hasDefault(parameter)) {
        if (index > at) break;
        args.push('undefined');
      } else if (isText(parameter, fields[index], declaration)) args.push("'value'");
      else args.push('anything');
    }
    const cast = typed && args.includes("'value'") ? `(${local} as any)` : local;
    return `new ${cast}(${args.join(', ')})`;
  };
}

/** Declares the stand-in that `constructorCall` may use. */
export function anythingSupport(typed: boolean): string {
  return `/** Stands for what does not matter here: whatever it is asked for or to do, it does nothing. */
const anything${typed ? ': any' : ''} = new Proxy(() => undefined, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => 'value' : name === 'then' ? undefined : anything),
  apply: () => anything,
});`;
}

/** The declaration in a class body that a function is the code of: a method, or a field with an arrow function. */
function holderOf(fn: SyntaxNode): SyntaxNode | undefined {
  const holder = fn.type === 'method_definition' ? fn : fn.parent;
  return holder?.parent?.type === 'class_body' ? holder : undefined;
}

function nameNode(holder: SyntaxNode | null | undefined): SyntaxNode | undefined {
  return holder?.childForFieldName('name') ?? holder?.childForFieldName('property') ?? undefined;
}

/** The field that a constructor's parameter becomes: TypeScript's own short form, or `this.x = parameter`. */
function fieldOf(parameter: SyntaxNode, constructor: SyntaxNode): string | undefined {
  const name = parameterPattern(parameter).text;
  if (parameter.children.some((child) => child.type === 'accessibility_modifier' || child.type === 'readonly')) return name;
  for (const node of walk(constructor)) {
    if (node.type !== 'assignment_expression' || node.childForFieldName('right')?.text !== name) continue;
    const left = node.childForFieldName('left');
    if (left?.childForFieldName('object')?.type === 'this') return left.childForFieldName('property')?.text;
  }
  return undefined;
}

/** Whether a constructor's parameter is taken for a text: nothing in the class asks it for anything. */
function isText(parameter: SyntaxNode, field: string | undefined, declaration: SyntaxNode): boolean {
  const declared = declaredType(parameter);
  if (declared !== undefined) return declared === 'string';
  const name = parameterPattern(parameter).text;
  for (const node of walk(declaration)) {
    const used = node.childForFieldName(node.type === 'member_expression' ? 'object' : 'function');
    if (used !== null && (used.text === name || (field !== undefined && used.text === `this.${field}`))) return false;
  }
  return true;
}
