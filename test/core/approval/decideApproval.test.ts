import assert from 'node:assert/strict';
import fc from 'fast-check';
import { approversFor } from '../../../src/core/approval/approversFor';
import type { ApprovalContext } from '../../../src/core/approval/decideApproval';
import { decideApproval } from '../../../src/core/approval/decideApproval';
import { isNamedBy, redactedIdentity, sameIdentity } from '../../../src/core/approval/identities';
import type { Approval, ApprovalRequirement } from '../../../src/core/model/approval';

const diffHash = 'd'.repeat(64);
const earlier = 'e'.repeat(64);
const ada = 'Ada Lovelace <ada@example.org>';
const grace = 'Grace Hopper <grace@example.org>';
const alan = 'Alan Turing <alan@example.org>';
const tester = 'Demo Reviewer <demo@example.invalid>';

const requirement = (over: Partial<ApprovalRequirement> = {}): ApprovalRequirement => ({
  risk: 'medium',
  reasons: [],
  people: 1,
  from: [],
  byRule: false,
  solo: false,
  ...over,
});
const review = (by: string, over: Partial<Approval> = {}): Approval => ({
  kind: 'person',
  by,
  source: 'git-config',
  state: 'approved',
  diffHash,
  at: '2026-03-02T10:00:00.000Z',
  ...over,
});
const context = (over: Partial<ApprovalContext> = {}): ApprovalContext => ({ diffHash, authors: [ada], ...over });
const later = { at: '2026-03-02T11:00:00.000Z' };

