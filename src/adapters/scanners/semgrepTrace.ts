import { cleanText } from '../../core/findings/cleanText';
import { safePath } from '../../core/findings/safePath';
import type { CodeFlow, Location } from '../../core/model/finding';

/** Steps beyond this help nobody. */
const mostSteps = 100;

/**
 * Semgrep's `dataflow_trace` as one path through the code: source, intermediate variables, sink. A trace is
 * `["CliLoc", [location, content]]` or `["CliCall", [[location, content], variables, trace]]`, the latter nested at will, so
 * it is walked with a list of what is left to do and not by recursion.
 */
export function traceSteps(trace: unknown, root: string): CodeFlow | undefined {
  const steps: Location[] = [];
  const { taint_source: source, intermediate_vars: variables, taint_sink: sink } = asObject(trace);
  const left: unknown[] = [sink, variables, source];
  for (let rounds = 0; left.length > 0 && rounds < 10 * mostSteps && steps.length < mostSteps; rounds++) {
    const next = left.pop();
    if (Array.isArray(next)) {
      const [tag, body] = next as readonly unknown[];
      if (tag === 'CliLoc' && Array.isArray(body)) addStep(steps, body[0], body[1], root);
      else if (tag === 'CliCall' && Array.isArray(body)) {
        const [call, between, inner] = body as readonly unknown[];
        if (Array.isArray(call)) addStep(steps, call[0], call[1], root);
        left.push(inner, between);
      } else left.push(...next.slice(0, mostSteps).reverse());
    } else {
      const { location, content } = asObject(next);
      addStep(steps, location, content, root);
    }
  }
  return steps.length === 0 ? undefined : steps;
}

function addStep(steps: Location[], location: unknown, content: unknown, root: string): void {
  const { path, start } = asObject(location);
  const { line } = asObject(start);
  if (typeof path !== 'string' || typeof line !== 'number' || !Number.isInteger(line) || line < 1) return;
  const safe = safePath(path, root);
  // A step outside the workspace (a library) cannot be opened; the rest of the way still tells.
  if ('reason' in safe) return;
  // Columns are left out: they count bytes, and without the line's text they cannot be turned into characters.
  steps.push({ path: safe.path, startLine: line, ...(typeof content === 'string' ? { snippet: cleanText(content, 1000) } : {}) });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
