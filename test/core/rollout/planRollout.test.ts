import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isHumanError } from '../../../src/core/errors';
import type { MetricSpec } from '../../../src/core/model/analysis';
import type { ServicePolicy } from '../../../src/core/model/policy';
import type { RolloutStrategy } from '../../../src/core/model/rolloutStrategy';
import { findRolloutGaps } from '../../../src/core/rollout/findRolloutGaps';
import { planRollout } from '../../../src/core/rollout/planRollout';
import { orderServices, servicesFor } from '../../../src/core/rollout/servicesFor';

const errors: MetricSpec = {
  name: 'errors',
  kind: 'ratio',
  provider: 'scrape',
  canary: { url: 'http://localhost' },
  threshold: { max: 0.05 },
};
const service = (name: string, over: Partial<ServicePolicy> = {}): ServicePolicy => ({
  name,
  provider: 'command',
  strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 60 }] },
  commands: { step: ['npm', 'run', 'step'], rollback: ['npm', 'run', 'roll back'], rehearse: ['true'] },
  metrics: [errors],
  ...over,
});
const artifact = { name: 'web', uri: 'local:web', digest: { sha256: 'a'.repeat(64) }, commit: 'c'.repeat(40) };
const planOf = (over: Partial<ServicePolicy>) => planRollout({ run: 'f-1', attempt: 1, service: service('web', over), artifact });

describe('planRollout', () => {
  const cases: readonly [RolloutStrategy, readonly string[]][] = [
    [
      {
        kind: 'canary',
        steps: [
          { weight: 5, bakeSeconds: 60 },
          { weight: 50, bakeSeconds: 120, pause: true },
        ],
      },
      ['0 canary 5 %: 5, 60 s', '1 canary 50 %: 50, 120 s, pause', '2 canary 100 %: 100, 0 s'],
    ],
    [{ kind: 'canary', steps: [{ weight: 100, bakeSeconds: 60 }] }, ['0 canary 100 %: 100, 60 s']],
    [{ kind: 'blue-green', bakeSeconds: 90, pause: true }, ['0 green: 0, 90 s, pause', '1 all traffic to green: 100, 0 s']],
    [
      { kind: 'rolling', batches: 3, bakeSeconds: 30 },
      ['0 batch 1 of 3: 33.33, 30 s', '1 batch 2 of 3: 66.67, 30 s', '2 batch 3 of 3: 100, 30 s'],
    ],
    [{ kind: 'flag', flag: 'new', steps: [{ weight: 25, bakeSeconds: 5 }] }, ['0 flag 25 %: 25, 5 s', '1 flag 100 %: 100, 0 s']],
  ];
  for (const [strategy, steps] of cases) {
    it(steps.join(' · '), () => {
      assert.deepEqual(
        planOf({ strategy }).steps.map(
          ({ index, name, weight, bakeSeconds, pause }) =>
            `${index} ${name}: ${weight}, ${bakeSeconds} s${pause ? ', pause' : ''}`,
        ),
        steps,
      );
    });
  }

  it('carries what the rollout needs, with defaults', () => {
    const { steps, metrics, ...rest } = planOf({});
    assert.equal(steps.length, 2);
    assert.deepEqual(metrics, [errors]);
    assert.deepEqual(rest, {
      run: 'f-1',
      attempt: 1,
      service: 'web',
      environment: 'production',
      provider: 'command',
      strategy: 'canary',
      artifact: { name: 'web', uri: 'local:web', sha256: 'a'.repeat(64), commit: 'c'.repeat(40) },
      lookSeconds: 30,
      warmUpSeconds: 0,
      watchSeconds: 600,
      wayBack: 'npm run "roll back"',
    });
    assert.equal(planOf({ provider: 'github-deployments' }).wayBack, 'github-deployments puts the version before back');
  });

  it('rises to 100 whatever the batches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (batches) => {
        const weights = planOf({ strategy: { kind: 'rolling', batches, bakeSeconds: 1 } }).steps.map(({ weight }) => weight);
        assert.equal(weights.at(-1), 100);
        assert.ok(weights.every((weight, index) => weight > (weights[index - 1] ?? 0)));
      }),
    );
  });
});