describe('decideApproval, in words', () => {
  const cases: readonly [string, Partial<ApprovalRequirement>, readonly Approval[], Partial<ApprovalContext>, string][] = [
    [
      'nobody yet',
      {},
      [],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author',
    ],
    [
      'nobody yet, but a rule or the author may',
      { risk: 'low', byRule: true, solo: true, from: ['@acme/security', 'grace@example.org'] },
      [],
      {},
      'waiting: 0 of 1 person approved; low risk asks for 1. Waits for 1 approval from @acme/security (its members could not be read, so nobody counts for it) or grace@example.org, or the policy’s rule for low risk, or the author alone, recorded as solo',
    ],
    ['one person', {}, [review(grace)], {}, 'successful: Approved by 1 person; medium risk asks for 1.'],
    [
      'one of two',
      { risk: 'high', people: 2 },
      [review(grace), review('GRACE@Example.ORG', later)],
      {},
      'waiting: 1 of 2 people approved; high risk asks for 2. Waits for 1 more approval from anybody but the author. Passed over: Grace Hopper <grace@example.org> (a later review of the same person stands in its place)',
    ],
    [
      'two of two, one of them made up',
      { risk: 'high', people: 2 },
      [review(grace), review(tester, { source: 'demo' })],
      { demo: [tester] },
      'successful: Approved by 2 people (1 of them a demo identity); high risk asks for 2.',
    ],
    [
      'a made-up one alone',
      {},
      [review(tester, { source: 'demo' })],
      { demo: [tester] },
      'successful: Approved by 1 person (demo identity); medium risk asks for 1.',
    ],
    [
      'a made-up one that nobody listed',
      {},
      [review(tester, { source: 'demo' })],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: Demo Reviewer <demo@example.invalid> (it is a demo identity that the policy does not list (approval.demo))',
    ],
    [
      'the author, spelt otherwise',
      {},
      [review('A. Lovelace <Ada+work@EXAMPLE.org>')],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: A. Lovelace <Ada+work@EXAMPLE.org> (nobody approves their own patch)',
    ],
    [
      'an author that is not known',
      {},
      [review(grace)],
      { authors: [] },
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: Grace Hopper <grace@example.org> (who wrote the patch is not known, so it could be the author’s own)',
    ],
    [
      'an approval of another diff',
      {},
      [review(grace, { diffHash: earlier })],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: Grace Hopper <grace@example.org> (it was given for another diff: the patch changed since)',
    ],
    [
      'a request for changes beside an approval',
      {},
      [review(alan), review(grace, { state: 'changes-requested', diffHash: earlier })],
      {},
      'failed: 1 person asks for changes. Waits for Grace Hopper to approve, or to take back the request for changes (made for an earlier diff)',
    ],
    [
      'a request that was followed by approval, and a comment',
      {},
      [
        review(grace, { state: 'changes-requested' }),
        review(grace, later),
        review(grace, { state: 'commented', at: '2026-03-03T00:00:00Z' }),
      ],
      {},
      'successful: Approved by 1 person; medium risk asks for 1. Passed over: Grace Hopper <grace@example.org> (a comment decides nothing), Grace Hopper <grace@example.org> (a later review of the same person stands in its place)',
    ],
    [
      'a dismissed approval',
      {},
      [review(grace), review(grace, { ...later, state: 'dismissed' })],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: Grace Hopper <grace@example.org> (a later review of the same person stands in its place), Grace Hopper <grace@example.org> (it was dismissed)',
    ],
    [
      'somebody who is not asked, and a team that could not be read',
      { from: ['@acme/security', '@alan'] },
      [review(grace)],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from @acme/security (its members could not be read, so nobody counts for it) or @alan. Passed over: Grace Hopper <grace@example.org> (who belongs to @acme/security could not be read)',
    ],
    [
      'a member of the team',
      { from: ['@acme/security'] },
      [review('grace', { source: 'github' })],
      { teams: { '@acme/security': ['Grace'] } },
      'successful: Approved by 1 person; medium risk asks for 1.',
    ],
    [
      'somebody whose git name reads like the login of a member',
      { from: ['@acme/security', '@grace'] },
      [review('grace <mallory@example.org>')],
      { teams: { '@acme/security': ['Grace'] } },
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from @acme/security or @grace. Passed over: grace <mallory@example.org> (only @acme/security, @grace may approve (approval.from))',
    ],
    [
      'solo, allowed',
      { risk: 'high', people: 2, solo: true },
      [review(ada, { kind: 'solo' })],
      {},
      'successful: Approved solo, by the author of the patch: nobody else has looked at it.',
    ],
    [
      'solo, not allowed',
      {},
      [review(ada, { kind: 'solo' })],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: Ada Lovelace <ada@example.org> (the policy does not let the author approve alone (approval.solo))',
    ],
    [
      'a rule',
      { risk: 'low', byRule: true },
      [review('low risk with full evidence', { kind: 'rule', source: 'policy' })],
      {},
      'successful: Approved by the policy’s rule for low risk with full evidence: no person has looked at it.',
    ],
    [
      'a rule that may not',
      { ruleRefusals: ['its risk is medium'] },
      [review('low risk with full evidence', { kind: 'rule', source: 'policy' })],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: low risk with full evidence (no rule may approve this patch: its risk is medium)',
    ],
    [
      'a rule that wrote the fix',
      { risk: 'low', byRule: true },
      [review('fix-bot', { kind: 'rule', source: 'policy' })],
      { authors: [ada, '@fix-bot'] },
      'waiting: 0 of 1 person approved; low risk asks for 1. Waits for 1 approval from anybody but the author, or the policy’s rule for low risk. Passed over: fix-bot (what wrote the fix does not approve it)',
    ],
    [
      'a name that was taken out of the log',
      {},
      [review(redactedIdentity)],
      {},
      'waiting: 0 of 1 person approved; medium risk asks for 1. Waits for 1 approval from anybody but the author. Passed over: (redacted) (the name was taken out of the log: it can be anybody)',
    ],
  ];
  for (const [name, asked, approvals, about, words] of cases) {
    it(name, () => {
      const { outcome, summary, waitsFor, passedOver } = decideApproval(requirement(asked), approvals, context(about));
      const rest = [
        ...(waitsFor.length === 0 ? [] : [` Waits for ${waitsFor.join(' and ')}`]),
        ...(passedOver.length === 0
          ? []
          : [
              `${waitsFor.length === 0 ? '' : '.'} Passed over: ${passedOver.map(({ approval, why }) => `${approval.by} (${why})`).join(', ')}`,
            ]),
      ];
      assert.equal(`${outcome}: ${summary}${rest.join('')}`, words);
    });
  }
});

