import type { TextEdit } from '../model/patch';
import type { CodeStyle } from '../syntax/style';
import type { SyntaxLanguage, SyntaxNode } from '../syntax/syntaxTree';
import type { Match } from './pattern';

/** A metavariable must stand for one of these functions of one of these modules, however they were brought in. */
export interface ImportedConstraint {
  /** Module names without `node:`. */
  readonly modules: readonly string[];
  /** Path of the function in the module, dots between: `readFile`, `promises.readFile`. */
  readonly names: readonly string[];
}

/**
 * A structural rule as data. Patterns and constraints say where it applies; the builder, in code, says whether that place is
 * really at fault and what to write instead, where a text template cannot.
 */
export interface Rule {
  readonly id: string;
  readonly title: string;
  /** `CWE-78` form. */
  readonly cwe: readonly string[];
  readonly languages: readonly SyntaxLanguage[];
  /** Scanner rule ids that it answers; `*` stands for anything. */
  readonly answers: readonly string[];
  /** ast-grep pattern text; one that matches is enough. */
  readonly patterns: readonly string[];
  readonly constraints: Readonly<Record<string, ImportedConstraint>>;
  /** Why the change cures the finding: plain sentences. */
  readonly reason: string;
  readonly builder: Builder;
}

/** A parsed file a rule looks at. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly root: SyntaxNode;
  readonly style: CodeStyle;
  /** Packages that the project is known to use beside what the file itself brings in, most telling first. */
  readonly packages: readonly string[];
}

/** A place that is at fault. */
export interface Fault {
  /** All nodes that a scanner may point at for it: the call, the argument, the declaration that builds the string. */
  readonly places: readonly SyntaxNode[];
  build(): Fix | Refusal;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly notes: readonly string[];
}

/** Completes the sentence "No fix, because …". */
export interface Refusal {
  readonly because: string;
}

/** Undefined when the matched place is harmless. */
export type Builder = (match: Match, file: SourceFile) => Fault | undefined;

export function isRefusal(result: Fix | Refusal): result is Refusal {
  return 'because' in result;
}
