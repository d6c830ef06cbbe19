import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface RecordedEntry {
  readonly time: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The run log of a workspace as it lies on the disk, every chain of it, by time. */
export async function readLog(folder: string): Promise<readonly RecordedEntry[]> {
  const log = path.join(folder, '.git/patchline/log');
  const chains = (await readdir(log)).filter((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name));
  const texts = await Promise.all(chains.map((name) => readFile(path.join(log, name), 'utf8')));
  return texts
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => JSON.parse(line) as RecordedEntry)
    .sort((a, b) => a.time.localeCompare(b.time));
}

/** Names of the recorded steps of the run of the finding with this rule, in their order. */
export function stepsOf(entries: readonly RecordedEntry[], ruleId: string): readonly string[] {
  const run = entries.find(
    ({ kind, body }) => kind === 'run.started' && (body['finding'] as { ruleId: string }).ruleId === ruleId,
  );
  return entries
    .filter(({ kind, body }) => kind === 'step' && body['run'] === run?.body['run'])
    .map(({ body }) => String(body['name']));
}

/** The entries of rollouts with this event. */
export function rolloutEvents(entries: readonly RecordedEntry[], event: string): readonly RecordedEntry[] {
  return entries.filter(({ kind, body }) => kind === 'rollout' && body['event'] === event);
}

/** Keys of the actions that were done, as often as they were. */
export function doneKeys(entries: readonly RecordedEntry[]): readonly string[] {
  return rolloutEvents(entries, 'done').map(({ body }) => String(body['key']));
}
