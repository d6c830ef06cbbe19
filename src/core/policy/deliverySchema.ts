import * as v from 'valibot';
import { command, globs, text, isRealTime } from './schemaParts';

/** The second half of `.patchline.json`: checks, artifact, approval, rollout, metrics. */

const seconds = (description: string) =>
  v.pipe(v.number(), v.minValue(0), v.maxValue(30 * 86_400), v.description(`${description} In seconds.`));
/** Of a command: none would end the rollback too, and a timer holds no more than 24 days. */
const limit = (description: string) =>
  v.pipe(v.number(), v.minValue(1), v.maxValue(86_400), v.description(`${description} In seconds.`));
const zone = v.pipe(
  v.string(),
  v.check((name) => isZone(name), 'it must be an IANA time zone such as Europe/Berlin'),
  v.description('IANA time zone, such as Europe/Berlin.'),
);
const clock = (description: string) =>
  v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'it must be HH:MM'), v.description(description));
const localTime = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'it must be YYYY-MM-DDTHH:MM'),
    v.check((time) => isRealTime(time), 'there is no such day or time'),
    v.description(description),
  );
const id = (description: string) =>
  v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'it must be in kebab-case'), v.description(description));

/** Stepwise weights rise and end at 100: a canary that never gets all traffic would never be done. */
const weightSteps = (what: string) =>
  v.pipe(
    v.array(
      v.strictObject({
        weight: v.pipe(v.number(), v.minValue(0), v.maxValue(100), v.description(`Percent of ${what} for the new version.`)),
        bakeSeconds: seconds('How long the step is looked at before the next.'),
        pause: v.optional(v.pipe(v.boolean(), v.description('A person goes on from here.'))),
      }),
    ),
    v.minLength(1),
    v.check(
      (steps) => steps.every((step, index) => index === 0 || step.weight > (steps[index - 1]?.weight ?? 0)),
      'the weights must rise from step to step',
    ),
    v.description('In order. A last step of 100 percent is added where it is missing.'),
  );

const strategy = v.pipe(
  v.variant('kind', [
    v.strictObject({ kind: v.literal('canary'), steps: weightSteps('the traffic') }),
    v.strictObject({
      kind: v.literal('blue-green'),
      bakeSeconds: seconds('How long the new colour is looked at before it gets the traffic.'),
      pause: v.optional(v.pipe(v.boolean(), v.description('A person switches.'))),
    }),
    v.strictObject({
      kind: v.literal('rolling'),
      batches: v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(100),
        v.description('Into how many parts the instances are cut.'),
      ),
      bakeSeconds: seconds('How long each batch is looked at.'),
    }),
    v.strictObject({ kind: v.literal('flag'), flag: text('Name of the feature flag.'), steps: weightSteps('the users') }),
  ]),
  v.description('How the new version gets its traffic.'),
);

const source = (description: string) => v.pipe(v.record(v.string(), v.string()), v.description(description));

const metric = v.pipe(
  v.strictObject({
    name: id('Unique within the service.'),
    title: v.optional(text('What people read; the name by default.')),
    kind: v.pipe(
      v.picklist(['ratio', 'value', 'probe']),
      v.description('ratio: events of a total, such as errors of requests; value: one number; probe: a health address.'),
    ),
    provider: id('Who measures: prometheus or scrape.'),
    canary: source(
      'Where the new version is measured. prometheus: url, events and total, or query, in PromQL with $window. scrape: url, events and total, or value, as series with labels.',
    ),
    baseline: v.optional(source('Where the old version is measured in the same window.')),
    threshold: v.optional(
      v.pipe(
        v.strictObject({ max: v.optional(v.number()), min: v.optional(v.number()) }),
        v.description('Bounds that hold whatever the baseline does; a ratio is 0 to 1.'),
      ),
    ),
    tolerance: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.description('How much worse than the baseline is fine: points of a ratio (0.01), or the factor of a value (1.25).'),
      ),
    ),
    minSample: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(1), v.description('Least requests or readings on each side.')),
    ),
    failureLimit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.description('Failed looks that are borne; more of them fail the metric.')),
    ),
    consecutiveErrorLimit: v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(0), v.description('Looks in a row that may fail to measure; 4 by default.')),
    ),
    onBreach: v.optional(
      v.pipe(v.picklist(['rollback', 'pause', 'warn']), v.description('What a breach does; rollback by default.')),
    ),
  }),
  // Written in percent it would never be passed, and nobody would see it.
  v.check(
    ({ kind, threshold, tolerance }) =>
      kind !== 'ratio' || [threshold?.max, threshold?.min, tolerance].every((bound = 0) => bound >= 0 && bound <= 1),
    'threshold and tolerance of a ratio are 0 to 1: 0.05 for 5 %',
  ),
  v.description('A metric, its bounds, and how much must be seen before anything is said.'),
);

