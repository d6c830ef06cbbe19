import { DateTime, IANAZone } from 'luxon';
import { HumanError } from '../errors';

/** Milliseconds since the epoch; `end` is not part of it. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * The instant at which the clocks of a zone first show a local time. One that they leave out (daylight saving begins) is the
 * instant at which they jump over it.
 * @param local - `YYYY-MM-DDTHH:MM`
 * @throws HumanError when the time or the zone cannot be read
 */
export function firstInstant(local: string, zone: string): number {
  return Math.min(...instantsOf(local, zone));
}

/** Likewise the last instant: the second of two where the clocks show a time twice. */
export function lastInstant(local: string, zone: string): number {
  return Math.max(...instantsOf(local, zone));
}

function instantsOf(local: string, zone: string): readonly number[] {
  const time = DateTime.fromISO(local, { zone });
  if (!time.isValid)
    throw new HumanError(`The schedule in .patchline.json says ${local} in ${zone}: there is no such time or zone.`);
  const shown = time.toFormat("yyyy-MM-dd'T'HH:mm");
  if (shown === local) return time.getPossibleOffsets().map((each) => each.toMillis());
  return [jumpBefore(local, zone)];
}

/** Where the clocks jump over the local time: between its two readings, with the offset after the jump and with that before it. */
function jumpBefore(local: string, zone: string): number {
  const rules = IANAZone.create(zone);
  const asUtc = DateTime.fromISO(local, { zone: 'UTC' }).toMillis();
  const day = 24 * 3600 * 1000;
  const offsets = [rules.offset(asUtc - day), rules.offset(asUtc + day)].map((minutes) => minutes * 60_000);
  let before = asUtc - Math.max(...offsets);
  let after = asUtc - Math.min(...offsets);
  const old = rules.offset(before);
  // Jumps happen on whole minutes; halving a day takes less than twenty turns.
  while (after - before >= 120_000) {
    const middle = before + Math.floor((after - before) / 120_000) * 60_000;
    if (rules.offset(middle) === old) before = middle;
    else after = middle;
  }
  return after;
}
