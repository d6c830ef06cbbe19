import { HumanError } from '../errors';

/**
 * Regular expressions in linear time, for patterns of the policy on texts of a server: JavaScript's own may take exponential
 * time. Thompson's construction (Communications of the ACM 11, 1968), run with all states at once, as RE2, which Prometheus uses;
 * of its syntax what selectors need: literals, `.`, classes, groups, `|`, `* + ?`, `{m,n}`, `\d \w \s`, `(?i)` at the beginning.
 */

type Test = (code: string) => boolean;
type Node =
  | { readonly kind: 'letter'; readonly test: Test }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };
/** Where each instruction goes on; a letter consumes one character. */
type Instruction =
  | { readonly kind: 'letter'; readonly test: Test; next: number }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'end' };

const longest = 500;
const mostInstructions = 5000;
const mostDepth = 50;
const classes: Readonly<Record<string, Test>> = {
  d: (letter) => letter >= '0' && letter <= '9',
  w: (letter) => /^[0-9A-Za-z_]$/.test(letter),
  s: (letter) => /^[\t\n\f\r ]$/.test(letter),
};

/**
 * @returns whether a text matches the pattern as a whole
 * @throws HumanError for what is no such pattern, or larger than sensible
 */
export function compileLinearRegex(pattern: string): (text: string) => boolean {
  const program = compile(new Parser(pattern).parse(), pattern);
  return (text) => run(program, text);
}

class Parser {
  private at = 0;
  private depth = 0;
  private readonly letters: readonly string[];
  private readonly anyCase: boolean;

  constructor(private readonly pattern: string) {
    if (pattern.length > longest) throw this.fail(`it is longer than ${longest} characters`);
    this.anyCase = pattern.startsWith('(?i)');
    // The whole text is matched anyway.
    this.letters = [
      ...pattern
        .replace(/^\(\?i\)/, '')
        .replace(/^\^/, '')
        .replace(/(?<!\\)\$$/, ''),
    ];
  }

  parse(): Node {
    const node = this.either();
    if (this.at < this.letters.length) throw this.fail('a bracket closes that was never opened');
    return node;
  }

  private either(): Node {
    if (++this.depth > mostDepth) throw this.fail('it is nested too deeply');
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.depth -= 1;
    return parts.length === 1 ? (parts[0] ?? { kind: 'sequence', parts: [] }) : { kind: 'either', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.letters.length && this.peek() !== '|' && this.peek() !== ')') parts.push(this.repeated(this.atom()));
    return { kind: 'sequence', parts };
  }

  private repeated(part: Node): Node {
    let node = part;
    for (;;) {
      const range = this.range();
      if (range === undefined) return node;
      // Lazy or greedy is the same where only the whole text counts.
      this.take('?');
      node = { kind: 'repeat', part: node, least: range[0], most: range[1] };
      if (node.part.kind === 'repeat') throw this.fail('a repetition is repeated');
    }
  }

  private range(): readonly [number, number] | undefined {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    const found = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(this.letters.slice(this.at, this.at + 9).join(''));
    if (found === null) return undefined;
    this.at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === '' ? Infinity : Number(found[3]);
    if (most < least) throw this.fail('a repetition ends before it begins');
    return [least, most];
  }

  private atom(): Node {
    const letter = this.next();
    if (letter === '(') {
      if (this.take('?') && !this.take(':')) throw this.fail('only (?: ) groups are known');
      const node = this.either();
      if (!this.take(')')) throw this.fail('a bracket does not close');
      return node;
    }
    if (letter === '[') return { kind: 'letter', test: this.withCase(this.letterClass()) };
    if (letter === '.') return { kind: 'letter', test: (each) => each !== '\n' };
    if (letter === '\\') return { kind: 'letter', test: this.withCase(this.escape()) };
    if ('*+?{^$'.includes(letter)) throw this.fail(`${letter} is not possible here`);
    return { kind: 'letter', test: this.withCase((each) => each === letter) };
  }

