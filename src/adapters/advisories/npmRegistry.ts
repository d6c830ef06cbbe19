import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';
import * as v from 'valibot';
import { VendorError, isVendorError } from '../../core/errors';
import type { KnownAdvisory } from '../../core/dependencies/knownAdvisories';
import { expandEnvironment, parseNpmrc, registryFor } from '../../core/dependencies/npmrc';
import type { RegistrySettings } from '../../core/dependencies/npmrc';
import type { PackageRegistry } from '../../core/dependencies/ports';
import type { PublishedManifest, PublishedVersion } from '../../core/dependencies/publishedPackage';
import { advisoryIds } from '../../core/findings/advisoryIds';
import type { Provider, Task } from '../../core/ports';
import type { Http } from '../clients/http';

export const npmRegistryProvider: Provider = {
  id: 'npm-registry',
  displayName: 'npm registry',
  url: 'https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md',
  capabilities: ['packument', 'version-manifest', 'bulk-advisories'],
};

export interface NpmRegistryOptions {
  readonly http: Http;
  /** Folder whose .npmrc chooses the registry. */
  readonly projectRoot: string;
  /** False in Restricted Mode: then the workspace's .npmrc gives addresses but no secrets or variables. */
  readonly mayRun: () => boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const text = v.optional(v.fallback(v.string(), ''));
const versionSchema = v.looseObject({
  version: v.string(),
  deprecated: v.optional(v.union([v.string(), v.boolean()])),
  engines: v.optional(v.unknown()),
});
const packumentSchema = v.looseObject({
  name: v.string(),
  'dist-tags': v.optional(v.record(v.string(), v.string()), {}),
  versions: v.record(v.string(), v.unknown()),
  time: v.optional(v.record(v.string(), v.unknown())),
  modified: v.optional(v.string()),
});
const manifestSchema = v.looseObject({
  name: v.string(),
  version: v.string(),
  dist: v.looseObject({ tarball: v.string(), integrity: v.optional(v.string()), shasum: text }),
});
const bulkSchema = v.record(
  v.string(),
  v.array(
    v.looseObject({
      id: v.optional(v.union([v.number(), v.string()])),
      url: text,
      title: text,
      vulnerable_versions: v.string(),
    }),
  ),
);

/**
 * The npm registry: packuments, and the bulk advisory endpoint that `npm audit` uses where it answers
 * (github.com/npm/registry docs/responses/package-metadata.md; npm's own metavuln and audit clients).
 */
export function createNpmRegistry(options: NpmRegistryOptions): PackageRegistry {
  const { http, env = process.env } = options;

  async function settingsFor(name: string): Promise<RegistrySettings> {
    const expand = (settings: ReadonlyMap<string, string>): Map<string, string> =>
      new Map([...settings].map(([key, value]) => [expandEnvironment(key, env), expandEnvironment(value, env)]));
    const written = await readSettings(join(options.projectRoot, '.npmrc'));
    const trusted = options.mayRun();
    const project = trusted ? expand(written) : written;
    const own = expand(await readSettings(env['npm_config_userconfig'] ?? join(homedir(), '.npmrc')));
    for (const [name, value] of Object.entries(env)) {
      const key = /^npm_config_(.+)$/i.exec(name)?.[1];
      // npm turns underscores into hyphens except in keys of registries, which no shell can write anyway.
      if (key !== undefined && value !== undefined) own.set(key.toLowerCase().replaceAll('_', '-'), value);
    }
    return registryFor(name, project, own, trusted ? new Map([...own, ...project]) : own);
  }

  async function get(name: string, path: string, accept: string, task: Task | undefined): Promise<unknown> {
    const { url, authorization } = await settingsFor(name);
    return http.json({
      url: `${url}${path}`,
      headers: { accept, ...(authorization === undefined ? {} : { authorization }) },
      signal: task?.signal,
    });
  }

  async function packument(name: string, accept: string, task?: Task): Promise<v.InferOutput<typeof packumentSchema>> {
    const answer = v.safeParse(packumentSchema, await get(name, escapeName(name), accept, task));
    if (answer.success) return answer.output;
    throw new VendorError('npm registry', `The npm registry's answer about ${name} is not a package document`);
  }

  /**
   * The short form has no times. They matter only where a version is young, so the whole document is fetched only for a
   * package that changed lately; where that fails the ages are unknown, which forbids nothing.
   */
  async function recentTimes(
    name: string,
    modified: string | undefined,
    task?: Task,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (modified === undefined || Date.now() - Date.parse(modified) > 30 * 24 * 3600 * 1000) return {};
    try {
      return (await packument(name, 'application/json', task)).time ?? {};
    } catch (error) {
      if (isVendorError(error)) return {};
      throw error;
    }
  }

  return {
    async published(name, task) {
      try {
        const document = await packument(name, abbreviated, task);
        const times = document.time ?? (await recentTimes(name, document.modified, task));
        const versions = Object.values(document.versions).flatMap((each): PublishedVersion[] => {
          const parsed = v.safeParse(versionSchema, each);
          return parsed.success ? [versionOf(parsed.output, times)] : [];
        });
        return { name, versions, distTags: document['dist-tags'] };
      } catch (error) {
        if (isVendorError(error) && error.options.status === 404) return undefined;
        throw error;
      }
    },

    async manifest(name, version, task) {
      const path = `${escapeName(name)}/${encodeURIComponent(version)}`;
      const parsed = v.safeParse(manifestSchema, await get(name, path, 'application/json', task));
      if (!parsed.success || parsed.output.version !== version)
        throw new VendorError('npm registry', `The npm registry's answer about ${name} ${version} is not a version document`);
      return manifestOf(parsed.output);
    },

    async advisories(versions, task) {
      const found: Record<string, readonly KnownAdvisory[]> = {};
      for (const [name, list] of Object.entries(versions)) {
        const { url, authorization } = await settingsFor(name);
        const response = await http.send({
          url: `${url}-/npm/v1/security/advisories/bulk`,
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
          body: JSON.stringify({ [name]: list }),
          signal: task?.signal,
          // Asking twice does no harm: the endpoint only reads.
          retries: 1,
        });
        // Mirrors and private registries say 404, 405 or 501: no such endpoint, so nothing is known from here.
        if (response.status < 200 || response.status > 299) return undefined;
        const parsed = v.safeParse(bulkSchema, parseJson(response.body));
        if (!parsed.success) return undefined;
        found[name] = (parsed.output[name] ?? []).map((each) => ({
          ids: idsOf(each.url ?? '', each.id),
          source: 'registry' as const,
          range: each.vulnerable_versions,
          fixed: [],
        }));
      }
      return found;
    },
  };
}

/** The short form has all that installing needs; registries that do not know it send the whole document. */
const abbreviated = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8';

/** `@scope/name` is one path segment to a registry. */
function escapeName(name: string): string {
  return encodeURIComponent(name).replace(/^%40/, '@');
}

function versionOf(each: v.InferOutput<typeof versionSchema>, times: Readonly<Record<string, unknown>>): PublishedVersion {
  const engines = each.engines;
  const node = typeof engines === 'object' && engines !== null && 'node' in engines ? engines.node : undefined;
  const time = Object.hasOwn(times, each.version) ? times[each.version] : undefined;
  // The registry has `deprecated: false` and `""` for versions whose deprecation was taken back.
  const deprecated = typeof each.deprecated === 'string' && each.deprecated !== '' ? each.deprecated : undefined;
  return {
    version: each.version,
    ...(deprecated === undefined && each.deprecated !== true ? {} : { deprecated: deprecated ?? 'deprecated' }),
    ...(typeof node === 'string' ? { enginesNode: node } : {}),
    ...(typeof time === 'string' ? { publishedAt: time } : {}),
  };
}

/** Fields that npm copies from a package's manifest into its lock entry (arborist, Shrinkwrap.metaFromNode). */
const copied = [
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'acceptDependencies',
  'engines',
  'os',
  'cpu',
  'libc',
  'bin',
  'license',
  'deprecated',
] as const;

function manifestOf(document: v.InferOutput<typeof manifestSchema>): PublishedManifest {
  const fields: Record<string, unknown> = {};
  for (const key of copied) {
    const value = document[key];
    if (isPresent(value)) fields[key] = value;
  }
  const bin = binOf(document['bin'], document.name);
  if (bin === undefined) delete fields['bin'];
  else fields['bin'] = bin;
  const licence = licenceOf(document['license']);
  if (licence !== undefined) fields['license'] = licence;
  const funding = fundingOf(document['funding']);
  if (funding !== undefined) fields['funding'] = funding;
  if (hasInstallScript(document)) fields['hasInstallScript'] = true;
  removeOptionalDuplicates(fields);
  const bundled = document['bundleDependencies'] ?? document['bundledDependencies'];
  const { tarball, integrity, shasum } = document.dist;
  const digest = integrity ?? (shasum === undefined || shasum === '' ? undefined : sha1Integrity(shasum));
  return {
    name: document.name,
    version: document.version,
    tarball,
    ...(digest === undefined ? {} : { integrity: digest }),
    fields,
    carriesDependencies: (isPresent(bundled) && bundled !== false) || document['_hasShrinkwrap'] === true,
  };
}

/** The registry repeats optional dependencies among the normal ones; a lock entry has each once. */
function removeOptionalDuplicates(fields: Record<string, unknown>): void {
  const { dependencies, optionalDependencies } = fields;
  if (typeof dependencies !== 'object' || dependencies === null || typeof optionalDependencies !== 'object') return;
  const rest = Object.entries(dependencies).filter(([name]) => !Object.hasOwn(optionalDependencies ?? {}, name));
  if (rest.length > 0) fields['dependencies'] = Object.fromEntries(rest);
  else delete fields['dependencies'];
}

/** As npm-normalize-package-bin: a map of base names to paths inside the package, without a leading `./`. */
function binOf(bin: unknown, name: string): Readonly<Record<string, string>> | undefined {
  const named: unknown = Array.isArray(bin)
    ? Object.fromEntries(bin.filter((path) => typeof path === 'string').map((path) => [posix.basename(path), path]))
    : typeof bin === 'string'
      ? { [name]: bin }
      : bin;
  if (typeof named !== 'object' || named === null) return undefined;
  const inside = (path: string): string => posix.join('/', path.replaceAll('\\', '/')).slice(1);
  const clean = Object.entries(named).flatMap(([key, path]: [string, unknown]): [string, string][] => {
    const command = inside(posix.basename(key.replace(/[\\:]/g, '/')));
    return typeof path !== 'string' || command === '' || inside(path) === '' ? [] : [[command, inside(path)]];
  });
  return clean.length === 0 ? undefined : Object.fromEntries(clean);
}

/** Of an old `{ type, url }` npm keeps the type. */
function licenceOf(licence: unknown): unknown {
  return typeof licence === 'object' && licence !== null && 'type' in licence && isPresent(licence.type)
    ? licence.type
    : undefined;
}

/** npm writes `funding` as objects. */
function fundingOf(funding: unknown): unknown {
  if (typeof funding === 'string') return { url: funding };
  if (Array.isArray(funding)) return funding.map((each: unknown) => (typeof each === 'string' ? { url: each } : each));
  return isPresent(funding) ? funding : undefined;
}

function hasInstallScript(document: v.InferOutput<typeof manifestSchema>): boolean {
  if (document['hasInstallScript'] === true) return true;
  const scripts = document['scripts'];
  if (typeof scripts !== 'object' || scripts === null) return false;
  return ['preinstall', 'install', 'postinstall'].some((name) => Object.hasOwn(scripts, name));
}

function sha1Integrity(hex: string): string {
  return `sha1-${Buffer.from(hex, 'hex').toString('base64')}`;
}

function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function idsOf(url: string, id: string | number | undefined): readonly string[] {
  const ids = advisoryIds(url);
  if (ids.length > 0) return ids;
  return [id === undefined ? 'an advisory of the registry' : `npm advisory ${id}`];
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readSettings(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    return parseNpmrc(await readFile(path, 'utf8'));
  } catch (error) {
    // No such file is the normal case; one that may not be read has nothing to say either.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR') return new Map();
    throw error;
  }
}
