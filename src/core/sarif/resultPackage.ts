import { PackageURL } from 'packageurl-js';
import { cleanLine } from '../findings/cleanText';
import { compareVersions } from '../findings/combine';
import { packageUrl, purlType } from '../findings/packageUrl';
import type { Location, PackageRef } from '../model/finding';
import { asArray, asObject, asString } from './json';
import type { JsonObject } from './json';
import type { RuleFacts } from './rules';

/** purl types of the files that declare or lock dependencies. */
const typeOfManifest: ReadonlyMap<string, string> = new Map(
  Object.entries({
    npm: 'package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock',
    pypi: 'requirements.txt pyproject.toml poetry.lock uv.lock pdm.lock pipfile pipfile.lock',
    gem: 'gemfile gemfile.lock',
    golang: 'go.mod go.sum',
    cargo: 'cargo.toml cargo.lock',
    composer: 'composer.json composer.lock',
    nuget: 'packages.config packages.lock.json',
    maven: 'pom.xml build.gradle gradle.lockfile',
    pub: 'pubspec.yaml pubspec.lock',
    hex: 'mix.exs mix.lock',
  }).flatMap(([type, files]) => files.split(' ').map((file) => [file, type] as const)),
);

interface Named {
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly fixed?: readonly string[];
}

/**
 * The package that a result about an advisory speaks of, in the manifest or lock file where the result stands; undefined where
 * there is neither. SARIF has no member for it. Tools give a package URL among the properties (Grype) or as a logical location
 * (Dependency-Check), `name@version` as a logical location (Snyk) or as the message of the place (Trivy), or say it in the
 * message in words that do not change (Trivy, Grype, OSV-Scanner).
 */
export function readPackage(
  result: JsonObject,
  rule: RuleFacts,
  place: Location | undefined,
  message: string | undefined,
): PackageRef | undefined {
  const type =
    place === undefined ? undefined : typeOfManifest.get(place.path.slice(place.path.lastIndexOf('/') + 1).toLowerCase());
  if (place === undefined || type === undefined) return undefined;
  const logical = logicalNames(result);
  const properties = asObject(result['properties']);
  const said = message === undefined ? undefined : namedInMessage(message.slice(0, 4000), type);
  const found =
    firstOf([properties?.['purl'], ...asArray(properties?.['purls']), ...logical, rule.purl], parsePurl) ??
    firstOf([...logical, /: (\S+)$/.exec(place.message ?? '')?.[1]], (text) => parseNameAtVersion(text, type)) ??
    said;
  if (found === undefined) return undefined;
  const version = found.version === undefined ? undefined : cleanLine(found.version, 100);
  const name = cleanLine(found.name, 300);
  return {
    purl: packageUrl(found.type, name, version),
    ecosystem: found.type,
    name,
    manifest: place.path,
    fixedVersions: (said?.fixed ?? []).map((one) => cleanLine(one, 100)).sort(compareVersions),
    ...(version === undefined ? {} : { version }),
  };
}

/** Full names of the logical locations (§3.33) of a result's first place. */
function logicalNames(result: JsonObject): readonly unknown[] {
  return asArray(asObject(asArray(result['locations'])[0])?.['logicalLocations'])
    .slice(0, 10)
    .map(asObject)
    .flatMap((one) => [one?.['fullyQualifiedName'], one?.['name']]);
}

function firstOf<T>(values: readonly unknown[], read: (text: string) => T | undefined): T | undefined {
  for (const value of values.slice(0, 20)) {
    const text = asString(value);
    const found = text === undefined || text.length > 1000 ? undefined : read(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsePurl(text: string): Named | undefined {
  if (!text.startsWith('pkg:')) return undefined;
  try {
    const { type, namespace, name, version } = PackageURL.fromString(text);
    if (type === undefined || name === undefined) return undefined;
    const whole = namespace === undefined ? name : `${namespace}${type === 'maven' ? ':' : '/'}${name}`;
    return { type, name: whole, ...(version === undefined ? {} : { version }) };
  } catch {
    // No package URL after all; the other places may still say it.
    return undefined;
  }
}

function parseNameAtVersion(text: string, type: string): Named | undefined {
  const [, name, version] = /^(@?[^\s@'"]{1,214})@(v?\d[\w.+~-]{0,99})$/.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { type, name, version };
}

function namedInMessage(message: string, type: string): Named | undefined {
  const [, osv] = /\bPackage '(\S{1,300})' is vulnerable to/.exec(message) ?? [];
  if (osv !== undefined) return parseNameAtVersion(osv, type);
  const [, kind, grype, found] = /\bin ([\w-]{1,40}) package: (\S{1,214}), version (\S{1,100}) was found/.exec(message) ?? [];
  if (grype !== undefined && found !== undefined)
    return { type: kind === 'python' ? 'pypi' : purlType(kind ?? type), name: grype, version: found };
  const [, trivy] = /^Package: (\S{1,214})$/m.exec(message) ?? [];
  const [, installed] = /^Installed Version: (\S{1,100})$/m.exec(message) ?? [];
  if (trivy === undefined || installed === undefined) return undefined;
  const [, fixed = ''] = /^Fixed Version: ([^\n]{1,500})$/m.exec(message) ?? [];
  return { type, name: trivy, version: installed, fixed: fixed.split(/,\s*/).filter((one) => /^v?\d/.test(one)) };
}
