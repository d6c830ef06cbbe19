import type { TextEdit } from '../model/patch';
import { argumentsOf, contains, enclosingStatement, unwrap } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { constantValue, isPutTogether, stringParts } from '../syntax/strings';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { refuseOptions } from './execOptions';
import { calleeText, isNumeric } from './expressionFacts';
import { bringSibling } from './importedFunction';
import { localString, mayMove, otherUses } from './localString';
import type { LocalString } from './localString';
import type { Match } from './pattern';
import type { Fault, Fix, Refusal, Rule, SourceFile } from './rule';
import { splitCommand } from './shellWords';
import type { CommandWords } from './shellWords';
import { removeStatement } from './writeCode';

const withoutShell: Readonly<Record<string, string>> = { exec: 'execFile', execSync: 'execFileSync' };

/** A command line put together from expressions and given to a shell (Node.js documentation, child_process.exec and execFile). */
export const commandInjection: Rule = {
  id: 'command-injection',
  title: 'Run the program without a shell',
  cwe: ['CWE-77', 'CWE-78', 'CWE-88'],
  languages: ['javascript', 'typescript', 'tsx'],
  answers: [
    'security/detect-child-process',
    'detect-child-process',
    'javascript.lang.security.detect-child-process*',
    'javascript.lang.security.audit.detect-child-process*',
    'javascript.lang.security.audit.dangerous-spawn-shell*',
    'javascript.lang.security.audit.spawn-shell-true*',
    'js/command-line-injection',
    'js/indirect-command-line-injection',
    'js/second-order-command-line-injection',
    'js/shell-command-constructed-from-input',
    'js/shell-command-injection-from-environment',
    'javascript/CommandInjection',
    'javascript/IndirectCommandInjection',
    'javascript:S4721',
    'typescript:S4721',
    'jssecurity:S2076',
    'tssecurity:S2076',
    'no-unsafe-exec',
    'command-injection',
  ],
  patterns: ['$FN($COMMAND, $$$REST)'],
  constraints: { FN: { modules: ['child_process'], names: ['exec', 'execSync'] } },
  reason:
    'The command line was put together from values and read by a shell, so a value could bring commands of its own. The program now runs without a shell, and each value is one argument, whatever it holds.',
  builder: commandFault,
};

function commandFault(match: Match, file: SourceFile): Fault | undefined {
  const callee = match.one['FN'];
  const argument = match.one['COMMAND'];
  const args = argumentsOf(match.node);
  if (callee === undefined || argument === undefined || args === undefined) return undefined;
  if (constantValue(argument) !== undefined) return undefined;
  const command = localString(argument);
  if (isPutTogether(command.value) && stringParts(command.value).every((part) => part.kind === 'text' || isHarmless(part.node)))
    return undefined;
  return {
    places: [match.node, argument, command.value, ...(command.declaration ? [command.declaration.node] : [])],
    build: () => build(callee, argument, args, command, file),
  };
}

/** A constant, a number, or a word that a well-known function has quoted for the shell. */
function isHarmless(expression: SyntaxNode): boolean {
  if (constantValue(expression) !== undefined || isNumeric(expression)) return true;
  const node = unwrap(expression);
  const callee = node.type === 'call_expression' ? node.childForFieldName('function') : null;
  const from = callee === null ? undefined : moduleMember(callee)?.module;
  return (
    /^(shell-quote|shell-escape|shescape|any-shell-escape)$/.test(from ?? '') ||
    /^(shellquote|shellescape|quoteForShell)$/i.test(calleeText(node))
  );
}

function build(
  callee: SyntaxNode,
  argument: SyntaxNode,
  args: readonly SyntaxNode[],
  command: LocalString,
  file: SourceFile,
): Fix | Refusal {
  const from = moduleMember(callee)?.path.at(-1) ?? '';
  const to = withoutShell[from];
  if (to === undefined) return { because: `${callee.text} has no counterpart that runs a program without a shell` };
  if (!isPutTogether(command.value))
    return { because: `the whole command comes from ${command.value.text.slice(0, 60)}, and what it runs is not known here` };
  const mayBeCallback = from === 'exec' && moduleMember(callee)?.promisified === undefined;
  const options = refuseOptions(args.slice(1), mayBeCallback);
  if (options !== undefined) return options;
  const parts = stringParts(command.value);
  const kept = parts.flatMap((part) => (part.kind === 'expression' ? [part.node] : []));
  const lost = [argument, command.value]
    .flatMap((node) => node.descendantsOfType('comment'))
    .find((comment) => !kept.some((node) => contains(node, comment)));
  if (lost !== undefined) return { because: `the comment ${lost.text.slice(0, 40)} within the command would be lost` };
  const words = splitCommand(parts, file.style);
  if ('because' in words) return words;
  const brought = bringSibling(callee, from, to, file);
  if ('because' in brought) return brought;
  const placed = placeWords(argument, command, words, file);
  if ('because' in placed) return placed;
  return {
    title: `Run ${programTitle(words.program)} without a shell`,
    edits: [
      ...brought.edits,
      {
        start: callee.startIndex,
        end: callee.endIndex,
        text: brought.code,
        reason: `${to} starts the program itself: no shell reads the arguments.`,
      },
      ...placed.edits,
    ],
    notes: words.notes,
  };
}

function programTitle(code: string): string {
  return /^['"]/.test(code) ? code.slice(1, -1) : code;
}

/** Puts program and arguments where the command line stood. */
function placeWords(
  argument: SyntaxNode,
  command: LocalString,
  words: CommandWords,
  file: SourceFile,
): { readonly edits: readonly TextEdit[] } | Refusal {
  const list = `[${words.args.join(', ')}]`;
  const reason = 'Each value is one argument of its own.';
  const here = (text: string): TextEdit => ({ start: argument.startIndex, end: argument.endIndex, text, reason });
  const { declaration } = command;
  if (declaration === undefined) return { edits: [here(`${words.program}, ${list}`)] };
  const statement = enclosingStatement(declaration.node);
  const others = otherUses(declaration, argument);
  if (others.length > 0 || statement === undefined)
    return { because: `the command in ${declaration.name} is used in other places, too` };
  if (declaration.node.parent?.namedChildren.filter((node) => node.type === 'variable_declarator').length !== 1)
    return { because: `${declaration.name} is declared together with other names` };
  const printed = file.root
    .descendantsOfType('identifier')
    .some((node) => node.text === declaration.name && node.id !== unwrap(argument).id && node.id !== declaration.nameNode.id);
  if (mayMove(stringParts(command.value), declaration, argument)) {
    // Where the line is also printed it stays, for the log's sake.
    const removal = printed
      ? []
      : [{ ...removeStatement(file.text, statement), text: '', reason: 'There is no command line any more.' }];
    return { edits: [...removal, here(`${words.program}, ${list}`)] };
  }
  if (printed || declaration.node.childForFieldName('type') !== null)
    return { because: `values in ${declaration.name} may change between the line that builds it and the call` };
  return {
    edits: [
      { start: command.value.startIndex, end: command.value.endIndex, text: list, reason },
      { start: argument.startIndex, end: argument.startIndex, text: `${words.program}, `, reason },
    ],
  };
}
