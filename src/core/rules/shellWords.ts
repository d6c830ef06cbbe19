import { isNumeric } from './expressionFacts';
import { refuseNested } from './nestedCode';
import type { KnownWord } from './nestedCode';
import { constantValue } from '../syntax/strings';
import type { StringPart } from '../syntax/strings';
import type { CodeStyle } from '../syntax/style';
import type { SyntaxNode } from '../syntax/syntaxTree';
import { joinedList, refuseValue } from './shellValue';
import type { ValuePlace } from './shellValue';
import { quoteString, templateText } from './writeCode';
import type { Refusal } from './rule';

type WordPart =
  | { readonly text: string }
  | { readonly expression: SyntaxNode; readonly fromTemplate: boolean; readonly quote: ValuePlace['quote'] };

interface Word {
  readonly parts: WordPart[];
  quoted: boolean;
}

/** A command line taken apart: code for the program and for each argument. */
export interface CommandWords {
  readonly program: string;
  readonly args: readonly string[];
  readonly notes: readonly string[];
}

const plain = /^[\w@%+=:,./-]$/;
const meaning: Readonly<Record<string, string>> = {
  '|': 'a pipe',
  '&': 'an `&`',
  ';': 'a `;`',
  '<': 'a redirection',
  '>': 'a redirection',
  '(': 'a subshell',
  ')': 'a subshell',
  '`': 'a command substitution',
  $: 'a shell variable',
  '\\': 'an escape',
  '*': 'a file pattern',
  '?': 'a file pattern',
  '[': 'a file pattern',
  ']': 'a file pattern',
  '{': 'a brace expansion',
  '}': 'a brace expansion',
  '~': 'a home directory `~`',
  '#': 'a comment',
  '!': 'a `!`',
  '\n': 'several lines',
};
/** Words that only a shell knows. */
const shellOnly = new Set(
  '. : alias bg builtin cd command copy declare del dir eval exec exit export fg for hash if jobs local md move rd read ren return set shift source start trap type ulimit umask unalias unset until while'.split(
    ' ',
  ),
);

/**
 * Splits a command line as the shell does where it has nothing but words and quotes (POSIX.1-2017, Shell Command Language, 2.2 and
 * 2.3), so that a program can be run with the same arguments and no shell. An expression becomes part of the one word it stands in.
 */
