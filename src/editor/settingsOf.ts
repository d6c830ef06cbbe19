import type { EngineSettings } from '../core/engineSettings';

/** Patchline's settings as they stand, defaults from the manifest. */
export interface Settings extends EngineSettings {
  readonly watchReports: boolean;
  readonly diagnostics: boolean;
}

/**
 * The settings as Patchline goes by them. What stands in a settings file is anything: VS Code underlines a wrong type and hands
 * it out all the same, so what is none counts as not set, and a number beyond the bounds of the manifest as the nearest of them.
 *
 * @param get - gives what stands there, by the key below `patchline.`, defaults from the manifest
 */
export function settingsOf(get: (key: string) => unknown, mayRun: () => boolean): Settings {
  const text = (key: string, fallback: string): string => {
    const found = get(key);
    return (typeof found === 'string' ? found.trim() : '') || fallback;
  };
  const flag = (key: string): boolean => get(key) !== false;
  const whole = (key: string, fallback: number, least: number, most: number): number => {
    const found = get(key);
    return typeof found === 'number' && Number.isFinite(found) ? Math.min(most, Math.max(least, Math.round(found))) : fallback;
  };
  const included = get('reports.include');
  const globs: readonly unknown[] = Array.isArray(included) ? included : [included];
  const identity = text('log.identity', 'git');
  return {
    reports: globs.filter((glob): glob is string => typeof glob === 'string' && glob !== ''),
    watchReports: flag('reports.watch'),
    diagnostics: flag('diagnostics.enabled'),
    forge: text('forge.provider', 'auto'),
    github: { apiUrl: text('github.apiUrl', 'https://api.github.com') },
    npm: { path: text('npm.path', '') },
    proof: { repeat: whole('proof.repeat', 3, 1, 20), timeoutSeconds: whole('proof.timeoutSeconds', 300, 10, 7200) },
    logIdentity: identity === 'os' || identity === 'none' ? identity : 'git',
    mayRun,
  };
}
