import { unwrap } from '../syntax/navigate';
import { initialiserOf, isConstant, resolveName } from '../syntax/scope';
import { constantValue, isPutTogether, stringParts } from '../syntax/strings';
import type { StringPart } from '../syntax/strings';
import type { CodeStyle } from '../syntax/style';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { beginsWithSlash } from './beginsWithSlash';
import { isFixed, joinedArguments } from './fixedRoot';
import type { Refusal } from './rule';
import { quoteString, templateText } from './writeCode';

/** A path put together below a folder that does not come from outside. */
export interface RootedPath {
  /** Code for the folder, without side effects. */
  readonly root: string;
}

/** Fixed text, or code of an expression that is fixed. */
type Piece = { readonly text: string } | { readonly code: string; readonly node: SyntaxNode };

/** The fixed beginning of a path that is put together. */
interface Beginning {
  readonly whole: readonly Piece[];
  /** The same up to its last slash; undefined where it has none. */
  readonly folder: readonly Piece[] | undefined;
  /** What follows that slash; empty where the beginning ends with one. */
  readonly unfinished: string;
  /** The first part that is not fixed. */
  readonly free: SyntaxNode;
}

/**
 * The fixed folder below which a path is put together: the leading fixed arguments of `path.join`, or the fixed text up to the
 * last slash before the first part that is not fixed. Where a name follows that slash (`'./public' + value`), it is part of the
 * folder if the value begins with a slash, and else nobody can tell. Undefined when there is no such folder, or it is the root of
 * the file system.
 */
export function rootOf(expression: SyntaxNode, style: CodeStyle): RootedPath | Refusal | undefined {
  const node = unwrap(expression);
  const joined = joinedArguments(node);
  if (joined === undefined) return rootOfText(node, style);
  const free = joined.args.findIndex((argument, index) => !isFixed(argument, index === 0));
  const [first] = joined.args;
  const callee = joined.call.childForFieldName('function')?.text ?? '';
  const loose = joined.args[free];
  if (first === undefined || loose === undefined) return undefined;
  if (free === 0) return /normalize$/.test(callee) || isPutTogether(first) ? rootOf(first, style) : undefined;
  const fixed = joined.args.slice(0, free);
  const more = folderWithin(loose, fixed.map(asPiece));
  if ('because' in more) return more;
  const values = [...fixed.map((argument) => constantValue(argument)), more.folder];
  if (values.every((value) => value !== undefined) && isFileSystemRoot(values.join('/'))) return undefined;
  const last = fixed.at(-1) ?? first;
  const code = joined.call.text.slice(
    first.startIndex - joined.call.startIndex,
    (free === 1 ? first : last).endIndex - joined.call.startIndex,
  );
  const added = more.folder === '' ? '' : `, ${quoteString(more.folder, style)}`;
  return { root: free === 1 && added === '' ? first.text : `${callee}(${code}${added})` };
}

/** The folder that an argument of `path.join` begins with before its first part that is not fixed; empty where there is none. */
function folderWithin(loose: SyntaxNode, fixed: readonly Piece[]): { readonly folder: string } | Refusal {
  const value = followed(loose);
  const start = isPutTogether(value) ? beginningOf(stringParts(value)) : undefined;
  if (start === undefined) return { folder: '' };
  const folder = start.folder ?? [];
  if (start.unfinished !== '' && !beginsWithSlash(start.free)) {
    const refused = refuseUnfinished(start.unfinished, value, fixed, folder);
    if (refused !== undefined) return refused;
  }
  const pieces = start.unfinished !== '' && beginsWithSlash(start.free) ? start.whole : folder;
  const texts = pieces.map((piece) => ('text' in piece ? piece.text : constantValue(piece.node)));
  if (!texts.every((text) => text !== undefined))
    return { because: `which folder ${value.text.slice(0, 60)} begins with is not clear` };
  return { folder: texts.join('') };
}

/** The text that a name stands for, where it is put together in a constant. */
function followed(expression: SyntaxNode): SyntaxNode {
  const node = unwrap(expression);
  const declaration = node.type === 'identifier' ? resolveName(node) : undefined;
  const value = declaration !== undefined && isConstant(declaration) ? initialiserOf(declaration) : undefined;
  return value === undefined ? node : unwrap(value);
}

