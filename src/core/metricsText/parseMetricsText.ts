import { HumanError } from '../errors';
import { cleanLine } from '../findings/cleanText';

/** One series with the value it has now. */
export interface MetricSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** What a page of metrics may hold; a service that shows more is not meant for this. */
const most = { series: 200_000, labels: 200, name: 500, value: 4096 };
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const infinite = /^([+-]?)inf(inity)?$/i;
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const blanks = /[ \t]*/y;
const word = /[^ \t#]+/y;

/**
 * Reads the text that a `/metrics` address shows: Prometheus' text format 0.0.4 and OpenMetrics 1.0 (specification/OpenMetrics.md,
 * "Text format"), names in quotes included. Comments, timestamps and exemplars are passed over; names are kept as they are written,
 * so OpenMetrics counters carry their `_total`.
 *
 * @throws HumanError naming the line, for what is neither; a page that is read in part would be no measurement
 */
export function parseMetricsText(text: string): readonly MetricSeries[] {
  const series: MetricSeries[] = [];
  let from = 0;
  for (let line = 1; from < text.length; line++) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    const content = text.slice(from, to).replace(/\r$/, '');
    from = to + 1;
    if (/^[ \t]*(#|$)/.test(content)) {
      // OpenMetrics ends here, whatever follows.
      if (content === '# EOF') break;
      continue;
    }
    if (series.length >= most.series) throw new HumanError(`The metrics hold more than ${most.series} series.`);
    series.push(readLine(content, line));
  }
  return series;
}

function readLine(content: string, line: number): MetricSeries {
  const fail = (what: string): HumanError =>
    new HumanError(`Line ${line} of the metrics is not right: ${what} (${JSON.stringify(cleanLine(content, 80))}).`);
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(content)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const quoted = (): string => {
    const read = readQuoted(content, at);
    if (read === undefined) throw fail('a text in quotes does not end or holds an unknown escape');
    at = read.end;
    if (read.text.length > most.value) throw fail(`a text is longer than ${most.value} characters`);
    return read.text;
  };

  take(blanks);
  let name = take(metricName);
  const labels = new Map<string, string>();
  take(blanks);
  if (content[at] === '{') {
    at += 1;
    for (take(blanks); content[at] !== '}'; take(blanks)) {
      const inQuotes = content[at] === '"';
      const label = inQuotes ? quoted() : take(labelName);
      if (label === '') throw fail('a label must have a name');
      take(blanks);
      if (content[at] === '=') {
        at += 1;
        take(blanks);
        if (content[at] !== '"') throw fail('the value of a label must be in quotes');
        if (labels.has(label)) throw fail('a label is there twice');
        labels.set(label, quoted());
      } else if (inQuotes && name === '' && labels.size === 0) name = label;
      else throw fail('a label must have a value');
      if (labels.size > most.labels) throw fail(`there are more than ${most.labels} labels`);
      take(blanks);
      if (content[at] === ',') at += 1;
      else if (content[at] !== '}') throw fail('labels must be divided by commas and end with a brace');
    }
    at += 1;
  }
  if (name === '' || name.length > most.name) throw fail('it must begin with the name of a metric');
  take(blanks);
  const value = readNumber(take(word));
  if (value === undefined) throw fail('the value must be a number');
  take(blanks);
  const timestamp = take(word);
  if (timestamp !== '' && readNumber(timestamp) === undefined) throw fail('the timestamp must be a number');
  take(blanks);
  // An exemplar.
  if (at < content.length && content[at] !== '#') throw fail('nothing may follow the value and its time');
  return { name, labels, value };
}

/** A text in double quotes with the escapes of the format: `\\`, `\"`, `\n`. `end`: behind the closing quote. */
function readQuoted(content: string, at: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  for (let index = at + 1; index < content.length; index++) {
    const letter = content[index] ?? '';
    if (letter === '"') return { text, end: index + 1 };
    if (letter !== '\\') {
      text += letter;
      continue;
    }
    index += 1;
    const escaped = { '\\': '\\', '"': '"', n: '\n' }[content[index] ?? ''];
    if (escaped === undefined) return undefined;
    text += escaped;
  }
  return undefined;
}

function readNumber(text: string): number | undefined {
  if (text.length > 64) return undefined;
  if (number.test(text)) return Number(text);
  const sign = infinite.exec(text)?.[1];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? NaN : undefined;
}