describe('decideApproval, whatever comes', () => {
  const hash = fc.constantFrom(diffHash, earlier);
  const state = fc.constantFrom('approved', 'changes-requested', 'dismissed', 'commented') as fc.Arbitrary<Approval['state']>;
  const at = fc.integer({ min: 0, max: 5 }).map((hour) => `2026-03-02T0${hour}:00:00.000Z`);
  const reviewBy = (by: fc.Arbitrary<string>): fc.Arbitrary<Approval> =>
    fc.record({
      kind: fc.constantFrom('person', 'rule', 'solo') as fc.Arbitrary<Approval['kind']>,
      by,
      source: fc.constantFrom('git-config', 'github', 'demo', 'policy'),
      state,
      diffHash: hash,
      at,
    });
  const asked = fc.record({
    risk: fc.constantFrom('low', 'medium', 'high') as fc.Arbitrary<ApprovalRequirement['risk']>,
    people: fc.integer({ min: 0, max: 3 }),
    from: fc.constantFrom([], ['ada@example.org'], ['@acme/team']),
    byRule: fc.boolean(),
    solo: fc.boolean(),
  });
  const own = fc.constantFrom(
    ada,
    'ADA@EXAMPLE.ORG',
    '<ada@example.org>',
    'X <ada+y@example.org>',
    '@ada-l',
    'Ada-L',
    '7+ada-l@users.noreply.github.com',
  );
  const anybody = fc.oneof(own, fc.constantFrom(grace, alan, 'grace', tester, redactedIdentity, ''));
  const about = context({ authors: [ada, 'ada-l'], demo: [tester], teams: { '@acme/team': ['ada-l'] } });

  it('the author alone never approves, unless solo', () => {
    fc.assert(
      fc.property(asked, fc.array(reviewBy(own), { maxLength: 8 }), (over, approvals) => {
        const decision = decideApproval(requirement({ ...over, byRule: false }), approvals, about);
        const solo = over.solo && decision.counted.some(({ kind }) => kind === 'solo');
        assert.ok(decision.outcome !== 'successful' || solo);
        if (decision.outcome === 'successful') assert.match(decision.summary, /^Approved solo/);
      }),
    );
  });

  it('an approval for another diff changes nothing', () => {
    fc.assert(
      fc.property(asked, fc.array(reviewBy(anybody), { maxLength: 8 }), reviewBy(anybody), (over, approvals, more) => {
        const other: Approval = { ...more, state: 'approved', diffHash: earlier };
        const { passedOver, ...before } = decideApproval(requirement(over), approvals, about);
        const { passedOver: after, ...same } = decideApproval(requirement(over), [...approvals, other], about);
        assert.deepEqual(same, before);
        assert.equal(after.length, passedOver.length + 1);
      }),
    );
  });

  it('every review is counted or passed over, and who asks for changes stops it', () => {
    fc.assert(
      fc.property(asked, fc.array(reviewBy(anybody), { maxLength: 8 }), (over, approvals) => {
        const { counted, passedOver, outcome } = decideApproval(requirement(over), approvals, about);
        assert.equal(counted.length + passedOver.length, approvals.length);
        assert.equal(
          outcome === 'failed',
          counted.some(({ state: each }) => each === 'changes-requested'),
        );
      }),
    );
  });
});

