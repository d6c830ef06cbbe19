import type { PanelChart, PanelOutcome } from './protocol';

/** How an outcome is drawn: codicon, word, and the word where a metric is meant. Could-not-check is never drawn green. */
export const outcomes: Readonly<Record<PanelOutcome, { readonly icon: string; readonly word: string; readonly metric: string }>> =
  {
    successful: { icon: 'pass-filled', word: 'done', metric: 'healthy' },
    failed: { icon: 'error', word: 'failed', metric: 'breach' },
    error: { icon: 'warning', word: 'could not be checked', metric: 'could not be measured' },
    inconclusive: { icon: 'question', word: 'needs a decision', metric: 'inconclusive' },
    waiting: { icon: 'clock', word: 'waiting', metric: 'too early to say' },
    closed: { icon: 'circle-slash', word: 'closed', metric: 'closed' },
    'not-reached': { icon: 'circle-large-outline', word: 'not reached', metric: 'not measured' },
  };

/** `340 ms`, `12 s`, `3 min`, `2 h`, `5 days`: one unit, rounded down. */
export function lasting(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** `2026-11-23 18:04 UTC`: the log's own time, the same for everybody who looks. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** How far away a due date is: `in 6 days`, `today`, `3 days overdue`. */
export function dueIn(iso: string, now: number): string {
  const days = Math.floor((Date.parse(iso) - now) / 86_400_000);
  if (days < 0) return `${-days} ${days === -1 ? 'day' : 'days'} overdue`;
  return days === 0 ? 'today' : `in ${days} ${days === 1 ? 'day' : 'days'}`;
}

/** `5.8 %`, `0.412`, `3 h`, `healthy`: a value of a chart in its unit. */
export function chartValue(unit: PanelChart['unit'], value: number): string {
  switch (unit) {
    case 'percent': {
      const percent = value * 100;
      return `${Number(percent.toPrecision(percent < 1 ? 1 : 3))} %`;
    }
    case 'duration':
      return value === 0 ? '0' : lasting(value);
    case 'health':
      return value >= 1 ? 'healthy' : 'failing';
    case 'number':
      return String(Number(value.toPrecision(3)));
  }
}

/** `14:05`, or `11-23` where the picture spans more than two days; UTC. */
export function clockTime(at: number, span: number): string {
  const iso = new Date(at).toISOString();
  return span > 2 * 86_400_000 ? iso.slice(5, 10) : iso.slice(11, 16);
}
