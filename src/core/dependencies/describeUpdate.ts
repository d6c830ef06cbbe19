import type { KnownAdvisory } from './knownAdvisories';
import { affects } from './knownAdvisories';
import type { PlannedMove, UpdatePlan } from './planUpdate';

export interface DescribeRequest {
  readonly name: string;
  readonly plan: UpdatePlan;
  /** The move that the title speaks of. */
  readonly main: PlannedMove;
  readonly advisories: readonly KnownAdvisory[];
  /** Whether the registry was asked for advisories and answered. */
  readonly registryAnswered: boolean;
  /** Milliseconds since the epoch, for the age of the version. */
  readonly now: number;
}

/** Title, reason and notes of a dependency update, for the reviewer. */
export function describeUpdate(request: DescribeRequest): { title: string; reason: string; notes: readonly string[] } {
  const { name, plan, main, advisories } = request;
  const hits = advisories.filter((advisory) => affects(advisory, name, main.from) !== false).map(idOf);
  const affected = hits.length === 0 ? '' : `${name} ${main.from} is affected by ${[...new Set(hits)].join(', ')}. `;
  const where = main.direct ? '' : ' Every package that uses it allows that version, so the lock file alone changes.';
  const reason =
    `${affected}${main.to} is the lowest published version above it that none of the known advisories of ${name} affects.` +
    where;
  const others = plan.moves
    .filter((move) => move !== main)
    .map((move) => `Also moves ${name} ${move.from} to ${move.to}${move.key === undefined ? '' : ` at ${move.key}`}.`);
  return {
    title: `Update ${name} from ${main.from} to ${main.to}`,
    reason,
    notes: [
      ...(main.breaking ? [breakingNote(main)] : []),
      ...ageNote(main, request.now),
      ...others,
      ...skippedNotes(main),
      request.registryAnswered
        ? 'Known advisories are those of the reports and of the registry.'
        : 'Known advisories are those of the reports: the registry did not answer a question for its own.',
      ...plan.notes,
      ...plan.held.map((copy) => `Left: ${name} ${copy.version} at ${copy.key}, because ${copy.because}.`),
    ],
  };
}

function breakingNote({ from, to }: PlannedMove): string {
  return from.startsWith('0.') && to.startsWith('0.')
    ? `Below 1.0.0 another minor may break its users: ${from} → ${to}. Read its changelog.`
    : `Another major version: ${from} → ${to} may break its users. Read its changelog.`;
}

/** Security updates do not wait for a release age, but a very young version is said to be one. */
function ageNote({ to, publishedAt }: PlannedMove, now: number): readonly string[] {
  const at = publishedAt === undefined ? Number.NaN : Date.parse(publishedAt);
  const days = Math.floor((now - at) / (24 * 3600 * 1000));
  if (Number.isNaN(days) || days < 0 || days >= 7) return [];
  return [`${to} was published ${days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`}.`];
}

function skippedNotes({ lines }: PlannedMove): readonly string[] {
  const shown = lines.slice(0, 8).map((line) => `Passed over ${line}.`);
  return lines.length > 8 ? [...shown, `Passed over ${lines.length - 8} more groups of versions.`] : shown;
}

function idOf(advisory: KnownAdvisory): string {
  return advisory.ids.find((id) => id.startsWith('GHSA-')) ?? advisory.ids[0] ?? 'an advisory without an id';
}
