import { HumanError } from '../errors';
import { cleanLine, cleanText } from '../findings/cleanText';
import { safePath } from '../findings/safePath';
import type { TestCase, TestStatus } from '../model/testReport';
import { readXml } from './xmlTree';
import type { XmlElement } from './xmlTree';

/**
 * The test cases of a JUnit XML document, one for each `<testcase>`, in document order within each suite. There is no standard;
 * read is what node:test, mocha (xunit, mocha-junit-reporter), jest-junit, vitest, Maven Surefire (with `flakyFailure` and
 * `rerunFailure`), pytest and go-junit-report write.
 *
 * @param text - the document, decoded
 * @param name - of the file, for errors
 * @param root - absolute folder that absolute file names lie under; those of GitHub's runners are known without it
 * @throws HumanError naming file and place when it is no JUnit XML
 */
export function parseJunit(text: string, name: string, root?: string): readonly TestCase[] {
  const document = readXml(text, name);
  const all = document.get('testsuites') ?? [];
  const alone = document.get('testsuite') ?? [];
  if (all.length + alone.length === 0) {
    throw new HumanError(`${name}:1: no JUnit XML: the root element is neither testsuites nor testsuite.`);
  }
  const cases: TestCase[] = [];
  const visit = (element: XmlElement, outer: Outer): void => {
    const itself = suiteItself(element, outer);
    if (itself !== undefined) cases.push(itself);
    for (const one of element.children.get('testcase') ?? []) cases.push(caseOf(one, outer, root));
    for (const suite of element.children.get('testsuite') ?? []) visit(suite, innerOf(suite, outer));
  };
  for (const element of all) visit(element, { suites: [], file: undefined });
  for (const suite of alone) visit(suite, innerOf(suite, { suites: [], file: undefined }));
  return cases;
}

interface Outer {
  readonly suites: readonly string[];
  readonly file: string | undefined;
}

/** What runners call their outermost suite: it says nothing of the tests. */
const generic = /^(?:|Mocha Tests|Root Suite|pytest|jest tests|vitest tests)$/;

function innerOf(suite: XmlElement, outer: Outer): Outer {
  const name = nameOf(suite.attributes['name']);
  return {
    suites: generic.test(name) ? outer.suites : [...outer.suites, name],
    file: suite.attributes['file'] ?? (looksLikeFile(name) ? name : outer.file),
  };
}

function caseOf(element: XmlElement, outer: Outer, root: string | undefined): TestCase {
  const said = nameOf(element.attributes['name']);
  const className = nameOf(element.attributes['classname']);
  const suites = tellsMore(className, said, outer.suites) ? [...outer.suites, className] : outer.suites;
  const file = fileOf([element.attributes['file'], outer.file, className, said], root);
  const { status, told } = statusOf(element);
  const seconds = secondsOf(element.attributes['time']);
  const message = told === undefined ? '' : messageOf(told);
  // Surefire: it failed, was run again and passed (maven.apache.org/surefire: rerun failing tests).
  const flaky = status === 'passed' && ['flakyFailure', 'flakyError'].some((tag) => element.children.has(tag));
  return {
    suite: suites.join(' › '),
    name: said === '' ? '(without a name)' : said,
    ...(file === undefined ? {} : { file }),
    status,
    ...(seconds === undefined ? {} : { seconds }),
    ...(message === '' ? {} : { message }),
    ...(flaky ? { flaky } : {}),
  };
}

/** A suite that could not be set up or loaded has no test that says so. */
function suiteItself(suite: XmlElement, { suites }: Outer): TestCase | undefined {
  const [failure, error] = [suite.children.get('failure')?.[0], suite.children.get('error')?.[0]];
  const told = failure ?? error;
  if (told === undefined) return undefined;
  const message = messageOf(told);
  const status = failure === undefined ? 'error' : 'failed';
  return { suite: suites.join(' › '), name: '(the suite itself)', status, ...(message === '' ? {} : { message }) };
}

