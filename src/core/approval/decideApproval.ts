import { cleanLine } from '../findings/cleanText';
import type { Approval, ApprovalDecision, ApprovalRequirement } from '../model/approval';
import { isNamedBy, personName, redactedIdentity, sameIdentity } from './identities';

export interface ApprovalContext {
  /** SHA-256 of the diff as it is now. */
  readonly diffHash: string;
  /** Everybody who wrote of the patch (git identity, login at the forge, the fixer): none of them approves it as a person. */
  readonly authors: readonly string[];
  /** Made-up identities that the policy allows (`approval.demo`). */
  readonly demo?: readonly string[] | undefined;
  /** Members of the teams that the requirement names (`@org/team`), where they could be read. */
  readonly teams?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Whether the reviews satisfy the requirement. Per person the latest review that is no comment speaks (docs.github.com: about
 * pull request reviews); an approval counts for the very diff that it was given for; a request for changes blocks, whatever the
 * diff, until the same person approves the present one or the request is dismissed. The summary names nobody, so that it may
 * stand in the log; `counted`, `passedOver` and `waitsFor` do.
 */
export function decideApproval(
  requirement: ApprovalRequirement,
  approvals: readonly Approval[],
  context: ApprovalContext,
): ApprovalDecision {
  const passedOver: { approval: Approval; why: string }[] = [];
  const standing: Approval[] = [];
  for (const approval of approvals) {
    const why = whyNot(approval, requirement, context);
    if (why === undefined) standing.push(approval);
    else passedOver.push({ approval, why });
  }
  const latest: Approval[] = [];
  for (const reviews of byPerson(standing)) {
    const [newest, ...older] = reviews.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
    if (newest !== undefined) latest.push(newest);
    passedOver.push(...older.map((approval) => ({ approval, why: 'a later review of the same person stands in its place' })));
  }
  const requests = latest.filter(({ state }) => state === 'changes-requested');
  const counted: Approval[] = [];
  for (const approval of latest.filter(({ state }) => state !== 'changes-requested')) {
    const why = approval.state === 'approved' ? whyOwn(approval, context) : 'it was dismissed';
    if (why === undefined) counted.push(approval);
    else passedOver.push({ approval, why });
  }
  const verdict = judge(requirement, counted, requests, context);
  return { requirement, diffHash: context.diffHash, counted: [...counted, ...requests], passedOver, ...verdict };
}

/** Why a review is not even looked at; undefined when it may speak. */
function whyNot(approval: Approval, requirement: ApprovalRequirement, context: ApprovalContext): string | undefined {
  if (approval.state === 'commented') return 'a comment decides nothing';
  if (approval.state === 'approved' && approval.diffHash !== context.diffHash)
    return 'it was given for another diff: the patch changed since';
  switch (approval.kind) {
    case 'rule':
      if (context.authors.some((author) => sameIdentity(author, approval.by))) return 'what wrote the fix does not approve it';
      return requirement.byRule
        ? undefined
        : `no rule may approve this patch: ${requirement.ruleRefusals?.[0] ?? 'the policy says so'}`;
    case 'solo':
      return requirement.solo ? undefined : 'the policy does not let the author approve alone (approval.solo)';
    case 'person':
      return whyNotPerson(approval, requirement, context);
  }
}

function whyNotPerson(approval: Approval, requirement: ApprovalRequirement, context: ApprovalContext): string | undefined {
  if (approval.by.trim() === '' || approval.by === redactedIdentity)
    return 'the name was taken out of the log: it can be anybody';
  const listed = (context.demo ?? []).some((identity) => sameIdentity(identity, approval.by));
  if (approval.source === 'demo' && !listed) return 'it is a demo identity that the policy does not list (approval.demo)';
  // The author's own request for changes blocks like anybody's; only their approval is worth nothing.
  if (listed || isOwn(approval, context)) return undefined;
  return whyNotFrom(approval.by, requirement.from, context.teams);
}

/**
 * Why this identity is not among those whose review counts; undefined when it is, or when anybody's does.
 * @param from - `@user`, `@org/team` or addresses
 */
export function whyNotFrom(identity: string, from: readonly string[], teams: ApprovalContext['teams'] = {}): string | undefined {
  if (from.length === 0) return undefined;
  if (from.some((entry) => !isTeam(entry) && isNamedBy(entry, identity))) return undefined;
  const asked = from.filter(isTeam);
  if (asked.some((team) => teams[team]?.some((member) => isNamedBy(member, identity)))) return undefined;
  const unread = unreadTeams(from, teams);
  return unread.length > 0
    ? `who belongs to ${unread.join(', ')} could not be read`
    : `only ${from.join(', ')} may approve (approval.from)`;
}

const unreadWord = ' (its members could not be read, so nobody counts for it)';

/** `@org/team`, as CODEOWNERS writes it. */
export function isTeam(entry: string): boolean {
  return entry.startsWith('@') && entry.includes('/');
}

function unreadTeams(from: readonly string[], teams: ApprovalContext['teams'] = {}): readonly string[] {
  return from.filter((entry) => isTeam(entry) && teams[entry] === undefined);
}

function whyOwn(approval: Approval, context: ApprovalContext): string | undefined {
  if (approval.kind !== 'person') return undefined;
  if (context.authors.length === 0) return 'who wrote the patch is not known, so it could be the author’s own';
  return isOwn(approval, context) ? 'nobody approves their own patch' : undefined;
}

function isOwn({ by }: Approval, { authors }: ApprovalContext): boolean {
  return authors.some((author) => sameIdentity(author, by));
}

/** Reviews of one person together; a rule and a solo approval each stand for themselves. */
function byPerson(approvals: readonly Approval[]): readonly (readonly Approval[])[] {
  const people: Approval[][] = [];
  for (const approval of approvals) {
    const known = people.find(([first]) => first?.kind === approval.kind && sameIdentity(first.by, approval.by));
    if (known === undefined) people.push([approval]);
    else known.push(approval);
  }
  return people;
}

function judge(
  requirement: ApprovalRequirement,
  counted: readonly Approval[],
  requests: readonly Approval[],
  context: ApprovalContext,
): Pick<ApprovalDecision, 'outcome' | 'waitsFor' | 'summary'> {
  const { risk } = requirement;
  if (requests.length > 0) {
    return {
      outcome: 'failed',
      waitsFor: requests.map(
        ({ by, diffHash }) =>
          `${nameOf(by)} to approve, or to take back the request for changes${diffHash === context.diffHash ? '' : ' (made for an earlier diff)'}`,
      ),
      summary: `${people(requests.length)} ${requests.length === 1 ? 'asks' : 'ask'} for changes.`,
    };
  }
  const persons = counted.filter(({ kind }) => kind === 'person');
  const done = (summary: string) => ({ outcome: 'successful' as const, waitsFor: [], summary });
  const needed = Math.max(1, requirement.people);
  if (persons.length >= needed) {
    const demo = persons.filter(({ source, by }) => isDemo(source, by, context)).length;
    const label =
      demo === 0
        ? ''
        : demo === persons.length
          ? ` (demo ${demo === 1 ? 'identity' : 'identities'})`
          : ` (${demo} of them a demo identity)`;
    return done(`Approved by ${people(persons.length)}${label}; ${risk} risk asks for ${needed}.`);
  }
  if (counted.some(({ kind }) => kind === 'solo'))
    return done('Approved solo, by the author of the patch: nobody else has looked at it.');
  if (counted.some(({ kind }) => kind === 'rule'))
    return done('Approved by the policy’s rule for low risk with full evidence: no person has looked at it.');
  const open = needed - persons.length;
  const unread = unreadTeams(requirement.from, context.teams);
  const whom =
    requirement.from.length === 0
      ? 'from anybody but the author'
      : `from ${requirement.from.map((each) => `${cleanLine(each, 100)}${unread.includes(each) ? unreadWord : ''}`).join(' or ')}`;
  const others = [
    ...(requirement.byRule ? ['or the policy’s rule for low risk'] : []),
    ...(requirement.solo ? ['or the author alone, recorded as solo'] : []),
  ];
  return {
    outcome: 'waiting',
    waitsFor: [[`${open} ${persons.length > 0 ? 'more ' : ''}approval${open === 1 ? '' : 's'} ${whom}`, ...others].join(', ')],
    summary: `${persons.length} of ${people(needed)} approved; ${risk} risk asks for ${needed}.`,
  };
}

/** Made-up identities are labelled wherever they count, also where they came in under another source. */
function isDemo(source: string, by: string, { demo = [] }: ApprovalContext): boolean {
  return source === 'demo' || demo.some((identity) => sameIdentity(identity, by));
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

function nameOf(by: string): string {
  return cleanLine(personName(by), 100);
}