  private letterClass(): Test {
    const inverse = this.take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.peek() !== ']'; first = false) {
      const low = this.next();
      if (low === '\\') tests.push(this.escape());
      else if (this.peek() === '-' && this.letters[this.at + 1] !== ']') {
        this.at += 1;
        const high = this.next();
        if (high === '\\' || high < low) throw this.fail('a range ends before it begins');
        tests.push((each) => each >= low && each <= high);
      } else tests.push((each) => each === low);
    }
    this.at += 1;
    return (each) => tests.some((test) => test(each)) !== inverse;
  }

  private escape(): Test {
    const letter = this.next();
    const known = classes[letter.toLowerCase()];
    if (known !== undefined) return letter === letter.toLowerCase() ? known : (each) => !known(each);
    const control = { n: '\n', t: '\t', r: '\r' }[letter];
    if (control === undefined && /[0-9A-Za-z]/.test(letter)) throw this.fail(`\\${letter} is not known`);
    return (each) => each === (control ?? letter);
  }

  private withCase(test: Test): Test {
    return this.anyCase ? (each) => test(each.toLowerCase()) || test(each.toUpperCase()) : test;
  }

  private peek(): string | undefined {
    return this.letters[this.at];
  }

  private take(letter: string): boolean {
    if (this.peek() !== letter) return false;
    this.at += 1;
    return true;
  }

  private next(): string {
    const letter = this.peek();
    if (letter === undefined) throw this.fail('it ends too early');
    this.at += 1;
    return letter;
  }

  fail(what: string): HumanError {
    return new HumanError(`The regular expression ${JSON.stringify(this.pattern.slice(0, 100))} is not right: ${what}.`);
  }
}

function compile(node: Node, pattern: string): readonly Instruction[] {
  const program: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (program.length >= mostInstructions) throw tooLarge();
    return program.push(instruction) - 1;
  };
  const fork = (): { readonly at: number; readonly to: number[] } => {
    const to: number[] = [];
    return { at: add({ kind: 'fork', to }), to };
  };
  const tooLarge = (): HumanError =>
    new HumanError(`The regular expression ${JSON.stringify(pattern.slice(0, 100))} is too large: repeat less.`);
  // Repetitions of nothing add no instruction and take time all the same.
  let turns = 0;
  /** Emits a node whose end is wherever the program then ends. */
  const emit = (each: Node): void => {
    if (++turns > 10 * mostInstructions) throw tooLarge();
    switch (each.kind) {
      case 'letter':
        add({ kind: 'letter', test: each.test, next: program.length + 1 });
        return;
      case 'sequence':
        each.parts.forEach(emit);
        return;
      case 'either': {
        const begin = fork();
        const ends = each.parts.map((part) => {
          begin.to.push(program.length);
          emit(part);
          return fork();
        });
        for (const end of ends) end.to.push(program.length);
        return;
      }
      case 'repeat': {
        for (let count = 0; count < each.least; count++) emit(each.part);
        if (each.most === Infinity) {
          const begin = fork();
          begin.to.push(program.length);
          emit(each.part);
          fork().to.push(begin.at);
          begin.to.push(program.length);
          return;
        }
        const skips: number[][] = [];
        for (let count = each.least; count < each.most; count++) {
          const skip = fork();
          skip.to.push(program.length);
          emit(each.part);
          skips.push(skip.to);
        }
        for (const to of skips) to.push(program.length);
      }
    }
  };
  emit(node);
  add({ kind: 'end' });
  return program;
}

function run(program: readonly Instruction[], text: string): boolean {
  let states = reach(program, [0]);
  for (const letter of text) {
    const next: number[] = [];
    for (const state of states) {
      const instruction = program[state];
      if (instruction?.kind === 'letter' && instruction.test(letter)) next.push(instruction.next);
    }
    if (next.length === 0) return false;
    states = reach(program, next);
  }
  return [...states].some((state) => program[state]?.kind === 'end');
}

/** All states that can be reached without a letter. */
function reach(program: readonly Instruction[], from: readonly number[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    const instruction = program[state];
    if (instruction?.kind === 'fork') open.push(...instruction.to);
  }
  return reached;
}
