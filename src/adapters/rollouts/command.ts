import { stripVTControlCharacters } from 'node:util';
import * as v from 'valibot';
import { HumanError, VendorError } from '../../core/errors';
import { cleanLine, cleanText } from '../../core/findings/cleanText';
import { redact } from '../../core/findings/redact';
import type { ServicePolicy } from '../../core/model/policy';
import type { RolloutAction, RolloutPlan } from '../../core/model/rollout';
import type { Provider, RolloutProvider, Task } from '../../core/ports';
import { findProgram } from '../clients/findProgram';
import type { ProcessResult } from '../clients/process';
import { childEnvironment, runProcess } from '../clients/process';

export const commandRolloutProvider: Provider = {
  id: 'command',
  displayName: 'The team’s own commands',
  url: 'https://nodejs.org/api/child_process.html',
  capabilities: ['canary', 'blue-green', 'rolling', 'flag', 'promote', 'roll-back', 'rehearse', 'observe'],
};

export interface CommandRolloutOptions {
  /** Absolute path of the workspace folder, in which the commands run. */
  readonly root: string;
  /** False where no program may run (Restricted Mode). Asked anew each time. */
  mayRun(): boolean;
  /** Absolute path of the artifact's bytes, where the registry keeps them on this machine. */
  readonly artifactFile?: (plan: RolloutPlan) => Promise<string | undefined>;
}

const defaultTimeoutSeconds = 120;
const logBytes = 64 * 1024;
const lastLines = 8;

/**
 * A rollout by the team's own programs: `commands.step`, `promote`, `rollback`, `rehearse` and `status` of the policy, as
 * argument arrays without a shell, in the workspace folder and with the person's own environment.
 *
 * What each finds in its environment: PATCHLINE_SERVICE, PATCHLINE_ENVIRONMENT, PATCHLINE_ACTION (`step`, `promote`, `rollback`,
 * `rehearse`, `status`), PATCHLINE_STEP (1-based; 0 where no step is meant), PATCHLINE_STEPS, PATCHLINE_WEIGHT (percent of the
 * new version), PATCHLINE_DIGEST (`sha256:…`), PATCHLINE_ARTIFACT (path of its bytes, empty where they are not on this machine),
 * PATCHLINE_COMMIT, PATCHLINE_KEY (the same for every try of one action) and PATCHLINE_RETRY (1 where it may have been done
 * already). A command that is told the same twice must leave things as if told once.
 *
 * A command ends when its work is done, with exit code 0 where it is well. **What it starts and leaves behind ends with it**: its
 * process group is killed, so that a cancelled or hanging command leaves nothing half done. What must live on (a server) is
 * started in a session of its own (`setsid`, Node's `detached: true`, a service manager), with its output redirected: the pipes
 * are closed half a second after the command has ended.
 */
export function createCommandRollout({ root, mayRun, artifactFile }: CommandRolloutOptions): RolloutProvider {
  async function run(
    plan: RolloutPlan,
    service: ServicePolicy,
    command: readonly string[],
    told: Told,
    task: Task | undefined,
  ): Promise<ProcessResult & { readonly log: string }> {
    if (!mayRun()) throw new HumanError(restricted);
    const artifact = await artifactFile?.(plan);
    const limit = service.commands?.timeoutSeconds ?? defaultTimeoutSeconds;
    const env = childEnvironment({
      PATCHLINE_SERVICE: plan.service,
      PATCHLINE_ENVIRONMENT: plan.environment,
      PATCHLINE_ACTION: told.action,
      PATCHLINE_STEP: String(told.step),
      PATCHLINE_STEPS: String(plan.steps.length),
      PATCHLINE_WEIGHT: String(told.weight),
      PATCHLINE_DIGEST: `sha256:${plan.artifact.sha256}`,
      PATCHLINE_ARTIFACT: artifact ?? '',
      PATCHLINE_COMMIT: plan.artifact.commit,
      PATCHLINE_KEY: told.key,
      PATCHLINE_RETRY: told.retry ? '1' : '0',
    });
    let tail = '';
    const result = await runProcess(command, {
      cwd: root,
      env,
      signal: task?.signal,
      timeoutMs: limit * 1000,
      maxOutputBytes: 1024 * 1024,
      // stdout and stderr in the order in which they came. Twice the limit, so that a secret cut at the start falls away.
      onOutput: (text) => (tail = `${tail}${text}`.slice(-2 * logBytes)),
    });
    const log = lastBytes(cleanText(hideSecrets(stripVTControlCharacters(tail), env), 2 * logBytes));
    if (result.timedOut || result.exitCode !== 0) {
      const how = result.timedOut
        ? `did not end within ${limit} s and was stopped`
        : result.exitCode === null
          ? `was ended by ${result.signal ?? 'a signal'}`
          : `ended with exit code ${result.exitCode}`;
      const said = log.trimEnd().split('\n').slice(-lastLines).join('\n').trim();
      throw new VendorError(
        commandRolloutProvider.id,
        `The ${told.action} command of ${plan.service} (${cleanLine(hideSecrets(command.join(' '), env), 200)}) ${how}${said === '' ? ' and said nothing.' : `:\n${said}`}`,
        { retryable: true },
      );
    }
    return { ...result, log };
  }

  return {
    ...commandRolloutProvider,
    problems: (_plan, service) => Promise.resolve(mayRun() ? problemsOf(service, root) : [restricted]),

    async act(plan, service, action, call) {
      const command = commandFor(service, action);
      if (command === undefined) {
        if (action.kind === 'promote') return { summary: `${plan.service} has no promote command: there is nothing to do.` };
        throw new HumanError(missingCommand(service.name, action.kind));
      }
      const told = { ...toldOf(plan, action), key: call.key, retry: call.retry };
      call.onProgress?.(`${plan.service}: ${command.join(' ')}`);
      const { log } = await run(plan, service, command, told, call);
      return { summary: summaryOf(plan, action), log };
    },

    async observe(plan, service, task) {
      const command = service.commands?.status;
      if (command === undefined) return undefined;
      const told = { action: 'status', step: 0, weight: 0, key: '', retry: false };
      const { stdout } = await run(plan, service, command, told, task);
      return readStatus(stdout, plan.service);
    },
  };
}

