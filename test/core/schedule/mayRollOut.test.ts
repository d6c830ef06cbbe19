import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FreezePeriod, MaintenanceWindow } from '../../../src/core/model/policy';
import type { Schedule } from '../../../src/core/schedule/mayRollOut';
import { mayRollOut, nextOpening } from '../../../src/core/schedule/mayRollOut';
import { isHumanError } from '../../../src/core/errors';

const zone = 'Europe/Berlin';
const office: MaintenanceWindow = { days: ['mon', 'tue', 'wed', 'thu'], from: '09:00', to: '16:00', zone };
const night: MaintenanceWindow = { days: ['fri'], from: '22:00', to: '02:00', zone };
const yearEnd: FreezePeriod = { from: '2025-12-20T00:00', to: '2026-01-06T09:30', zone, reason: 'year-end' };
const at = (iso: string): number => Date.parse(iso);
const minute = 60_000;

/** `open until …`, or why not and from when on. */
function say(schedule: Schedule, now: string): string {
  const verdict = mayRollOut(schedule, at(now));
  const iso = (instant: number | undefined): string =>
    instant === undefined ? 'open end' : new Date(instant).toISOString().slice(0, 16);
  return verdict.allowed ? `open until ${iso(verdict.closesAt)}` : `${verdict.why} [${iso(verdict.until)}]`;
}

describe('mayRollOut, in words', () => {
  const cases: readonly [string, Schedule, string, string][] = [
    ['no schedule', {}, '2026-01-07T03:00Z', 'open until open end'],
    ['inside', { windows: [office] }, '2026-01-07T08:00Z', 'open until 2026-01-07T15:00'],
    [
      'the closing minute is outside; the weekend is left out',
      { windows: [office] },
      '2026-01-08T15:00Z',
      'Outside of the maintenance window (mon–thu 09:00–16:00 Europe/Berlin): it may go on Mon 12 Jan 2026, 09:00 (Europe/Berlin). [2026-01-12T08:00]',
    ],
    ['over midnight, the next day', { windows: [office, night] }, '2026-01-10T00:30Z', 'open until 2026-01-10T01:00'],
    [
      'several windows: the next of any',
      { windows: [office, night] },
      '2026-01-08T16:00Z',
      'Outside of the maintenance windows (mon–thu 09:00–16:00 Europe/Berlin; fri 22:00–02:00 Europe/Berlin): it may go on Fri 9 Jan 2026, 22:00 (Europe/Berlin). [2026-01-09T21:00]',
    ],
    [
      'a freeze wins over a window, and ends inside of one',
      { windows: [office], freezes: [yearEnd] },
      '2026-01-05T08:00Z',
      'Frozen until Tue 6 Jan 2026, 09:30 (Europe/Berlin) (year-end); it may go on Tue 6 Jan 2026, 09:30 (Europe/Berlin). [2026-01-06T08:30]',
    ],
    [
      'a freeze that ends outside of every window',
      { windows: [night], freezes: [yearEnd] },
      '2026-01-02T22:00Z',
      'Frozen until Tue 6 Jan 2026, 09:30 (Europe/Berlin) (year-end); it may go on Fri 9 Jan 2026, 22:00 (Europe/Berlin). [2026-01-09T21:00]',
    ],
    [
      'freezes that overlap',
      { freezes: [yearEnd, { from: '2026-01-06T09:00', to: '2026-01-07T00:00', zone: 'Asia/Kathmandu', reason: 'audit' }] },
      '2026-01-06T05:00Z',
      'Frozen until Wed 7 Jan 2026, 00:00 (Asia/Kathmandu) (audit); it may go on Wed 7 Jan 2026, 00:00 (Asia/Kathmandu). [2026-01-06T18:15]',
    ],
    [
      'a freeze ahead closes a window early',
      { windows: [office], freezes: [{ ...yearEnd, from: '2026-01-07T12:00', to: '2026-01-08T00:00' }] },
      '2026-01-07T08:00Z',
      'open until 2026-01-07T11:00',
    ],
    [
      'days apart',
      { windows: [{ days: ['sun', 'mon', 'tue', 'fri'], from: '00:00', to: '00:00', zone: 'UTC' }] },
      '2026-01-07T08:00Z',
      'Outside of the maintenance window (mon, tue, fri, sun 00:00–00:00 UTC): it may go on Fri 9 Jan 2026, 00:00 (UTC). [2026-01-09T00:00]',
    ],
  ];
  for (const [name, schedule, now, words] of cases) it(name, () => assert.equal(say(schedule, now), words));
});

