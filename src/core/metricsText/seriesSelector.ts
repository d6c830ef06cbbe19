import { HumanError } from '../errors';
import { compileLinearRegex } from './linearRegex';
import type { MetricSeries } from './parseMetricsText';

export interface SeriesSelector {
  readonly name: string;
  matches(series: MetricSeries): boolean;
}

type Operator = '=' | '!=' | '=~' | '!~';

const longest = 2000;
const mostMatchers = 50;
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:.]*/y;
const matcher = /\s*([a-zA-Z_][a-zA-Z0-9_.]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*(,|(?=\}))/sy;

/**
 * Which series are meant, as PromQL writes it: `http_requests_total{status=~"5..",route!="x"}`. A label that is not there is empty;
 * regular expressions match the whole value (Prometheus, "Querying basics", instant vector selectors) and take linear time.
 *
 * @throws HumanError saying what is wrong with it
 */
export function parseSelector(text: string): SeriesSelector {
  const fail = (what: string): HumanError =>
    new HumanError(
      `The selector ${JSON.stringify(text.slice(0, 200))} is not right: ${what}. It must read like http_requests_total{status=~"5..",route!="/health"}.`,
    );
  if (text.length > longest) throw fail(`it is longer than ${longest} characters`);
  const trimmed = text.trim();
  metricName.lastIndex = 0;
  const name = metricName.exec(trimmed)?.[0];
  if (name === undefined) throw fail('it must begin with the name of a metric');
  const rest = trimmed.slice(name.length).trimStart();
  const matchers: ((labels: ReadonlyMap<string, string>) => boolean)[] = [];
  if (rest !== '') {
    if (!rest.startsWith('{')) throw fail('after the name only labels in braces may follow');
    let at = 1;
    while (!/^\s*\}/.test(rest.slice(at, at + 100))) {
      matcher.lastIndex = at;
      const found = matcher.exec(rest);
      if (found === null || matchers.length >= mostMatchers)
        throw fail(`the labels cannot be read from character ${name.length + at + 1} on`);
      at = matcher.lastIndex;
      const [, label = '', operator = '=', quoted = ''] = found;
      const value = unquote(quoted);
      if (value === undefined) throw fail('a text holds an unknown escape');
      matchers.push(compileMatcher(label, operator as Operator, value));
    }
    if (rest.slice(at).trim() !== '}') throw fail('nothing may follow the labels');
  }
  return {
    name,
    matches: (series) => series.name === name && matchers.every((each) => each(series.labels)),
  };
}

/** The values of all matching series together; undefined when there is none, or one of them is no number. */
export function sumSeries(series: readonly MetricSeries[], selector: SeriesSelector): number | undefined {
  let sum: number | undefined;
  for (const each of series) if (selector.matches(each)) sum = (sum ?? 0) + each.value;
  return sum === undefined || Number.isNaN(sum) ? undefined : sum;
}

function compileMatcher(label: string, operator: Operator, value: string): (labels: ReadonlyMap<string, string>) => boolean {
  const of = (labels: ReadonlyMap<string, string>): string => labels.get(label) ?? '';
  switch (operator) {
    case '=':
      return (labels) => of(labels) === value;
    case '!=':
      return (labels) => of(labels) !== value;
    case '=~':
    case '!~': {
      const test = compileLinearRegex(value);
      // Few values, many series.
      const known = new Map<string, boolean>();
      return (labels) => {
        const text = of(labels);
        const matched = known.get(text) ?? test(text);
        known.set(text, matched);
        return matched === (operator === '=~');
      };
    }
  }
}

/** Go's escapes as far as selectors need them; back quotes have none. */
function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return inner;
  let known = true;
  const text = inner.replace(/\\(.)/gs, (_, letter: string) => {
    const escaped = { '\\': '\\', '"': '"', "'": "'", n: '\n', t: '\t', r: '\r' }[letter];
    known &&= escaped !== undefined;
    return escaped ?? '';
  });
  return known ? text : undefined;
}
