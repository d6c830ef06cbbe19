import type { RegressionTest } from '../model/regressionTest';
import type { TestCase, TestComparison } from '../model/testReport';

/** `describe('…'` and `it('…'` with their string, in the quotes that it has; the frameworks' variants (`it.skip`) too. */
const titled =
  /\b(describe|suite|context|it|test)(?:\.\w+)*\s*\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`)/g;

/**
 * How a regression test stands in a report: by its file where the report names files, else by the names in its text. Every one
 * of its tests must be there and pass; one that is pending is not passed.
 *
 * @param test - undefined: the patch has none
 */
export function findRegression(cases: readonly TestCase[], test: RegressionTest | undefined): TestComparison['regression'] {
  if (test === undefined) return 'none';
  const own = cases.filter((one) => one.file === test.path || isFileCase(one, test.path));
  const found = own.length > 0 ? own : byNames(cases, test.text);
  if (found === undefined || found.length === 0) return 'missing';
  if (found.some(({ status }) => status === 'failed' || status === 'error')) return 'failed';
  return found.some(({ status }) => status === 'skipped') ? 'skipped' : 'passed';
}

/** A file that does not even load is reported as a test of the file's name (node:test). */
function isFileCase({ name }: TestCase, path: string): boolean {
  const slashed = name.replaceAll('\\', '/');
  return slashed === path || slashed.endsWith(`/${path}`);
}

/** Undefined when one of the test's cases is not there. Names of the whole way in, since runners cut it up differently. */
function byNames(cases: readonly TestCase[], text: string): readonly TestCase[] | undefined {
  const titles = [...text.matchAll(titled)].map(([, word, single, double, template]) => ({
    isSuite: /^(?:describe|suite|context)$/.test(word ?? ''),
    title: unescape(single ?? double ?? template ?? ''),
  }));
  const wanted: string[] = [];
  let suite = '';
  for (const { isSuite, title } of titles) {
    if (isSuite) suite = title;
    else wanted.push(flat(`${suite} ${title}`));
  }
  const found: TestCase[] = [];
  const full = cases.map((one) => ({ one, way: flat(`${one.suite} ${one.name}`), alone: flat(one.name) }));
  for (const want of wanted) {
    const matches = full.filter(({ way, alone }) => way === want || alone === want || way.endsWith(` ${want}`));
    if (matches.length === 0) return undefined;
    found.push(...matches.map(({ one }) => one));
  }
  return found;
}

const flat = (text: string): string =>
  text
    .replace(/ [›>] /g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** The escapes of JavaScript strings that titles have (JSON.stringify writes them). */
function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (_, long, short, one) => {
    const hex: unknown = long ?? short;
    if (typeof hex === 'string') return String.fromCharCode(parseInt(hex, 16));
    return one === 'n' || one === 'r' || one === 't' ? ' ' : String(one);
  });
}