const service = v.strictObject({
  name: text('The service.'),
  environment: v.optional(text('Where it goes; production by default.')),
  provider: id('Who rolls it out: command or github-deployments.'),
  strategy,
  paths: v.optional(globs('Files that belong to it; a patch of one rolls it out. Every file by default.')),
  after: v.optional(v.pipe(v.array(text('A service.')), v.description('Services that must be rolled out before it.'))),
  commands: v.optional(
    v.pipe(
      v.strictObject({
        step: command('Sets the traffic to PATCHLINE_WEIGHT. Told twice it must be as once.'),
        rollback: command('Takes all traffic back to the old version.'),
        promote: v.optional(command('Makes the new version the only one.')),
        rehearse: v.optional(command('Exercises the way back without touching the traffic.')),
        status: v.optional(command('Prints JSON with weight, digest and healthy.')),
        timeoutSeconds: v.optional(limit('Limit of one command; 120 by default.')),
      }),
      v.description(
        'For command: the team’s own programs. They get PATCHLINE_SERVICE, PATCHLINE_ENVIRONMENT, PATCHLINE_ACTION, PATCHLINE_STEP, PATCHLINE_WEIGHT, PATCHLINE_DIGEST, PATCHLINE_ARTIFACT, PATCHLINE_COMMIT, PATCHLINE_KEY and PATCHLINE_RETRY.',
      ),
    ),
  ),
  metrics: v.pipe(
    v.array(metric),
    v.check((metrics) => new Set(metrics.map(({ name }) => name)).size === metrics.length, 'metric names must be unique'),
    v.description('What is watched while it rolls out.'),
  ),
  lookSeconds: v.optional(seconds('Time between two looks at the metrics; 30 by default.')),
  warmUpSeconds: v.optional(seconds('Left out of the analysis after each change of weight; 0 by default.')),
  watchSeconds: v.optional(seconds('How long the metrics are watched after 100 percent; 600 by default.')),
});

export const deliveryFields = {
  ci: v.optional(
    v.pipe(
      v.strictObject({
        provider: v.optional(id('Where checks run: github-actions or local; otherwise as the forge has it.')),
        required: v.optional(v.pipe(v.array(text('Name of a check.')), v.description('Checks that must pass.'))),
        jobs: v.optional(
          v.pipe(
            v.array(
              v.strictObject({
                name: text('Name of the check.'),
                command: command('What it runs in a clean work tree of the pull request.'),
                junit: v.optional(globs('JUnit XML files that it writes.')),
                timeoutSeconds: v.optional(limit('Limit; 900 by default.')),
              }),
            ),
            v.description('For local; otherwise the package’s build, test and lint scripts.'),
          ),
        ),
      }),
      v.description('Checks of a pull request.'),
    ),
  ),
  build: v.optional(
    v.pipe(
      v.strictObject({
        command: v.optional(
          command(
            'Makes the artifact in a clean work tree. By default npm pack; git archive where package.json has no name or version.',
          ),
        ),
        output: v.optional(text('File that it leaves, relative, or a glob that finds exactly one.')),
        registry: v.optional(id('Where it is kept; local by default.')),
      }),
      v.description('The artifact.'),
    ),
  ),
  approval: v.optional(
    v.pipe(
      v.strictObject({
        provider: v.optional(id('Where approvals are given: github or local; otherwise as the forge has it.')),
        people: v.optional(
          v.pipe(
            v.strictObject({ low: people('low'), medium: people('medium'), high: people('high') }),
            v.description('People beside the author who must approve, by risk; 1, 1 and 2 by default.'),
          ),
        ),
        from: v.optional(
          v.pipe(v.array(text('@user, @org/team or an address.')), v.description('Who counts; anybody else by default.')),
        ),
        byRule: v.optional(
          v.pipe(v.boolean(), v.description('A low-risk patch with full evidence is approved by rule, recorded as such.')),
        ),
        solo: v.optional(v.pipe(v.boolean(), v.description('The author may approve alone; shown as solo everywhere.'))),
        sensitive: v.optional(globs('Files whose change is always high risk.')),
        demo: v.optional(
          v.pipe(
            v.array(text('Name <address>.')),
            v.description('Made-up identities that may sign off in a sample; shown as such.'),
          ),
        ),
      }),
      v.description('Who must approve.'),
    ),
  ),
  rollout: v.optional(
    v.pipe(
      v.strictObject({
        services: v.pipe(
          v.array(service),
          v.minLength(1),
          v.check(
            (services) => new Set(services.map(({ name }) => name)).size === services.length,
            'service names must be unique',
          ),
          v.description('What is rolled out, each in its own way.'),
        ),
        windows: v.optional(
          v.pipe(
            v.array(
              v.strictObject({
                days: v.pipe(
                  v.array(v.picklist(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
                  v.minLength(1),
                  v.description('Days on which it opens.'),
                ),
                from: clock('HH:MM at which it opens.'),
                to: clock('HH:MM at which it closes; before from: on the next day.'),
                zone,
              }),
            ),
            v.description('Rollouts start and go on only inside one of these.'),
          ),
        ),
        freezes: v.optional(
          v.pipe(
            v.array(
              v.pipe(
                v.strictObject({
                  from: localTime('YYYY-MM-DDTHH:MM, local.'),
                  to: localTime('YYYY-MM-DDTHH:MM, local.'),
                  zone,
                  reason: text('Why: shown where it stops a rollout.'),
                }),
                // Written backwards it would freeze nothing, and nobody would see it.
                v.check(({ from, to }) => from < to, 'a freeze must end after it begins'),
              ),
            ),
            v.description('No rollout starts or goes on; a way back always may.'),
          ),
        ),
      }),
      v.description('Rollout, its metrics, and when it may run.'),
    ),
  ),
};

function people(risk: string) {
  return v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10), v.description(`People for ${risk} risk.`)));
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
