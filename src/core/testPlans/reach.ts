import type { SyntaxNode } from '../syntax/syntaxTree';
import type { TestPlan } from '../ports';

/** How a test gets at the weak code. */
export interface Reach {
  readonly imports: TestPlan['imports'];
  /** Declarations the calls need. */
  readonly support: readonly string[];
  /** The call as JavaScript, given the JavaScript of the value to send: it gives a promise or a plain value. */
  call(value: string): string;
  /** What the value is called in the code: `host`, `query.name`. */
  readonly inputName: string;
  /** How the test says what it calls: `pingHost`, `GET /invoices`. */
  readonly target: string;
  /** `function`: the result is the function's; `http`: the response's text. */
  readonly kind: 'function' | 'http';
  /** The receiver of the sink is this parameter of the function, so that a test can hand in its own. */
  readonly receiver?: { readonly call: (value: string, receiver: string) => string };
  /** False where nothing says when the call is over: a process started and forgotten. */
  readonly settles: boolean;
  /** The expressions that the sink gets, for the planners to read literals from. */
  readonly sink: { readonly callee: string; readonly inputs: readonly SyntaxNode[] };
}