const nameOf = (text: string | undefined): string => cleanLine(text ?? '', 1000);

/**
 * Whether the class name adds to the suites around it. node:test writes `test`; mocha-junit-reporter and jest-junit
 * repeat (a part of) the test's name; vitest, Surefire, pytest and go repeat the suite.
 */
function tellsMore(className: string, name: string, suites: readonly string[]): boolean {
  if (className === '' || className === 'test' || name.endsWith(className)) return false;
  return suites.at(-1) !== className && suites.join(' ') !== className;
}

function statusOf(element: XmlElement): { readonly status: TestStatus; readonly told?: XmlElement } {
  const first = (tag: string): XmlElement | undefined => element.children.get(tag)?.[0];
  const skipped = first('skipped');
  const [failure, error] = [first('failure'), first('error')];
  // node:test writes what a test that is marked as a todo fails with; the mark counts, as it does in its exit code.
  if (skipped !== undefined && (skipped.attributes['type'] === 'todo' || (failure ?? error) === undefined))
    return { status: 'skipped', told: skipped };
  if (failure !== undefined) return { status: 'failed', told: failure };
  if (error !== undefined) return { status: 'error', told: error };
  const flaky = first('flakyFailure') ?? first('flakyError');
  return flaky === undefined ? { status: wordOf(element) } : { status: 'passed', told: flaky };
}

/** GoogleTest and CTest say in an attribute that a test did not run, or how it ended. */
function wordOf({ attributes }: XmlElement): TestStatus {
  const said = [attributes['status'], attributes['result']].map((word) => word?.toLowerCase().replace(/[^a-z]/g, '') ?? '');
  if (said.some((word) => /^fail(?:ed|ure)?$/.test(word))) return 'failed';
  if (said.includes('error')) return 'error';
  return said.some((word) => /^(?:notrun|disabled|skip(?:ped)?|suppressed|pending|ignored)$/.test(word)) ? 'skipped' : 'passed';
}

/** The first lines of what was said, without terminal colours (ECMA-48, select graphic rendition). */
function messageOf(told: XmlElement): string {
  const attribute = told.attributes['message'];
  const text = attribute === undefined || attribute.trim() === '' || attribute === 'true' ? told.text : attribute;
  const plain = cleanText(text.slice(0, 20_000).replace(/\u001B?\[[0-9;]+m/g, ''), 5000);
  return cleanText(plain.trim().split('\n').slice(0, 8).join('\n'), 1000);
}

/** Seconds; Surefire writes thousands with a comma (`1,234.5`). What is no time is none. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d/.test(text)) return undefined;
  const seconds = Number(text.replace(/,(?=\d{3}(?:\D|$))/g, ''));
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

const looksLikeFile = (text: string): boolean => /[^\s/\\]\.(?:[cm]?[jt]sx?|py|rb|php|go)$/.test(text) && !/ (?:›|>) /.test(text);

/** Where GitHub's runners check a repository out: a folder named twice, below the runner's home, the container's or a drive's. */
const runnerFolder = /^(?:\/(?:home|Users)\/runner\/work|\/__w|[A-Z]:[\\/]a)[\\/]([^\\/]+)[\\/]\1[\\/](.+)$/;

/** The first of the candidates that is a path; attributes named `file` are taken at their word, names only if they look like one. */
function fileOf([ofCase, ofSuite, ...names]: readonly (string | undefined)[], root: string | undefined): string | undefined {
  for (const raw of [ofCase, ofSuite, ...names.filter((name) => looksLikeFile(name ?? ''))]) {
    if (raw === undefined) continue;
    const plain = raw.replace(/^file:\/\//, '');
    const safe = safePath(runnerFolder.exec(plain)?.[2] ?? plain, root ?? '');
    if ('path' in safe) return safe.path;
  }
  return undefined;
}