function rootOfText(node: SyntaxNode, style: CodeStyle): RootedPath | Refusal | undefined {
  const parts = isPutTogether(node) ? stringParts(node) : sumParts(node);
  const start = beginningOf(parts);
  if (start === undefined) return undefined;
  const within = followed(start.free);
  // What follows may be put together, too, and begin with a folder of its own: `root + '/' + name`, where name is 'public' + value.
  if (start.unfinished === '' && within.id !== unwrap(start.free).id) {
    const more = folderWithin(start.free, start.folder ?? []);
    if ('because' in more) return more;
    if (more.folder !== '') return { because: `which folder ${within.text.slice(0, 60)} begins with is not clear` };
  }
  let pieces = start.folder;
  if (start.unfinished !== '' || start.folder === undefined) {
    if (beginsWithSlash(start.free)) pieces = start.whole;
    else if (start.folder !== undefined) {
      const refused = refuseUnfinished(start.unfinished, node, start.folder, []);
      if (refused !== undefined) return refused;
    }
  }
  if (pieces === undefined) return undefined;
  const constants = pieces.map((piece) => ('text' in piece ? piece.text : constantValue(piece.node)));
  const [only] = pieces;
  if (only === undefined || (constants.every((text) => text !== undefined) && isFileSystemRoot(constants.join(''))))
    return undefined;
  if (pieces.length === 1) return { root: 'code' in only ? only.code : quoteString(only.text, style) };
  const template = pieces.map((piece) => ('code' in piece ? `\${${piece.code}}` : templateText(piece.text)));
  return { root: `\`${template.join('')}\`` };
}

/** `folder + request.url`: a sum without any text in it is no string on the face of it. */
function sumParts(node: SyntaxNode): readonly StringPart[] {
  if (node.type !== 'binary_expression' || node.childForFieldName('operator')?.text !== '+') return [];
  const sides = [node.childForFieldName('left'), node.childForFieldName('right')];
  return sides.flatMap((side) => (side === null ? [] : stringParts(side)));
}

function beginningOf(parts: readonly StringPart[]): Beginning | undefined {
  const at = parts.findIndex((part, index) => part.kind === 'expression' && !isFixed(part.node, index === 0));
  const free = parts[at];
  if (free?.kind !== 'expression' || at === 0) return undefined;
  const whole: Piece[] = [];
  for (const part of parts.slice(0, at)) {
    const before = whole.at(-1);
    if (part.kind === 'expression') whole.push(asPiece(part.node));
    else if (before !== undefined && 'text' in before) whole[whole.length - 1] = { text: before.text + part.value };
    else if (part.value !== '') whole.push({ text: part.value });
  }
  const last = whole.at(-1);
  if (last === undefined) return undefined;
  if ('code' in last) {
    const finished = constantValue(last.node)?.endsWith('/') === true;
    return { whole, folder: finished ? whole : undefined, unfinished: '', free: free.node };
  }
  const slash = last.text.lastIndexOf('/');
  const unfinished = last.text.slice(slash + 1);
  if (slash === -1) return { whole, folder: undefined, unfinished, free: free.node };
  const cut = last.text.slice(0, slash);
  return { whole, folder: [...whole.slice(0, -1), ...(cut === '' ? [] : [{ text: cut }])], unfinished, free: free.node };
}

function asPiece(node: SyntaxNode): Piece {
  return { code: node.text, node };
}

/**
 * Why the folder in front of an unfinished name is not the root. A name that ends with a joining character is how a file's name begins
 * (`user-`); any other may be a folder, and holding the path to the one above it would leave that open.
 */
function refuseUnfinished(
  unfinished: string,
  value: SyntaxNode,
  folder: readonly Piece[],
  more: readonly Piece[],
): Refusal | undefined {
  if (!/[-_.=@+~]$/.test(unfinished))
    return {
      because: `whether ${unfinished} in ${value.text.slice(0, 60)} is a folder or how a file's name begins is not clear`,
    };
  const [first] = folder;
  if (first === undefined || more.length > 0 || folder.length > 1 || !isOwnFolder(first)) return undefined;
  const name = 'text' in first ? first.text : first.code;
  return {
    because: `names beginning with ${unfinished} are meant, and holding the path to its folder would leave everything in ${name} open`,
  };
}

/** True for the folder of the program itself, or the one it was started in. */
function isOwnFolder(piece: Piece, depth = 0): boolean {
  const constant = 'text' in piece ? piece.text : constantValue(piece.node);
  if (constant !== undefined) return /^\.{0,2}(\/\.{0,2})*$/.test(constant);
  if ('text' in piece) return false;
  if (/^(__dirname|import\.meta\.dirname|process\.cwd\(\))$|(^|\.)dirname\(/.test(piece.code)) return true;
  const declaration = piece.node.type === 'identifier' ? resolveName(piece.node) : undefined;
  const value = declaration === undefined ? undefined : initialiserOf(declaration);
  return value !== undefined && depth < 4 && isOwnFolder(asPiece(unwrap(value)), depth + 1);
}

function isFileSystemRoot(path: string): boolean {
  return /^(\/[./]*|[a-z]:[\\/]*|)$/i.test(path);
}