describe('servicesFor', () => {
  const names = (services: readonly ServicePolicy[]) => services.map(({ name }) => name).join(' ');

  it('takes the services whose files changed, in order', () => {
    const services = [
      service('web', { paths: ['web/**'], after: ['api'] }),
      service('api', { paths: ['api/**', 'package.json'], after: ['db'] }),
      service('db', { paths: ['db/**'] }),
      service('all'),
      service('none', { paths: [] }),
    ];
    assert.equal(names(servicesFor({ services }, ['web/a.js', 'package.json'])), 'api web all');
    assert.equal(names(servicesFor({ services }, ['db/.env', 'web/a.js'])), 'db web all', 'db before web by way of api');
    assert.equal(names(servicesFor({ services }, [])), '');
    assert.deepEqual(servicesFor(undefined, ['a']), []);
  });

  it('puts every service after those it waits for', () => {
    const count = 7;
    const edges = fc.uniqueArray(
      fc.tuple(fc.nat(count - 1), fc.nat(count - 1)).filter(([a, b]) => a < b),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(edges, fc.shuffledSubarray([...Array(count).keys()], { minLength: count }), (pairs, order) => {
        const services = order.map((id) => service(`s${id}`, { after: pairs.filter(([, b]) => b === id).map(([a]) => `s${a}`) }));
        const sorted = orderServices(services).map(({ name }) => name);
        assert.equal(new Set(sorted).size, count);
        for (const [a, b] of pairs) assert.ok(sorted.indexOf(`s${a}`) < sorted.indexOf(`s${b}`));
      }),
    );
  });

  const refused = (services: readonly ServicePolicy[], message: RegExp) =>
    assert.throws(
      () => orderServices(services),
      (error: Error) => isHumanError(error) && message.test(error.message),
    );
  it('names a circle, and a service that is not there', () => {
    const circle = [
      service('x', { after: ['a'] }),
      service('a', { after: ['b'] }),
      service('b', { after: ['c'] }),
      service('c', { after: ['a'] }),
    ];
    refused(circle, /in a circle: a after b after c after a\./);
    refused([service('a', { after: ['a'] })], /a after a\./);
    refused([service('a', { after: ['b'] })], /a must come after b, which is not there/);
  });
});

describe('findRolloutGaps', () => {
  const gaps = (over: Partial<ServicePolicy>) => findRolloutGaps({ rollout: { services: [service('web', over)] } }, ['a.js']);

  it('finds none where all is there', () => assert.deepEqual(gaps({}), { problems: [], warnings: [] }));

  it('says what forbids a rollout', () => {
    const commands = { step: ['x'], rollback: [] };
    const { commands: _, ...without } = service('web');
    assert.deepEqual(
      [
        findRolloutGaps({}, ['a.js']),
        gaps({ paths: ['b/**'] }),
        gaps({ after: ['web'] }),
        gaps({ commands }),
        findRolloutGaps({ rollout: { services: [without] } }, ['a.js']),
      ].flatMap(({ problems }) => problems),
      [
        'Nothing says how to roll out: add rollout.services to .patchline.json.',
        'The patch touches no file of any service (web): look at their "paths" in .patchline.json.',
        'Services wait for each other in a circle: web after web. Take one "after" out of .patchline.json.',
        'web has no rollback command, and there is no rollout without one: add commands.rollback in .patchline.json.',
        'web has no command that sets its traffic: add commands.step and commands.rollback in .patchline.json.',
      ],
    );
  });

  it('says what would go unseen', () => {
    const { threshold: _, ...blind } = errors;
    assert.deepEqual(
      [
        gaps({ metrics: [] }),
        gaps({ metrics: [{ ...errors, onBreach: 'warn' }] }),
        gaps({ metrics: [blind], watchSeconds: 0 }),
        gaps({ warmUpSeconds: 45 }),
        gaps({ commands: { step: ['x'], rollback: ['y'] } }),
      ].flatMap(({ warnings }) => warnings),
      [
        'Nothing watches web: without metrics a bad version is not noticed. Add metrics in .patchline.json.',
        'No metric of web stops a bad version: all of them only warn.',
        'Metric errors of web has neither a baseline nor a threshold, so it can say nothing: give it one in .patchline.json.',
        'Nothing watches web after 100 %: watchSeconds is 0.',
        'Step “canary 10 %” of web lasts 60 s, but the metrics are first read after 75 s: make bakeSeconds longer or lookSeconds shorter.',
        'The way back of web cannot be rehearsed: there is no commands.rehearse.',
      ],
    );
  });
});
