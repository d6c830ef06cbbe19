import type { TextEdit } from '../model/patch';
import { argumentsOf, enclosingStatement, unwrap } from '../syntax/navigate';
import { initialiserOf, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import type { SyntaxNode } from '../syntax/syntaxTree';
import type { Refusal, SourceFile } from './rule';
import { indentAt, removeMember } from './writeCode';

/** What to write where another function of the same module is to be called, and the edits that bring it in. */
export interface Brought {
  readonly code: string;
  readonly edits: readonly TextEdit[];
}

/**
 * Brings in another function of the module that `callee` comes from, in the way the file brought in that one. The old one is taken
 * out of the import only where `callee` was its one use.
 * @param from the old function's name in its module
 * @param to the new one's
 */
export function bringSibling(callee: SyntaxNode, from: string, to: string, file: SourceFile, keep = false): Brought | Refusal {
  const node = unwrap(callee);
  if (node.type === 'member_expression') {
    const property = node.childForFieldName('property');
    if (property?.text !== from) return { because: `${node.text} is a way of calling ${from} that is not known` };
    return { code: node.text.slice(0, property.startIndex - node.startIndex) + to, edits: [] };
  }
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  if (declaration === undefined) return { because: `it is not clear where ${node.text} comes from` };
  const lone = !keep && referencesTo(declaration).length === 1 && !isExported(declaration);
  const value = initialiserOf(declaration);
  if (value !== undefined && unwrap(value).type === 'call_expression')
    return bringPromisified(declaration, value, lone, from, to, file);
  if (value !== undefined) return bringAssigned(declaration, value, lone, from, to, file);
  return bringNamed(declaration, lone, from, to, file);
}

function isExported(declaration: Declaration): boolean {
  return enclosingStatement(declaration.node)?.type === 'export_statement';
}

function isTaken(name: string, file: SourceFile): boolean {
  return file.root.descendantsOfType(['identifier', 'shorthand_property_identifier_pattern']).some((node) => node.text === name);
}

/** `const run = promisify(exec)`. */
function bringPromisified(
  declaration: Declaration,
  value: SyntaxNode,
  lone: boolean,
  from: string,
  to: string,
  file: SourceFile,
): Brought | Refusal {
  const inner = argumentsOf(unwrap(value))?.[0];
  const statement = enclosingStatement(declaration.node);
  if (inner === undefined || statement === undefined) return { because: `it is not clear what ${declaration.name} calls` };
  const name = /exec/i.test(declaration.name)
    ? declaration.name.replace(/exec/i, (word) => (word === 'exec' ? to : to.charAt(0).toUpperCase() + to.slice(1)))
    : `${declaration.name}File`;
  if (isTaken(name, file)) return { because: `the name ${name} is in use already` };
  const brought = bringSibling(inner, from, to, file, !lone);
  if ('because' in brought) return brought;
  const edits = [...brought.edits];
  if (lone) {
    edits.push({ start: declaration.nameNode.startIndex, end: declaration.nameNode.endIndex, text: name });
    edits.push({ start: inner.startIndex, end: inner.endIndex, text: brought.code });
  } else {
    const rest = value.text.slice(inner.endIndex - value.startIndex);
    const head = value.text.slice(0, inner.startIndex - value.startIndex);
    edits.push(newLine(statement, `const ${name} = ${head}${brought.code}${rest}${file.style.semicolon}`, file));
  }
  return { code: name, edits };
}

/** `const exec = require('child_process').exec`. */
function bringAssigned(
  declaration: Declaration,
  value: SyntaxNode,
  lone: boolean,
  from: string,
  to: string,
  file: SourceFile,
): Brought | Refusal {
  const statement = enclosingStatement(declaration.node);
  const brought = bringSibling(value, from, to, file);
  if ('because' in brought || statement === undefined)
    return 'because' in brought ? brought : { because: `it is not clear what ${declaration.name} calls` };
  if (isTaken(to, file)) return { because: `the name ${to} is in use already` };
  return {
    code: to,
    edits: lone
      ? [
          { start: declaration.nameNode.startIndex, end: declaration.nameNode.endIndex, text: to },
          { start: value.startIndex, end: value.endIndex, text: brought.code },
        ]
      : [newLine(statement, `const ${to} = ${brought.code}${file.style.semicolon}`, file)],
  };
}

/** `import { exec } from …` and `const { exec } = require(…)`, under its own name or another. */
function bringNamed(declaration: Declaration, lone: boolean, from: string, to: string, file: SourceFile): Brought | Refusal {
  const specifier = /^(import_specifier|pair_pattern)$/.test(declaration.nameNode.parent?.type ?? '')
    ? declaration.nameNode.parent
    : declaration.nameNode;
  const list = specifier?.parent;
  if (specifier === null || list === null || list === undefined || !/^(named_imports|object_pattern)$/.test(list.type))
    return { because: `it is not clear where ${declaration.name} comes from` };
  const sibling = list.namedChildren.find((child) => importedName(child) === to);
  if (sibling !== undefined) {
    const local =
      sibling.childForFieldName('alias') ?? sibling.childForFieldName('value') ?? sibling.childForFieldName('name') ?? sibling;
    return { code: local.text, edits: lone ? [{ ...removeMember(file.text, specifier), text: '' }] : [] };
  }
  if (isTaken(to, file)) return { because: `the name ${to} is in use already` };
  return {
    code: to,
    edits: [
      lone
        ? {
            start: specifier.startIndex,
            end: specifier.endIndex,
            text: to,
            reason: `${declaration.name} is no longer used here; ${to} is.`,
          }
        : {
            start: specifier.endIndex,
            end: specifier.endIndex,
            text: `, ${to}`,
            reason: `${to} runs a program without a shell; ${from} is still used elsewhere.`,
          },
    ],
  };
}

function importedName(member: SyntaxNode): string {
  return (member.childForFieldName('name') ?? member.childForFieldName('key') ?? member).text;
}

function newLine(after: SyntaxNode, code: string, file: SourceFile): TextEdit {
  const { eol } = file.style;
  return { start: after.endIndex, end: after.endIndex, text: `${eol}${indentAt(file.text, after.startIndex)}${code}` };
}
