/** The finding ids that a command's arguments name: an id (link, key, panel), a row, or a row with the rows selected beside it. */
export function findingIdsIn(args: readonly unknown[]): readonly string[] {
  const [first, selected] = args;
  const several = Array.isArray(selected) ? selected.map(idOf).filter((id) => id !== undefined) : [];
  const one = idOf(first);
  if (one === undefined) return several;
  // VS Code passes the clicked row first; it belongs to the selection, or the selection does not count.
  return several.includes(one) ? several : [one];
}

/** The finding that a command for one is about: the row that was clicked, whatever is selected beside it. */
export function findingIdIn(args: readonly unknown[]): string | undefined {
  return idOf(args[0]) ?? findingIdsIn(args)[0];
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !('findingId' in value)) return undefined;
  return typeof value.findingId === 'string' ? value.findingId : undefined;
}
