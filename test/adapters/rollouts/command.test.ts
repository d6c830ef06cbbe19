import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandRolloutOptions } from '../../../src/adapters/rollouts/command';
import { createCommandRollout } from '../../../src/adapters/rollouts/command';
import { isCancelled, isHumanError, isVendorError } from '../../../src/core/errors';
import type { ServicePolicy } from '../../../src/core/model/policy';
import { planRollout } from '../../../src/core/rollout/planRollout';

const script = (source: string): readonly string[] => [process.execPath, '-e', source];
const idle = script('');

describe('rollout by commands', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'patchline-command-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const setUp = (commands: Partial<NonNullable<ServicePolicy['commands']>>, options: Partial<CommandRolloutOptions> = {}) => {
    const service: ServicePolicy = {
      name: 'web',
      environment: 'staging',
      provider: 'command',
      strategy: { kind: 'canary', steps: [{ weight: 10, bakeSeconds: 1 }] },
      metrics: [],
      commands: { step: idle, rollback: idle, ...commands },
    };
    const artifact = { name: 'web', uri: 'local:web', digest: { sha256: 'a'.repeat(64) }, commit: 'c'.repeat(40) };
    const plan = planRollout({ run: 'f-1', attempt: 1, service, artifact });
    const rollout = createCommandRollout({ root, mayRun: () => true, ...options });
    const call = { key: 'k-1', retry: false };
    return {
      step: (over: { readonly retry?: boolean; readonly signal?: AbortSignal } = {}) =>
        rollout.act(plan, service, { kind: 'step', step: 0, weight: 10 }, { ...call, ...over }),
      act: (kind: 'promote' | 'rehearse') => rollout.act(plan, service, { kind }, call),
      rollBack: () => rollout.act(plan, service, { kind: 'roll-back', why: 'errors' }, call),
      problems: (over: Partial<ServicePolicy> = {}) => rollout.problems(plan, { ...service, ...over }),
      observe: () => rollout.observe(plan, service),
    };
  };

  it('tells the command what it has to know', async () => {
    // What the test run itself was given under such a name is no part of what the provider tells.
    const inherited = JSON.stringify(Object.keys(process.env));
    const print = script(
      `for (const k of Object.keys(process.env).filter((k) => k.startsWith('PATCHLINE_') && !${inherited}.includes(k)).sort()) console.log(k.slice(10) + '=' + process.env[k])`,
    );
    const { step, rollBack, act } = setUp(
      { step: print, rollback: print, promote: print, rehearse: print },
      { artifactFile: () => Promise.resolve('/store/web.tgz') },
    );
    const same = [
      'ARTIFACT=/store/web.tgz',
      `COMMIT=${'c'.repeat(40)}`,
      `DIGEST=sha256:${'a'.repeat(64)}`,
      'ENVIRONMENT=staging',
      'KEY=k-1',
    ];
    const told = (log: string | undefined): readonly string[] =>
      (log ?? '').split('\n').filter((line) => line !== '' && !same.includes(line));
    assert.deepEqual(
      [await step({ retry: true }), await act('promote'), await rollBack(), await act('rehearse')].map(({ log, summary }) =>
        [summary, ...told(log)].join(' '),
      ),
      [
        'web takes 10 % (step 1 of 2). ACTION=step RETRY=1 SERVICE=web STEP=1 STEPS=2 WEIGHT=10',
        'web has the new version only. ACTION=promote RETRY=0 SERVICE=web STEP=2 STEPS=2 WEIGHT=100',
        'web is back on the old version. ACTION=rollback RETRY=0 SERVICE=web STEP=0 STEPS=2 WEIGHT=0',
        'The way back of web was exercised. ACTION=rehearse RETRY=0 SERVICE=web STEP=0 STEPS=2 WEIGHT=0',
      ],
    );
  });

  it('says what failed, with the last lines and without secrets', async () => {
    process.env['DEPLOY_TOKEN'] = 'hunter2hunter2';
    try {
      const source = `for (let i = 0; i < 20; i++) console.log('line ' + i);
        console.error('\\u001b[31mlogin with ' + process.env.DEPLOY_TOKEN + ' at https://me:pw@example.org failed\\u001b[0m'); process.exitCode = 3`;
      writeFileSync(join(root, 'deploy.js'), source);
      const step = [process.execPath, 'deploy.js', 'https://me:pw@example.org', 'hunter2hunter2'];
      await assert.rejects(setUp({ step }).step(), (error: Error) => {
        assert.ok(isVendorError(error) && error.options.retryable);
        assert.match(error.message, /^The step command of web \(.*\) ended with exit code 3:\n/);
        assert.match(error.message, /line 19\n/);
        assert.doesNotMatch(error.message, /line 1\n|hunter2|me:pw|\u001b|\[31m/);
        assert.match(error.message, /login with … at https:\/\/…@example.org failed$/);
        return true;
      });
    } finally {
      delete process.env['DEPLOY_TOKEN'];
    }
  });

  it('keeps the last 64 kB of the log, in whole characters', async () => {
    const { log = '' } = await setUp({ step: script("console.log('begin' + 'ü'.repeat(50000) + 'end')") }).step();
    const bytes = Buffer.byteLength(log);
    assert.ok(bytes <= 65_536 && bytes > 65_000, String(bytes));
    assert.match(log, /^ü+end\n$/);
  });

  it('ends a command that takes too long, and one that is cancelled', async () => {
    const hang = script("require('fs').writeFileSync('started', ''); setInterval(() => {}, 1000)");
    await assert.rejects(
      setUp({ step: hang, timeoutSeconds: 1 }).step(),
      (error: Error) => isVendorError(error) && /did not end within 1 s and was stopped and said nothing\.$/.test(error.message),
    );
    rmSync(join(root, 'started'), { force: true });
    const abort = new AbortController();
    const running = assert.rejects(setUp({ step: hang }).step({ signal: abort.signal }), isCancelled);
    for (let i = 0; i < 200 && !existsSync(join(root, 'started')); i++) await sleep(25);
    abort.abort();
    await running;
  });

  it('leaves alone what the command started in a session of its own, and nothing else', async () => {
    const child = (detached: boolean, file: string): string =>
      `{ const c = require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)'], { detached: ${detached}, stdio: 'ignore' });
         require('fs').writeFileSync('${file}', String(c.pid)); c.unref(); }`;
    await setUp({ step: script(child(true, 'lives') + child(false, 'ends')) }).step();
    const pid = (file: string): number => Number(readFileSync(join(root, file), 'utf8'));
    const isThere = (file: string): boolean => {
      try {
        // A killed process whose parent is gone is a zombie until init takes it: that is not alive.
        process.kill(pid(file), 0);
        return !/^State:\s+Z/m.test(
          existsSync(`/proc/${pid(file)}/status`) ? readFileSync(`/proc/${pid(file)}/status`, 'utf8') : '',
        );
      } catch {
        return false;
      }
    };
    try {
      for (let i = 0; i < 100 && isThere('ends'); i++) await sleep(20);
      assert.deepEqual([isThere('lives'), isThere('ends')], [true, false]);
    } finally {
      process.kill(pid('lives'), 'SIGKILL');
    }
  });

  it('names what forbids a start', async () => {
    const { problems } = setUp({ status: ['./no-such.sh'], promote: ['no-such-program', 'x'] });
    assert.deepEqual(await problems(), [
      'no-such-program, which the commands of web start, was not found: install it, or put the folder it lies in on PATH.',
      './no-such.sh, which the commands of web start, was not found: install it, or put the folder it lies in on PATH.',
    ]);
    assert.deepEqual(await problems({ commands: { step: idle, rollback: [] } }), [
      'web has no rollback command, and there is no rollout without a rollback command: add commands.rollback in .patchline.json.',
    ]);
    const untrusted = setUp({}, { mayRun: () => false });
    assert.deepEqual(await untrusted.problems(), ['Rollout commands do not run in Restricted Mode: trust the workspace first.']);
    await assert.rejects(untrusted.step(), isHumanError);
  });

  it('has nothing to do where there is no promote command, and cannot rehearse without one', async () => {
    const { act, observe } = setUp({});
    assert.deepEqual(await act('promote'), { summary: 'web has no promote command: there is nothing to do.' });
    await assert.rejects(
      act('rehearse'),
      (error: Error) => isHumanError(error) && /no rehearse command: add commands\.rehearse/.test(error.message),
    );
    assert.equal(await observe(), undefined);
  });

  const digest = 'B'.repeat(64);
  const printed: readonly [string, unknown][] = [
    [
      `{"weight": 10, "digest": "sha256:${digest}", "healthy": true, "pods": 3}`,
      { weight: 10, sha256: digest.toLowerCase(), healthy: true },
    ],
    ['\n> web@1 status\n> node status.js\n\n{"healthy": false}\n', { healthy: false }],
    ['{}', {}],
    ['10', /not right/],
    ['10 %', /did not print JSON/],
    ['', /did not print JSON/],
    ['[]', /did not print JSON/],
    ['{"weight": 101}', /not right: weight /],
    ['{"digest": "latest"}', /not right: digest it must be sha256/],
  ];
  for (const [text, expected] of printed) {
    it(`reads the status ${JSON.stringify(text)}`, async () => {
      const seen = setUp({ status: script(`process.stdout.write(${JSON.stringify(text)})`) }).observe();
      if (expected instanceof RegExp)
        await assert.rejects(seen, (error: Error) => isVendorError(error) && expected.test(error.message));
      else assert.deepEqual(await seen, expected);
    });
  }
});
