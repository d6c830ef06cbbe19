import { PackageURL } from 'packageurl-js';

/** Ecosystem names that scanners use, as purl types (purl-spec PURL-TYPES). */
const purlTypes: ReadonlyMap<string, string> = new Map([
  ['gomod', 'golang'],
  ['go', 'golang'],
  ['rubygems', 'gem'],
  ['crates.io', 'cargo'],
  ['packagist', 'composer'],
  ['pip', 'pypi'],
  ['swiftpm', 'swift'],
  ['mix', 'hex'],
]);

/** purl type of an ecosystem as a scanner names it; letters, digits, `.`, `+` and `-` only. */
export function purlType(ecosystem: string): string {
  const lower = ecosystem.toLowerCase();
  return purlTypes.get(lower) ?? (lower.replace(/[^a-z0-9.+-]/g, '') || 'generic');
}

/** Package URL of a package by the name that its ecosystem writes: npm scopes, Maven groups and Go paths are namespaces. */
export function packageUrl(type: string, name: string, version?: string): string {
  const separator = type === 'maven' ? name.indexOf(':') : name.lastIndexOf('/');
  const namespace = separator > 0 ? name.slice(0, separator) : undefined;
  const own = separator > 0 ? name.slice(separator + 1) : name;
  try {
    return new PackageURL(type, namespace, own, version, undefined, undefined).toString();
  } catch {
    // A name that is none in its ecosystem: still told, as a generic package, so that the finding is not lost.
    return new PackageURL('generic', undefined, encodeURIComponent(name) || 'unnamed', version, undefined, undefined).toString();
  }
}
