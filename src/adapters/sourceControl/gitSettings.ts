import * as v from 'valibot';
import { runGit } from '../clients/git';

/** Key in lower case → its last value; a key without a value says `true`. */
export type GitSettings = ReadonlyMap<string, string>;

const settingNames = [
  'attr.tree',
  'commit.gpgsign',
  'core.attributesfile',
  'core.autocrlf',
  'user.useconfigonly',
  ...['user', 'author', 'committer'].flatMap((who) => [`${who}.name`, `${who}.email`]),
];

/**
 * Lets a git process that runs anyway tell the settings on stderr, by Git's Trace2 API (technical/api-trace2: "The Event Format
 * Target", `GIT_TRACE2_CONFIG_PARAMS`): a process of its own would make a commit a quarter slower.
 */
export const settingsTrace: Readonly<Record<string, string>> = {
  GIT_TRACE2_EVENT: '1',
  GIT_TRACE2_EVENT_BRIEF: '1',
  GIT_TRACE2_CONFIG_PARAMS: settingNames.join(','),
  // Variables follow upon the settings: one of these says that all were told.
  GIT_TRACE2_ENV_VARS: 'GIT_TRACE2_EVENT_BRIEF',
};

/** Stands in the trace behind the last setting. */
export const settingsTraceEnd = '"param":"GIT_TRACE2_EVENT_BRIEF"';

const eventSchema = v.object({ event: v.string(), param: v.optional(v.string()), value: v.optional(v.string(), 'true') });

/** What such a process told; undefined when it told nothing of its settings at all (a git built without the trace). */
export function readTracedSettings(stderr: string): GitSettings | undefined {
  const settings = new Map<string, string>();
  let told = false;
  for (const line of stderr.split('\n')) {
    const event = parseEvent(line);
    // The settings follow upon the name of the command (git.c, run_builtin).
    if (event?.event === 'cmd_name') told = true;
    const name = event?.event === 'def_param' ? event.param?.toLowerCase() : undefined;
    if (event !== undefined && name !== undefined && settingNames.includes(name)) settings.set(name, event.value);
  }
  return told ? settings : undefined;
}

function parseEvent(line: string): v.InferOutput<typeof eventSchema> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = v.safeParse(eventSchema, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    // A line that is no event is git's own message.
    return undefined;
  }
}

/** The same from a process of its own. */
export async function readSettings(root: string, signal?: AbortSignal): Promise<GitSettings> {
  const pattern = `^(${settingNames.map((name) => name.replace('.', '\\.')).join('|')})$`;
  const { stdout } = await runGit(['config', '-z', '--get-regexp', pattern], { cwd: root, signal, exitCodes: [0, 1] });
  const settings = new Map<string, string>();
  for (const record of stdout.split('\0')) {
    // `key LF value`; a key without a value means true. The last one wins.
    const [key = '', value = 'true'] = record.split(/\n(.*)/s);
    if (key !== '') settings.set(key.toLowerCase(), value);
  }
  return settings;
}
