/** `1 file`, `2 files`: for nouns whose plural ends in s. */
export function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `–`, `45 s`, `12 min`, `3.5 h`, `2.1 days`: milliseconds for a headline. */
export function durationWords(ms: number | null): string {
  if (ms === null) return '–';
  const round = (value: number) => String(Number(value < 10 ? value.toFixed(1) : value.toFixed(0)));
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 3_600_000) return `${round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${round(ms / 3_600_000)} h`;
  return `${round(ms / 86_400_000)} days`;
}
