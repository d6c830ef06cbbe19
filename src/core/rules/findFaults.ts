import { isFunction, upwards } from '../syntax/navigate';
import { moduleMember } from '../syntax/modules';
import { styleOf } from '../syntax/style';
import type { CodeStyle } from '../syntax/style';
import { syntaxLanguageOf } from '../syntax/syntaxTree';
import type { SyntaxLanguage, SyntaxNode, SyntaxParser } from '../syntax/syntaxTree';
import { compilePattern, matchPattern, rootType } from './pattern';
import type { Match, Pattern } from './pattern';
import type { Fault, Rule, SourceFile } from './rule';

/** A file as a rule is asked about it. */
export interface Source {
  /** Workspace path: the extension says the language. */
  readonly path: string;
  readonly text: string;
  /** Packages the project uses beside what the file itself brings in: they tell SQL drivers apart. */
  readonly packages?: readonly string[];
}

/** Offsets of a place in a text. */
export interface Span {
  readonly startIndex: number;
  readonly endIndex: number;
}

/** Parses the file, gives it to `use` and frees the tree. Undefined when there is no grammar for the file. */
export async function withSource<T>(
  source: Source,
  parser: SyntaxParser,
  use: (file: SourceFile) => Promise<T> | T,
): Promise<T | undefined> {
  const language = syntaxLanguageOf(source.path);
  if (language === undefined) return undefined;
  const tree = await parser.parse(source.text, language);
  try {
    // The style is only looked at where something is written.
    let style: CodeStyle | undefined;
    return await use({
      path: source.path,
      text: source.text,
      root: tree.root,
      packages: source.packages ?? [],
      get style() {
        return (style ??= styleOf(tree.root, source.text, source.path));
      },
    });
  } finally {
    tree.dispose();
  }
}

/**
 * Places that the rule finds at fault, in the order of the text: in the whole file, or in the function around a span (a string and
 * the call it is given to stand in the same one).
 */
export async function findFaults(rule: Rule, file: SourceFile, parser: SyntaxParser, span?: Span): Promise<readonly Fault[]> {
  const language = syntaxLanguageOf(file.path);
  if (language === undefined || !rule.languages.includes(language)) return [];
  const patterns = await compiledPatterns(rule, language, parser);
  const types = [...new Set(patterns.map(rootType).filter((type) => type !== undefined))];
  const faults: Fault[] = [];
  for (const node of around(file.root, span).descendantsOfType(types)) {
    for (const pattern of patterns) {
      const match = matchPattern(pattern, node);
      if (match === undefined || !meets(rule, match)) continue;
      const fault = rule.builder(match, file);
      if (fault !== undefined) faults.push(fault);
      break;
    }
  }
  return faults;
}

function around(root: SyntaxNode, span: Span | undefined): SyntaxNode {
  const inner =
    span === undefined ? null : root.descendantForIndex(span.startIndex, Math.max(span.startIndex, span.endIndex - 1));
  return inner === null ? root : ([...upwards(inner)].find((node) => isFunction(node) && node.id !== inner.id) ?? root);
}

const compiled = new WeakMap<SyntaxParser, Map<string, Promise<readonly Pattern[]>>>();

/** Patterns are read once for each grammar. */
function compiledPatterns(rule: Rule, language: SyntaxLanguage, parser: SyntaxParser): Promise<readonly Pattern[]> {
  const known = compiled.get(parser) ?? new Map<string, Promise<readonly Pattern[]>>();
  compiled.set(parser, known);
  const key = `${language} ${rule.id}`;
  const patterns = known.get(key) ?? Promise.all(rule.patterns.map((text) => compilePattern(text, language, parser)));
  known.set(key, patterns);
  return patterns;
}

function meets(rule: Rule, match: Match): boolean {
  return Object.entries(rule.constraints).every(([name, { modules, names }]) => {
    const node = match.one[name];
    if (node === undefined) return true;
    const member = moduleMember(node);
    return member !== undefined && modules.includes(member.module) && names.includes(member.path.join('.'));
  });
}

/**
 * The fault a scanner means by a span: the one that is just there; else the smallest that holds it; else the only one it holds.
 * `several` when it holds more than one.
 */
export function faultAt(faults: readonly Fault[], span: Span, root: SyntaxNode): Fault | 'several' | undefined {
  const exact = faults.find((fault) =>
    fault.places.some((place) => place.startIndex === span.startIndex && place.endIndex === span.endIndex),
  );
  if (exact !== undefined) return exact;
  const around = faults
    .flatMap((fault) =>
      fault.places
        .filter((place) => holds(place, span, root))
        .map((place) => ({ fault, size: place.endIndex - place.startIndex })),
    )
    .sort((a, b) => a.size - b.size)[0];
  if (around !== undefined) return around.fault;
  const within = faults.filter((fault) =>
    fault.places.some((place) => span.startIndex <= place.startIndex && place.endIndex <= span.endIndex),
  );
  if (within.length <= 1) return within[0];
  const calls = within.filter((fault) => fault.places[0] !== undefined && span.startIndex <= fault.places[0].startIndex);
  return calls.length === 1 ? calls[0] : 'several';
}

/** True when the span lies in the place itself and not in a function (a callback) that is only passed to it. */
export function holds(place: SyntaxNode, span: Span, root: SyntaxNode): boolean {
  if (place.startIndex > span.startIndex || span.endIndex > place.endIndex) return false;
  const inner = root.descendantForIndex(span.startIndex, Math.max(span.startIndex, span.endIndex - 1));
  if (inner === null) return false;
  for (const node of upwards(inner)) {
    if (node.id === place.id) return true;
    if (isFunction(node)) return false;
  }
  return false;
}
