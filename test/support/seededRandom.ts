/** A small generator of equally spread numbers in [0, 1) (mulberry32): the same seed gives the same numbers everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from a binomial distribution by its cumulated probabilities. */
export function binomialDraws(total: number, rate: number, random: () => number): () => number {
  const odds = rate / (1 - rate);
  const sums: number[] = [];
  let term = (1 - rate) ** total;
  let sum = 0;
  for (let k = 0; k <= total; k++) {
    sums.push((sum += term));
    term *= ((total - k) / (k + 1)) * odds;
  }
  return () => {
    const drawn = random();
    let low = 0;
    let high = total;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 1) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
