import type { PanelOutcome } from './protocol';

/** How an outcome is drawn: codicon, word, CSS class. Could-not-check is never drawn green. */
export const outcomes: Readonly<Record<PanelOutcome, { readonly icon: string; readonly word: string }>> = {
  successful: { icon: 'pass-filled', word: 'done' },
  failed: { icon: 'error', word: 'failed' },
  error: { icon: 'warning', word: 'could not be checked' },
  inconclusive: { icon: 'question', word: 'needs a decision' },
  waiting: { icon: 'clock', word: 'waiting' },
  closed: { icon: 'circle-slash', word: 'closed' },
  'not-reached': { icon: 'circle-large-outline', word: 'not reached' },
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