describe('sameIdentity', () => {
  const same = [
    ['Ada <ada@example.org>', 'ada@EXAMPLE.org'],
    ['@ada', 'Ada'],
    ['12+ada@users.noreply.github.com', '@ada'],
    ['a.d.a+x@gmail.com', 'ada@googlemail.com'],
    ['Ada <ada@bücher.example>', 'ada@xn--bcher-kva.example'],
    ['Ada  Lovelace', 'ada lovelace <ada@example.org>'],
  ] as const;
  const different = [
    [ada, grace],
    ['Ada <ada@example.org>', 'Ada <ada@example.net>'],
    ['@acme/ada', '@ada'],
    ['', 'Ada'],
    ['', ''],
  ] as const;
  for (const [a, b] of same) it(`${a} = ${b}`, () => assert.ok(sameIdentity(a, b) && sameIdentity(b, a)));
  for (const [a, b] of different) it(`${a} ≠ ${b}`, () => assert.ok(!sameIdentity(a, b) && !sameIdentity(b, a)));
});

describe('approversFor', () => {
  const say = (
    who: string,
    asked: Partial<ApprovalRequirement>,
    given: readonly Approval[] = [],
    about: Partial<ApprovalContext> = { demo: [tester] },
  ): readonly string[] =>
    approversFor(requirement(asked), given, context(about), { kind: 'person', identity: who, source: 'git-config' }).map(
      ({ kind, by, source, refused }) => `${kind} ${by} [${source}]${refused === undefined ? '' : `: ${refused}`}`,
    );

  it('offers the author no more than the policy does', () => {
    assert.deepEqual(say(ada, { ruleRefusals: ['its risk is medium', 'the files have owners: @acme/core'] }), [
      `person ${ada} [git-config]: nobody approves their own patch`,
      `person ${tester} [demo]`,
      'rule low risk with full evidence [policy]: no rule may approve this patch: its risk is medium; the files have owners: @acme/core',
      `solo ${ada} [git-config]: the policy does not let the author approve alone (approval.solo)`,
    ]);
  });

  it('offers somebody else a review, once', () => {
    assert.deepEqual(say(grace, { solo: true, byRule: true }, [review('grace@example.org')], {}), [
      `person ${grace} [git-config]: this diff is approved by it already`,
      'rule low risk with full evidence [policy]',
      `solo ${grace} [git-config]: you did not write the patch: approve it as a person`,
    ]);
    assert.equal(
      say(grace, { from: ['@alan'] }, [], {})[0],
      `person ${grace} [git-config]: only @alan may approve (approval.from)`,
    );
  });

  it('never offers what would not count, and refuses nothing that would', () => {
    const kinds = fc.record({
      byRule: fc.boolean(),
      solo: fc.boolean(),
      from: fc.constantFrom([], ['@grace'], ['grace@example.org']),
    });
    fc.assert(
      fc.property(kinds, fc.constantFrom(ada, grace, alan, 'ada', tester), (over, identity) => {
        const asked = requirement(over);
        const about = context({ demo: [tester] });
        for (const { refused, ...approver } of approversFor(asked, [], about, { kind: 'person', identity, source: 'os-user' })) {
          const approval = { ...approver, state: 'approved' as const, diffHash, at: later.at };
          const { outcome } = decideApproval(asked, [approval], about);
          if (refused === undefined) assert.equal(outcome, 'successful');
          else if (approver.kind !== 'solo') assert.notEqual(outcome, 'successful');
        }
      }),
    );
  });
});

describe('isNamedBy', () => {
  const named: readonly (readonly [entry: string, identity: string])[] = [
    ['@grace', 'Grace'],
    ['@grace', 'Grace Hopper <7+grace@users.noreply.github.com>'],
    ['7+grace@users.noreply.github.com', 'grace'],
    ['grace@example.org', 'Grace Hopper <Grace+work@example.org>'],
  ];
  const not: readonly (readonly [entry: string, identity: string])[] = [
    ['@grace', 'grace <mallory@example.org>'],
    ['grace@example.org', 'grace'],
    ['Grace Hopper <grace@example.org>', 'Grace Hopper'],
    ['grace@example.org', 'Grace Hopper <mallory@example.org>'],
  ];
  for (const [entry, identity] of named) it(`${entry} names ${identity}`, () => assert.ok(isNamedBy(entry, identity)));
  for (const [entry, identity] of not) it(`${entry} does not name ${identity}`, () => assert.ok(!isNamedBy(entry, identity)));
});