describe('mayRollOut, when the clocks change', () => {
  // Berlin 2026: 29 March 02:00 → 03:00 (01:00Z), 25 October 03:00 → 02:00 (01:00Z). Both are Sundays.
  const sunday = (from: string, to: string): Schedule => ({ windows: [{ days: ['sun'], from, to, zone }] });
  const minutesOpen = (schedule: Schedule, day: string): readonly string[] => {
    const start = at(`${day}T00:00Z`) - 120 * minute;
    const open = Array.from({ length: 360 }, (_, index) => start + index * minute).filter(
      (now) => mayRollOut(schedule, now).allowed,
    );
    const edges = open.filter((now, index) => open[index - 1] !== now - minute || open[index + 1] !== now + minute);
    return edges.map((now) => new Date(now).toISOString().slice(11, 16));
  };
  const cases: readonly [string, string, string, string, readonly string[]][] = [
    ['spring: opens when the clocks jump over its first minute', '2026-03-29', '02:30', '04:00', ['01:00', '01:59']],
    ['spring: closes when the clocks jump over its last minute', '2026-03-29', '01:00', '02:30', ['00:00', '00:59']],
    ['spring: a window that the clocks leave out does not open', '2026-03-29', '02:10', '02:50', []],
    ['autumn: opens once and closes once', '2026-10-25', '02:15', '02:45', ['00:15', '00:44']],
    ['autumn: a window over the change is an hour longer', '2026-10-25', '01:00', '03:30', ['23:00', '02:29']],
  ];
  for (const [name, day, from, to, edges] of cases) it(name, () => assert.deepEqual(minutesOpen(sunday(from, to), day), edges));

  it('waits a week for a window that the clocks left out', () => {
    assert.equal(nextOpening(sunday('02:10', '02:50'), at('2026-03-28T12:00Z')), at('2026-04-05T00:10Z'));
  });

  it('a freeze lasts to the second of two equal times', () => {
    const freezes = [{ from: '2026-10-25T02:30', to: '2026-10-25T02:30', zone, reason: 'x' }];
    assert.deepEqual(minutesOpen({ freezes }, '2026-10-25').slice(1, 3), ['00:29', '01:30']);
  });

  it('knows a day that a zone left out (Samoa, 30 December 2011)', () => {
    const freezes = [{ from: '2011-12-30T10:00', to: '2011-12-31T06:00', zone: 'Pacific/Apia', reason: 'x' }];
    assert.equal(nextOpening({ freezes }, at('2011-12-30T10:00Z')), at('2011-12-30T16:00Z'));
    assert.ok(mayRollOut({ freezes }, at('2011-12-30T09:59Z')).allowed);
    const windows: readonly MaintenanceWindow[] = [{ days: ['fri'], from: '10:00', to: '11:00', zone: 'Pacific/Apia' }];
    assert.equal(nextOpening({ windows }, at('2011-12-29T12:00Z')), at('2012-01-05T20:00Z'));
  });

  it('says which time cannot be read', () => {
    const freezes = [{ from: '2026-02-31T10:00', to: '2026-03-01T00:00', zone, reason: 'x' }];
    assert.throws(
      () => mayRollOut({ freezes }, 0),
      (error) => isHumanError(error) && error.message.includes('2026-02-31T10:00 in Europe/Berlin'),
    );
  });
});

describe('mayRollOut, whatever comes', () => {
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '59'))
    .map(([hour, min]) => `${String(hour).padStart(2, '0')}:${min}`);
  const days = fc.uniqueArray(
    fc.constantFrom<MaintenanceWindow['days'][number]>('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'),
    { minLength: 1, maxLength: 3 },
  );
  const scheduleIn = (zones: readonly string[]): fc.Arbitrary<Required<Schedule>> => {
    const anyZone = fc.constantFrom(...zones);
    return fc.record({
      windows: fc.array(fc.record({ days, from: clock, to: clock, zone: anyZone }), { maxLength: 3 }),
      freezes: fc.array(
        fc
          .tuple(fc.integer({ min: 10, max: 28 }), clock, fc.integer({ min: 0, max: 5 }), clock, anyZone)
          .map(([day, from, more, to, where]) => ({
            from: `2026-03-${day}T${from}`,
            to: new Date(Date.UTC(2026, 2, day + more)).toISOString().slice(0, 11) + to,
            zone: where,
            reason: 'x',
          })),
        { maxLength: 3 },
      ),
    });
  };
  const start = at('2026-03-20T00:00Z');
  const now = fc.integer({ min: 0, max: 14 * 24 * 60 }).map((minutes) => start + minutes * minute);

  it('until is the first allowed minute', () => {
    const zones = ['UTC', zone, 'Australia/Lord_Howe', 'America/St_Johns'];
    fc.assert(
      fc.property(
        scheduleIn(zones),
        now,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 5, maxLength: 5 }),
        (schedule, from, parts) => {
          const verdict = mayRollOut(schedule, from);
          if (verdict.allowed) return assert.equal(nextOpening(schedule, from), from);
          const { until } = verdict;
          assert.ok(until !== undefined && until > from && until % minute === 0);
          assert.ok(mayRollOut(schedule, until).allowed, 'allowed at its own word');
          const between = parts.map((part) => from + Math.floor((part * (until - from)) / minute) * minute);
          for (const early of [until - minute, ...between])
            assert.ok(early < from || !mayRollOut(schedule, early).allowed, new Date(early).toISOString());
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is what the clock on the wall says, where clocks do not change', () => {
    const offsets: Readonly<Record<string, number>> = { UTC: 0, 'Asia/Tokyo': 540, 'America/Phoenix': -420 };
    const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
    const wall = (instant: number, where: string): Date => new Date(instant + (offsets[where] ?? 0) * minute);
    fc.assert(
      fc.property(scheduleIn(Object.keys(offsets)), now, (schedule, instant) => {
        const frozen = schedule.freezes.some(({ from, to, zone: where }) => {
          const local = wall(instant, where).toISOString().slice(0, 16);
          return from <= local && local < to;
        });
        const open = schedule.windows.some(({ days: on, from, to, zone: where }) => {
          const local = wall(instant, where);
          const time = local.toISOString().slice(11, 16);
          const today = on.some((day) => day === names[local.getUTCDay()]);
          const yesterday = on.some((day) => day === names[(local.getUTCDay() + 6) % 7]);
          return from < to ? today && from <= time && time < to : (today && from <= time) || (yesterday && time < to);
        });
        assert.equal(mayRollOut(schedule, instant).allowed, !frozen && (open || schedule.windows.length === 0));
      }),
      { numRuns: 300 },
    );
  });
});
