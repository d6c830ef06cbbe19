import type { Finding } from '../model/finding';
import type { PriorityBand, TriagedFinding } from '../model/triage';
import type { FindingRow, FindingsView, RowFilter } from '../patchline';
import { eachStep, finish } from '../steps';
import type { Steps } from '../steps';

const bands: readonly PriorityBand[] = ['now', 'next', 'scheduled', 'backlog'];

/** The findings as the views page through them. `replaceSteps` swaps all at once, at its end, and tells the listeners. */
export interface FindingsTable extends FindingsView {
  replaceSteps(findings: readonly TriagedFinding[]): Steps<void>;
  /** All of them, suppressed ones too, worst first. */
  all(): readonly TriagedFinding[];
}

/** Findings in order, whole and by band. */
interface Lists {
  readonly open: readonly TriagedFinding[];
  readonly byBand: ReadonlyMap<PriorityBand, readonly TriagedFinding[]>;
}

interface Index extends Lists {
  readonly all: readonly TriagedFinding[];
  readonly byId: ReadonlyMap<string, TriagedFinding>;
  readonly byFile: ReadonlyMap<string, readonly TriagedFinding[]>;
}

/** Indexes are built once per replacement in linear time; every page afterwards costs only what it shows. */
export function createFindingsTable(): FindingsTable {
  let index = finish(indexOf([]));
  let selected: { readonly key: string; readonly from: Index; readonly lists: Lists } | undefined;
  /** What a filter lets through; the last one is kept, since a view asks for groups and pages under the same filter. */
  function listsOf(filter: RowFilter | undefined): Lists {
    const words = wordsOf(filter);
    const suppressed = filter?.suppressed === true;
    if (words.length === 0 && !suppressed) return index;
    const key = JSON.stringify([suppressed, words]);
    if (selected?.key !== key || selected.from !== index)
      selected = { key, from: index, lists: select(index, words, suppressed) };
    return selected.lists;
  }
  const listeners = new Set<() => void>();
  return {
    get count() {
      return index.open.length;
    },
    get suppressedCount() {
      return index.all.length - index.open.length;
    },
    groups(filter) {
      const { byBand } = listsOf(filter);
      return bands.map((band) => ({ band, count: byBand.get(band)?.length ?? 0 })).filter(({ count }) => count > 0);
    },
    rows(band, offset, limit, filter) {
      const lists = listsOf(filter);
      const list = band === undefined ? lists.open : (lists.byBand.get(band) ?? []);
      return list.slice(offset, offset + limit).map(rowOf);
    },
    get: (id) => index.byId.get(id),
    inFile: (path, limit) => (index.byFile.get(path) ?? []).slice(0, limit),
    files: () => [...index.byFile.keys()],
    all: () => index.all,
    onDidChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    *replaceSteps(findings) {
      index = yield* indexOf(findings);
      for (const listener of listeners) listener();
    },
  };
}

/** The row of one finding. */
export function rowOf(finding: TriagedFinding): FindingRow {
  const place = finding.locations[0];
  return {
    id: finding.id,
    title: finding.title,
    severity: finding.severity,
    band: finding.triage.band,
    priority: finding.triage.priority,
    ruleId: finding.ruleId,
    scanner: finding.scanner,
    where: whereOf(finding),
    ...(place === undefined ? {} : { path: place.path }),
    ...(place?.startLine === undefined ? {} : { startLine: place.startLine }),
    ...(finding.triage.due === undefined ? {} : { due: finding.triage.due }),
    suppressed: finding.suppressed,
  };
}

/** `src/x.js:12`, or `lodash 4.17.15 (package.json)` for a dependency. */
export function whereOf(finding: Finding): string {
  const reference = finding.package;
  if (reference !== undefined)
    return `${reference.name}${reference.version === undefined ? '' : ` ${reference.version}`} (${reference.manifest})`;
  const place = finding.locations[0];
  if (place === undefined) return finding.component ?? 'no place given';
  return place.startLine === undefined ? place.path : `${place.path}:${place.startLine}`;
}

function* indexOf(all: readonly TriagedFinding[]): Steps<Index> {
  const open: TriagedFinding[] = [];
  const byBand = new Map<PriorityBand, TriagedFinding[]>();
  const byFile = new Map<string, TriagedFinding[]>();
  const byId = new Map<string, TriagedFinding>();
  yield* eachStep(all, (finding) => {
    byId.set(finding.id, finding);
    if (finding.suppressed) return;
    open.push(finding);
    push(byBand, finding.triage.band, finding);
    for (const path of new Set(finding.locations.map((location) => location.path))) push(byFile, path, finding);
  });
  return { all, open, byBand, byFile, byId };
}

function wordsOf(filter: RowFilter | undefined): readonly string[] {
  return (
    filter?.text
      ?.toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '') ?? []
  );
}

function select(index: Index, words: readonly string[], suppressed: boolean): Lists {
  const open = (suppressed ? index.all : index.open).filter((finding) => {
    const text = [finding.title, finding.ruleId, finding.scanner, finding.severity, whereOf(finding)].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const byBand = new Map<PriorityBand, TriagedFinding[]>();
  for (const finding of open) push(byBand, finding.triage.band, finding);
  return { open, byBand };
}

function push<K>(map: Map<K, TriagedFinding[]>, key: K, finding: TriagedFinding): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [finding]);
  else list.push(finding);
}
