import { isProjectPlace, readNpmLock } from '../dependencies/npmLock';
import type { LockPackage } from '../dependencies/npmLock';
import { packageUrl } from '../findings/packageUrl';
import type { ResourceDescriptor } from '../model/artifact';

/**
 * The packages that an npm lock file names as in-toto ResourceDescriptors: package URL, and the digests of `integrity` (or the
 * commit of a git dependency) in lower-case hex (DigestSet v1). Each once, sorted, so that the same lock gives the same list.
 *
 * @param manifest - the package.json beside it, parsed
 * @throws HumanError when it is no lock file of a known version
 */
export function lockDependencies(
  lock: string,
  path: string,
  manifest: Readonly<Record<string, unknown>>,
): readonly ResourceDescriptor[] {
  const found = new Map<string, ResourceDescriptor>();
  for (const place of readNpmLock(lock, path, manifest).packages.values()) {
    if (isProjectPlace(place.key) || place.link !== undefined || place.version === undefined) continue;
    const digest = digestsOf(place);
    const uri = packageUrl('npm', place.name, place.version);
    const each: ResourceDescriptor = { uri, ...(Object.keys(digest).length === 0 ? {} : { digest }) };
    found.set(JSON.stringify(each), each);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** Bytes of the digests that npm writes (w3.org/TR/SRI, and sha1 of old registries). */
const digestBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

function digestsOf({ integrity = '', resolved = '' }: LockPackage): Readonly<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const part of integrity.trim().split(/\s+/)) {
    const [, algorithm = '', base64 = ''] = /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(part) ?? [];
    const hex = hexOf(base64);
    // Several of one algorithm name alternatives: the first stands for them.
    if (hex?.length === 2 * (digestBytes[algorithm] ?? 0)) digests[algorithm] ??= hex;
  }
  const [, commit] = /^git(?:\+[a-z]+)?:.*#([0-9a-f]{40}|[0-9a-f]{64})$/.exec(resolved) ?? [];
  if (commit !== undefined) digests['gitCommit'] = commit;
  return digests;
}

function hexOf(base64: string): string | undefined {
  if (base64 === '') return undefined;
  try {
    return [...atob(base64)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    // No base64 after all, as from a damaged lock file: the package is then named without a digest.
    return undefined;
  }
}
