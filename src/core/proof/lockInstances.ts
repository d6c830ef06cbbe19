import { valid } from 'semver';
import { isHumanError } from '../errors';
import { advisoriesOfFindings, affects } from '../dependencies/knownAdvisories';
import { instancesOf, isProjectPlace, readNpmLock } from '../dependencies/npmLock';
import type { Finding } from '../model/finding';
import type { Verdict } from './checkClean';

/** One installed copy of a package. */
export interface LockInstance {
  /** `node_modules/a/node_modules/b`. */
  readonly where: string;
  readonly version: string;
}

/**
 * Every copy of a package in an npm lock file (lockfileVersion 1, 2 or 3), under whatever name it is installed.
 * @returns undefined when the text is no lock file.
 */
export function lockInstances(lockText: string, name: string): readonly LockInstance[] | undefined {
  try {
    const lock = readNpmLock(lockText, 'the lock file', {});
    return instancesOf(lock, name).flatMap(({ key, version }) =>
      isProjectPlace(key) || version === undefined ? [] : [{ where: key, version }],
    );
  } catch (error) {
    if (isHumanError(error)) return undefined;
    throw error;
  }
}

/** Whether every installed copy in the patched lock is outside of all advisories that the findings know of the package. */
export function judgeLock(finding: Finding, findings: readonly Finding[], lockText: string | undefined): Verdict {
  const name = finding.package?.name;
  if (name === undefined) return { outcome: 'error', detail: 'The finding names no package.' };
  if (lockText === undefined)
    return { outcome: 'error', detail: `There is no npm lock file that says which copies of ${name} are installed.` };
  const instances = lockInstances(lockText, name);
  if (instances === undefined) return { outcome: 'error', detail: 'The lock file cannot be read.' };
  const known = advisoriesOfFindings(findings.some((one) => one.id === finding.id) ? findings : [finding, ...findings], name);
  const hits: string[] = [];
  const open: string[] = [];
  for (const { where, version } of instances) {
    for (const advisory of known) {
      const hit = affects(advisory, name, version);
      if (hit === true) hits.push(`${where} ${version} (${advisory.ids[0] ?? 'advisory'})`);
      if (hit === undefined)
        open.push(
          valid(version, { loose: true }) === null
            ? `${where} is “${version}”, which is no version to compare`
            : `${advisory.ids[0] ?? 'an advisory'} names no range that can be read`,
        );
    }
  }
  if (hits.length > 0)
    return { outcome: 'failed', detail: `Still affected in the patched lock file: ${hits.slice(0, 5).join('; ')}.` };
  if (open.length > 0) {
    return {
      outcome: 'inconclusive',
      detail: `It cannot be ruled out that ${name} is still affected: ${[...new Set(open)].slice(0, 5).join('; ')}.`,
    };
  }
  if (instances.length === 0) return { outcome: 'successful', detail: `${name} is no longer installed.` };
  const versions = [...new Set(instances.map((instance) => instance.version))].join(', ');
  return {
    outcome: 'successful',
    detail: `${instances.length === 1 ? 'The one installed copy' : `All ${instances.length} installed copies`} of ${name} (${versions}) ${instances.length === 1 ? 'is' : 'are'} outside of ${known.length === 1 ? 'the known advisory' : `all ${known.length} known advisories`}.`,
  };
}