export function splitCommand(parts: readonly StringPart[], style: CodeStyle): CommandWords | Refusal {
  const words: Word[] = [];
  let open: Word | undefined;
  let quote: ValuePlace['quote'] = '';
  const word = (): Word => {
    if (open === undefined) words.push((open = { parts: [], quoted: false }));
    return open;
  };
  const last = parts.length - 1;
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'expression') {
      if (part.constant !== undefined && quote === '' && !/^[\w@%+=:,./-]*$/.test(part.constant))
        return { because: `the constant ${part.node.text} in the command holds more than one plain word` };
      word().parts.push({ expression: part.node, fromTemplate: part.start !== part.node.startIndex, quote });
      continue;
    }
    // Only blanks may stand at the end; a line end anywhere else starts another command.
    const value: string =
      index === last && quote === '' ? part.value.trimEnd() : index === 0 ? part.value.trimStart() : part.value;
    for (const character of value) {
      if (quote !== '') {
        if (character === quote) quote = '';
        else if (quote === '"' && /[$`\\]/.test(character)) return shellFeature(character);
        else addText(word(), character);
      } else if (character === "'" || character === '"') {
        quote = character;
        word().quoted = true;
      } else if (character === ' ' || character === '\t') open = undefined;
      else if (plain.test(character) || character > '\x7f') addText(word(), character);
      else return shellFeature(character);
    }
  }
  if (quote !== '') return { because: 'a quote in the command does not end' };
  return render(words, style);
}

function shellFeature(character: string): Refusal {
  return {
    because: `the command uses the shell (${meaning[character] ?? `the character ${JSON.stringify(character)}`}), which a program run without one does not have`,
  };
}

function addText(word: Word, text: string): void {
  const last = word.parts.at(-1);
  if (last !== undefined && 'text' in last) word.parts[word.parts.length - 1] = { text: last.text + text };
  else word.parts.push({ text });
}

function render(words: readonly Word[], style: CodeStyle): CommandWords | Refusal {
  const [first, ...rest] = words;
  if (first === undefined) return { because: 'the command is empty' };
  const program = programName(first);
  if (program === undefined) return { because: 'which program runs is not fixed: its name comes from an expression, too' };
  if (/^\w+=/.test(program)) return { because: 'the command sets an environment variable in front of the program' };
  const name = (program.split('/').at(-1) ?? program).toLowerCase();
  if (shellOnly.has(name)) return { because: `${program} is a command of the shell itself and no program` };
  const nested = refuseNested(words.map(knownWord));
  if (nested !== undefined) return nested;
  const args: string[] = [];
  const notes: string[] = [];
  for (const word of rest) {
    const [only] = word.parts;
    if (word.parts.length === 1 && only !== undefined && 'expression' in only && !word.quoted) {
      const joined = joinedList(only.expression);
      if (joined !== undefined && 'because' in joined) return joined;
      if (joined !== undefined) {
        args.push(`...${joined.list}`);
        continue;
      }
      if (/^(\w+\.)*(args?|argv|arguments|flags|opts|options|params|parameters|switches)$/i.test(only.expression.text))
        return { because: `${only.expression.text} may hold several arguments, and how they are to be split is not known` };
    }
    const refused = refuseWord(word);
    if (refused !== undefined) return refused;
    if (only !== undefined && 'expression' in only && constantValue(only.expression) === undefined)
      notes.push(
        `${only.expression.text} is one argument now; where it begins with "-", ${program} may still take it for an option.`,
      );
    args.push(renderWord(word, style));
  }
  return { program: renderWord(first, style), args, notes };
}

/** The program's name where it is always the same. */
function programName(word: Word): string | undefined {
  const values = word.parts.map((part) => ('text' in part ? part.text : constantOf(part.expression)));
  return values.every((value) => value !== undefined) && values.join('') !== '' ? values.join('') : undefined;
}

function constantOf(expression: SyntaxNode): string | undefined {
  return expression.text === 'process.execPath' ? 'node' : constantValue(expression);
}

function knownWord(word: Word): KnownWord {
  const known = word.parts.map((part) =>
    'text' in part ? part.text : isNumeric(part.expression) ? '0' : constantOf(part.expression),
  );
  const end = known.indexOf(undefined);
  return { lead: known.slice(0, end === -1 ? known.length : end).join(''), fixed: end === -1 };
}

/** Why a word's values would not mean the same without a shell. */
function refuseWord(word: Word): Refusal | undefined {
  const alone = !word.quoted && word.parts.every((part) => 'expression' in part);
  for (const part of word.parts) {
    const refused = 'expression' in part ? refuseValue(part.expression, { quote: part.quote, alone }) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function renderWord(word: Word, style: CodeStyle): string {
  const [only] = word.parts;
  if (only === undefined) return quoteString('', style);
  if (word.parts.length === 1) {
    if ('text' in only) return quoteString(only.text, style);
    const code = only.expression.type === 'sequence_expression' ? `(${only.expression.text})` : only.expression.text;
    // An argument must be a string (child_process: ERR_INVALID_ARG_TYPE), where a concatenation took anything.
    return isNumeric(only.expression) ? `String(${code})` : code;
  }
  if (word.parts.some((part) => 'expression' in part && part.fromTemplate))
    return `\`${word.parts.map((part) => ('text' in part ? templateText(part.text) : `\${${part.expression.text}}`)).join('')}\``;
  const pieces = word.parts.map((part) => ('text' in part ? quoteString(part.text, style) : part.expression.text));
  // A sum that starts with two expressions could be one of numbers.
  return (word.parts.slice(0, 2).every((part) => 'expression' in part) ? [quoteString('', style), ...pieces] : pieces).join(
    ' + ',
  );
}
