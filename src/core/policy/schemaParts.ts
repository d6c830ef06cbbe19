import * as v from 'valibot';

/** Pieces that the parts of the policy's schema share. */

export const text = (description: string) => v.pipe(v.string(), v.minLength(1), v.description(description));
export const days = (severity: string) =>
  v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3650), v.description(`Days a ${severity} finding may stay open.`)),
  );
export const globs = (description: string) =>
  v.pipe(v.array(text('A glob, relative to the workspace root.')), v.description(description));
export const command = (description: string) =>
  v.pipe(v.array(text('The program, then its arguments; no shell reads them.')), v.minLength(1), v.description(description));

/** A calendar day as YYYY-MM-DD. */
export function day(words: string) {
  return v.pipe(
    v.string(),
    v.isoDate(),
    v.check((date) => isRealTime(`${date}T00:00`), 'there is no such day'),
    v.description(words),
  );
}

/** Dates roll over in JavaScript (31 February is 3 March): a real one (`YYYY-MM-DDThh:mm`) comes back as it was. */
export function isRealTime(time: string): boolean {
  const instant = Date.parse(`${time}:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(time);
}