interface Told {
  readonly action: string;
  readonly step: number;
  readonly weight: number;
  readonly key: string;
  readonly retry: boolean;
}

const restricted = 'Rollout commands do not run in Restricted Mode: trust the workspace first.';

function commandFor({ commands }: ServicePolicy, action: RolloutAction): readonly string[] | undefined {
  const command = {
    step: commands?.step,
    promote: commands?.promote,
    'roll-back': commands?.rollback,
    rehearse: commands?.rehearse,
  }[action.kind];
  return command === undefined || command.length === 0 ? undefined : command;
}

function toldOf(plan: RolloutPlan, action: RolloutAction): Pick<Told, 'action' | 'step' | 'weight'> {
  switch (action.kind) {
    case 'step':
      return { action: 'step', step: action.step + 1, weight: action.weight };
    case 'promote':
      return { action: 'promote', step: plan.steps.length, weight: 100 };
    case 'roll-back':
      return { action: 'rollback', step: 0, weight: 0 };
    case 'rehearse':
      return { action: 'rehearse', step: 0, weight: 0 };
  }
}

function summaryOf({ service, steps }: RolloutPlan, action: RolloutAction): string {
  switch (action.kind) {
    case 'step':
      return `${service} takes ${action.weight} % (step ${action.step + 1} of ${steps.length}).`;
    case 'promote':
      return `${service} has the new version only.`;
    case 'roll-back':
      return `${service} is back on the old version.`;
    case 'rehearse':
      return `The way back of ${service} was exercised.`;
  }
}

function missingCommand(service: string, kind: RolloutAction['kind']): string {
  const name = kind === 'roll-back' ? 'rollback' : kind;
  const rule = kind === 'roll-back' ? ', and there is no rollout without a rollback command' : '';
  return `${service} has no ${name} command${rule}: add commands.${name} in .patchline.json.`;
}

function problemsOf({ name, commands }: ServicePolicy, root: string): readonly string[] {
  const missing = (['step', 'roll-back'] as const)
    .filter((kind) => (commands?.[kind === 'step' ? kind : 'rollback'] ?? []).length === 0)
    .map((kind) => missingCommand(name, kind));
  const programs = [commands?.step, commands?.rollback, commands?.promote, commands?.rehearse, commands?.status].flatMap(
    (command) => command?.[0] ?? [],
  );
  const unknown = [...new Set(programs)].filter((program) => findProgram(program, root) === undefined);
  return [
    ...missing,
    ...unknown.map(
      (program) =>
        `${cleanLine(program)}, which the commands of ${name} start, was not found: install it, or put the folder it lies in on PATH.`,
    ),
  ];
}

const statusSchema = v.object({
  weight: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
  digest: v.optional(v.pipe(v.string(), v.toLowerCase(), v.regex(/^(sha256:)?[0-9a-f]{64}$/, 'it must be sha256:…'))),
  healthy: v.optional(v.boolean()),
});

/** The JSON that the status command printed, as all of its output or as its last line (package managers print above it). */
function readStatus(stdout: string, service: string): Awaited<ReturnType<RolloutProvider['observe']>> {
  const fail = (why: string): never => {
    throw new VendorError(commandRolloutProvider.id, `The status command of ${service} ${why}`, { retryable: true });
  };
  const text = stdout.trim();
  const value = [text, text.split('\n').at(-1) ?? ''].map(parseJson).find((each) => each !== undefined);
  if (value === undefined) return fail('did not print JSON such as {"weight": 10, "healthy": true}.');
  const status = v.safeParse(statusSchema, value);
  if (!status.success) {
    const [issue] = status.issues;
    return fail(`printed JSON that is not right: ${cleanLine(`${v.getDotPath(issue) ?? ''} ${issue.message}`, 200)}`);
  }
  const { weight, digest, healthy } = status.output;
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(digest === undefined ? {} : { sha256: digest.replace(/^sha256:/, '') }),
    ...(healthy === undefined ? {} : { healthy }),
  };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Without what looks like a secret, and without the values of variables whose name says that they are one. */
function hideSecrets(text: string, env: Readonly<Record<string, string>>): string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => !name.startsWith('PATCHLINE_') && secretName.test(name) && value.length >= 6)
    .map(([, value]) => value);
  return redact(
    text,
    secrets.toSorted((a, b) => b.length - a.length),
  );
}

const secretName = /token|secret|passw|passphrase|credential|(^|_)(pwd|pass|auth|key|dsn)($|_)|apikey|connection_?string/i;

function lastBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= logBytes) return text;
  // Past the continuation bytes of a character that the cut went through (RFC 3629).
  let start = bytes.length - logBytes;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}
