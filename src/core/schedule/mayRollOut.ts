import { DateTime } from 'luxon';
import type { FreezePeriod, MaintenanceWindow, RolloutPolicy } from '../model/policy';
import type { Interval } from './localTime';
import { firstInstant, lastInstant } from './localTime';

export type Schedule = Pick<RolloutPolicy, 'windows' | 'freezes'>;

/** Instants are milliseconds since the epoch. */
export type ScheduleVerdict =
  /** `closesAt`: when the window closes or a freeze begins; absent where neither is in sight. */
  | { readonly allowed: true; readonly closesAt?: number }
  /** `until`: the first minute at which it is allowed; absent where none is in sight. */
  | { readonly allowed: false; readonly why: string; readonly until?: number };

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** A window comes back within a week; a day that a change of zone swallowed may take that one away, never two. */
const daysAhead = 22;

/**
 * Whether a rollout may start or go on now: not within a freeze, and within a window where there are any. A way back needs no
 * permission. Windows and freezes include their first minute and not their last. Each window opens and closes once: a clock
 * time that comes twice in autumn is the first one, and one that spring leaves out is the instant at which the clocks go
 * forward. A freeze lasts to the second of the two.
 * @param now - milliseconds since the epoch
 * @throws HumanError naming a time or zone that cannot be read
 */
export function mayRollOut(schedule: Schedule | undefined, now: number): ScheduleVerdict {
  const windows = schedule?.windows ?? [];
  const freezes = (schedule?.freezes ?? []).map((freeze) => ({ freeze, ...intervalOfFreeze(freeze) }));
  const frozen = freezes.filter((each) => contains(each, now)).toSorted((a, b) => b.end - a.end)[0];
  const open = windows.length === 0 ? undefined : longestOpen(windows, now);
  if (frozen === undefined && (windows.length === 0 || open !== undefined)) {
    const ends = [...freezes.map(({ start }) => start).filter((start) => start > now), ...(open === undefined ? [] : [open.end])];
    return ends.length === 0 ? { allowed: true } : { allowed: true, closesAt: Math.min(...ends) };
  }
  const until = nextOpening(schedule, now);
  const zone = frozen?.freeze.zone ?? windows[0]?.zone ?? 'UTC';
  const then =
    until === undefined
      ? frozen === undefined
        ? 'none of them opens in the next three weeks'
        : 'and no maintenance window follows'
      : `it may go on ${describeInstant(until, zone)}`;
  const why =
    frozen === undefined
      ? `Outside of the maintenance ${windows.length === 1 ? 'window' : 'windows'} (${describeWindows(windows)}): ${then}.`
      : `Frozen until ${describeInstant(frozen.end, zone)} (${frozen.freeze.reason}); ${then}.`;
  return { allowed: false, why, ...(until === undefined ? {} : { until }) };
}

/** The first instant from `now` on at which a rollout may run; `now` itself where it may, undefined where none is in sight. */
export function nextOpening(schedule: Schedule | undefined, now: number): number | undefined {
  const windows = schedule?.windows ?? [];
  const freezes = (schedule?.freezes ?? []).map(intervalOfFreeze);
  let at = now;
  // Each turn leaves one freeze behind for good, so there are no more turns than freezes.
  for (let turn = 0; turn <= freezes.length; turn += 1) {
    const opening = windows.length === 0 ? at : nextWindow(windows, at);
    if (opening === undefined) return undefined;
    const frozen = freezes.filter((freeze) => contains(freeze, opening));
    if (frozen.length === 0) return opening;
    at = Math.max(...frozen.map(({ end }) => end));
  }
  return undefined;
}

/** `Mon 5 Jan 2026, 09:00 (Europe/Berlin)`. */
export function describeInstant(at: number, zone: string): string {
  return `${DateTime.fromMillis(at, { zone, locale: 'en-GB' }).toFormat('ccc d LLL yyyy, HH:mm')} (${zone})`;
}

/** `mon–thu 09:00–16:00 Europe/Berlin`. */
export function describeWindows(windows: readonly MaintenanceWindow[]): string {
  return windows.map(({ days, from, to, zone }) => `${describeDays(days)} ${from}–${to} ${zone}`).join('; ');
}

function describeDays(days: MaintenanceWindow['days']): string {
  const runs: (readonly string[])[] = [];
  for (const [index, day] of weekdays.entries()) {
    if (!days.includes(day)) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === weekdays[index - 1]) runs[runs.length - 1] = [...last, day];
    else runs.push([day]);
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}–${run.at(-1)}` : run.join(', '))).join(', ');
}

function contains({ start, end }: Interval, at: number): boolean {
  return start <= at && at < end;
}

/** The window that is open at the instant; of several, the one that closes last. */
function longestOpen(windows: readonly MaintenanceWindow[], at: number): Interval | undefined {
  return windows
    .flatMap((window) => [...openings(window, at, 1)])
    .filter((interval) => contains(interval, at))
    .toSorted((a, b) => b.end - a.end)[0];
}

function nextWindow(windows: readonly MaintenanceWindow[], at: number): number | undefined {
  if (longestOpen(windows, at) !== undefined) return at;
  const starts = windows.flatMap((window) => {
    for (const { start } of openings(window, at, daysAhead)) if (start > at) return [start];
    return [];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** The window's openings from the day before the instant (it may run over midnight) to so many days after it, in order. */
function* openings({ days, from, to, zone }: MaintenanceWindow, at: number, ahead: number): Generator<Interval> {
  // Days are counted on the calendar alone, in UTC: a local day may have 23, 24 or 25 hours, or not exist.
  const today = DateTime.fromMillis(at, { zone }).setZone('UTC', { keepLocalTime: true }).startOf('day');
  for (let index = -1; index <= ahead; index += 1) {
    const day = today.plus({ days: index });
    if (!days.some((name) => name === weekdays[day.weekday - 1])) continue;
    const last = to > from ? day : day.plus({ days: 1 });
    const start = firstInstant(`${day.toISODate() ?? ''}T${from}`, zone);
    const end = firstInstant(`${last.toISODate() ?? ''}T${to}`, zone);
    if (start < end) yield { start, end };
  }
}

function intervalOfFreeze({ from, to, zone }: FreezePeriod): Interval {
  return { start: firstInstant(from, zone), end: lastInstant(to, zone) };
}
