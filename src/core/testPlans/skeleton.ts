import type { CodeWeakness } from './weakness';
import type { PlanContext, PlannedTest } from './plannedTest';

const harms: Readonly<Record<CodeWeakness, { readonly words: string; readonly stem: string; readonly input: string }>> = {
  'command-injection': { words: 'command injection', stem: 'command-injection', input: '127.0.0.1; touch canary' },
  'path-traversal': { words: 'path traversal', stem: 'path-traversal', input: '../../../../etc/passwd' },
  'sql-injection': { words: 'SQL injection', stem: 'sql-injection', input: "x' OR '1'='1" },
};

/** A test that a person completes at one marked line; until then it is the framework's todo and never green. */
export function planSkeleton(weakness: CodeWeakness, because: string, place: string, context: PlanContext): PlannedTest {
  const harm = harms[weakness];
  const failure = `Patchline: ${harm.words}:`;
  return {
    plan: {
      findingId: context.findingId,
      title: `${place}: ${harm.words}`,
      stem: `${context.stem}.${harm.stem}`,
      comment: `${place}: no way to the code was found by machine: ${because} (${context.ruleId}).`,
      imports: [],
      cases: [
        {
          name: `${harm.words} at ${place}`,
          pending: true,
          body: `const input = ${JSON.stringify(harm.input)};
const harmed = true; // COMPLETE THIS LINE: send \`input\` to the code at ${place}, and say whether the harm happened. Then make the test active.
assert.equal(harmed, false, \`${failure} \${input} did harm\`);`,
        },
      ],
    },
    strength: 'skeleton',
    expectedFailure: failure,
    claim: `A frame for a test of ${place}: a person must complete one marked line, because ${because}.`,
  };
}
