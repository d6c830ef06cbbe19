import { argumentsOf, contains, enclosingFunction, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { initialiserOf, isConstant, referencesTo, resolveName } from '../syntax/scope';
import type { Declaration } from '../syntax/scope';
import { isPutTogether, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { addHelper } from './containmentHelper';
import { isFixed, isTame, joinedArguments } from './fixedRoot';
import type { Match } from './pattern';
import { rootOf } from './rootOf';
import type { Fault, Fix, Refusal, Rule, SourceFile } from './rule';
import { uncaughtThrow } from './uncaughtThrow';

/** Functions of `fs` whose first argument is a path, and those that take a second one. */
const onePath =
  'access appendFile chmod chown createReadStream createWriteStream exists lchown lstat lutimes mkdir mkdtemp open openAsBlob opendir readFile readdir readlink realpath rm rmdir stat statfs truncate unlink utimes watch watchFile writeFile';
const twoPaths = 'copyFile cp link rename symlink';
const names = `${onePath} ${twoPaths}`.split(' ').flatMap((name) => [name, `${name}Sync`, `promises.${name}`]);

/** A path below a fixed folder that a value can lead out of (CWE-22: `..`, absolute paths, a sibling with the same prefix, NUL). */
export const pathTraversal: Rule = {
  id: 'path-traversal',
  title: 'Keep the path inside its folder',
  cwe: ['CWE-22', 'CWE-23', 'CWE-36', 'CWE-73'],
  languages: ['javascript', 'typescript', 'tsx'],
  answers: [
    'security/detect-non-literal-fs-filename',
    'detect-non-literal-fs-filename',
    'javascript.lang.security.audit.path-traversal*',
    'javascript.lang.security.audit.detect-non-literal-fs-filename*',
    'javascript.express.security.audit.express-path-join-resolve-traversal*',
    'javascript.express.security.audit.express-res-sendfile*',
    'javascript.express.security.express-sendfile-injection*',
    'js/path-injection',
    'js/zipslip',
    'javascript/PT',
    'jssecurity:S2083',
    'tssecurity:S2083',
    'path-traversal',
  ],
  patterns: ['$RES.sendFile($PATH, $$$REST)', '$RES.download($PATH, $$$REST)', '$FN($PATH, $$$REST)'],
  constraints: { FN: { modules: ['fs', 'fs/promises', 'fs-extra', 'graceful-fs'], names } },
  reason:
    'The path was put together from a value that could lead out of its folder ("..", an absolute path). It is now held against the folder before the file is touched, and a path outside it is refused with an error of status 400.',
  builder: pathFault,
};

interface LoosePath {
  /** The expression that puts the path together. */
  readonly value: SyntaxNode;
  readonly declaration?: Declaration;
  readonly argument: SyntaxNode;
}

function pathFault(match: Match, file: SourceFile): Fault | undefined {
  const args = argumentsOf(match.node) ?? [];
  const callee = match.one['FN'];
  if (callee === undefined && args[1]?.type === 'object' && /(^|[{,\s])root\s*[:,}]/.test(args[1].text)) return undefined;
  const name = callee === undefined ? '' : (moduleMember(callee)?.path.at(-1) ?? '');
  const paths = twoPaths.split(' ').includes(name.replace(/Sync$/, '')) ? args.slice(0, 2) : args.slice(0, 1);
  const loose = paths.map(loosePath).filter((path) => path !== undefined);
  if (loose.length === 0) return undefined;
  return {
    places: [
      match.node,
      ...loose.flatMap((path) => [path.argument, path.value, ...(path.declaration ? [path.declaration.node] : [])]),
    ],
    build: () => build(match.node, loose, file),
  };
}

/** Follows a path to where it is put together; undefined when nothing in it can lead out of its folder. */
function loosePath(argument: SyntaxNode): LoosePath | undefined {
  const node = unwrap(argument);
  if (/^(arrow_function|function_expression|object|number|spread_element)$/.test(node.type) || isTame(node)) return undefined;
  if (node.type === 'identifier') {
    const declaration = resolveName(node);
    const value = declaration !== undefined && isConstant(declaration) ? initialiserOf(declaration) : undefined;
    if (declaration !== undefined && isGuarded(declaration, node)) return undefined;
    if (declaration === undefined || value === undefined) return { value: node, argument };
    if (enclosingFunction(value)?.id !== enclosingFunction(node)?.id && declaration.scope.type === 'program') return undefined;
    return isLoose(value) ? { value: unwrap(value), declaration, argument } : undefined;
  }
  return isLoose(node) ? { value: node, argument } : undefined;
}

/** True when a value of the expression comes from outside and nothing in it looks at where it leads. */
function isLoose(expression: SyntaxNode): boolean {
  const node = unwrap(expression);
  const joined = joinedArguments(node);
  if (joined !== undefined)
    return joined.args.some(
      (argument, index) =>
        !(index === 0 && isFixed(argument, true)) && !isTame(argument) && (!isPutTogether(argument) || isLoose(argument)),
    );
  if (isPutTogether(node))
    return stringParts(node).some(
      (part, index) => part.kind === 'expression' && !(index === 0 && isFixed(part.node, true)) && !isTame(part.node),
    );
  if (node.type === 'call_expression') return !isCheckingCall(node);
  return !isTame(node);
}

/** A call of a function that holds a path against its folder: one of this file that does, or one that is named for it. */
function isCheckingCall(call: SyntaxNode): boolean {
  const callee = call.childForFieldName('function');
  if (callee === null) return false;
  if (/(inside|within|contain|safe|sanitiz|sanitis|secure|jail|confine)/i.test(callee.text)) return true;
  const declaration = callee.type === 'identifier' ? resolveName(callee) : undefined;
  const body = declaration === undefined ? '' : (initialiserOf(declaration) ?? declaration.node).text;
  return isContainmentCheck(body) && /\b(throw|return)\b/.test(body);
}

/** `path.relative(…)`, or `startsWith` with a separator at the end: without it `/data-old` passes for a file of `/data`. */
function isContainmentCheck(code: string): boolean {
  return /\brelative\(/.test(code) || /\.startsWith\([^;{]*(\bsep\b|\/['"`]\s*\))/.test(code);
}

/** True when an `if` before the use looks at where the path leads and leaves, or the use stands inside such an `if`. */
function isGuarded(declaration: Declaration, use: SyntaxNode): boolean {
  return referencesTo(declaration).some((reference) => {
    for (let node: SyntaxNode | null = reference; node !== null && node.id !== declaration.scope.id; node = node.parent) {
      if (node.type !== 'if_statement') continue;
      const condition = node.childForFieldName('condition');
      if (condition === null || !contains(condition, reference) || !isContainmentCheck(condition.text)) return false;
      const consequence = node.childForFieldName('consequence');
      if (consequence !== null && contains(consequence, use)) return !/^\(\s*!/.test(condition.text);
      return node.endIndex <= use.startIndex && /\b(throw|return|continue|break)\b/.test(consequence?.text ?? '');
    }
    return false;
  });
}

function build(call: SyntaxNode, paths: readonly LoosePath[], file: SourceFile): Fix | Refusal {
  const throwsAlready = failsByThrowing(call) && uncaughtThrow(call, false) !== undefined;
  const helper = addHelper(file);
  if ('because' in helper) return helper;
  const edits = [...helper.edits];
  for (const { value } of paths) {
    const rooted = rootOf(value, file.style);
    if (rooted === undefined) return { because: noRoot(value) };
    if ('because' in rooted) return rooted;
    const uncaught = uncaughtThrow(value, throwsAlready);
    if (uncaught !== undefined)
      return {
        because: `a path outside its folder would be refused by an error in ${uncaught}, and nothing there catches one: a request could end the process`,
      };
    const reason = `The path must stay inside ${rooted.root}.`;
    edits.push({ start: value.startIndex, end: value.startIndex, text: `${helper.name}(${rooted.root}, `, reason });
    edits.push({ start: value.endIndex, end: value.endIndex, text: ')' });
  }
  return {
    title: 'Keep the path inside its folder',
    edits,
    notes: [
      `${helper.name} throws an error with status 400 for a path outside the folder: check that its callers answer it as they should.`,
      'Links inside the folder are followed as before.',
    ],
  };
}

/** True for a call that throws, or rejects the function it stands in, for a missing file: no callback or stream tells of it. */
function failsByThrowing(call: SyntaxNode): boolean {
  const callee = call.childForFieldName('function');
  const member = callee === null ? undefined : moduleMember(callee);
  const name = member?.path.at(-1) ?? '';
  if (name.endsWith('Sync')) return name !== 'existsSync';
  if (
    member === undefined ||
    !(/\bpromises$/.test(member.module) || member.path[0] === 'promises' || member.promisified !== undefined)
  )
    return false;
  if (call.parent?.type === 'await_expression') return true;
  const returned = call.parent?.type === 'return_statement' || call.parent?.type === 'arrow_function';
  return returned && enclosingFunction(call)?.children[0]?.type === 'async';
}

function noRoot(value: SyntaxNode): string {
  const text = value.text.slice(0, 60);
  const parts =
    joinedArguments(value)?.args ?? stringParts(value).flatMap((part) => (part.kind === 'expression' ? [part.node] : []));
  return parts.length > 0 && isFixed(parts[0] ?? value, true)
    ? `${text} does not begin with a folder that a path could be held to`
    : `the whole path comes from ${text}, and no fixed folder is known that it should stay in`;
}
