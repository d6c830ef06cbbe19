import * as v from 'valibot';
import { HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { MetricSource, MetricSpec } from '../../core/model/analysis';

/** A text that says something. */
export const sourceText = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(10_000));

/** An address over http or https. */
export const sourceUrl = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(2000),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'it must be an http or https address'),
);

/**
 * The fields of a metric's source by the monitor's own schema.
 *
 * @throws HumanError naming metric and field; unknown fields are errors, since a misspelt one that is ignored measures something else
 */
export function readSource<const Schema extends v.GenericSchema>(
  schema: Schema,
  metric: MetricSpec,
  source: MetricSource,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, source);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = cleanLine(String(issue.path?.[0]?.key ?? ''), 50);
  const what =
    issue.expected === 'never'
      ? 'is not known to it'
      : issue.received === 'undefined'
        ? 'is missing'
        : `is not right: ${issue.message}`;
  throw new HumanError(
    `Metric “${metric.name}” (${metric.provider}, ${metric.kind}): the field “${field}” of its source ${what}. Correct it in .patchline.json.`,
  );
}

/** Length of a window in seconds. */
export function secondsOf(window: { readonly from: string; readonly to: string }): number {
  return (Date.parse(window.to) - Date.parse(window.from)) / 1000;
}
