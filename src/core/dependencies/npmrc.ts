/**
 * npm's settings files: `key = value` lines, `;` and `#` comments, `${NAME}` for environment variables
 * (docs.npmjs.com, npmrc).
 */
export function parseNpmrc(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const match = /^\s*([^;#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const [, key = '', value = ''] = match;
    settings.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return settings;
}

/** Replaces `${NAME}` and `${NAME?}`; an unset variable stays as it is written, as npm leaves it. */
export function expandEnvironment(value: string, env: Readonly<Record<string, string | undefined>>): string {
  return value.replace(/(?<!\\)\$\{([^}?]+)(\?)?\}/g, (whole, name: string, optional: string | undefined) => {
    return env[name] ?? (optional === undefined ? whole : '');
  });
}

/** What a project's own .npmrc may decide when npm runs for it here: how the tree is resolved, and from where. */
const resolutionSettings = new Set([
  'registry',
  'replace-registry-host',
  'legacy-peer-deps',
  'strict-peer-deps',
  'force',
  'engine-strict',
  'install-strategy',
  'legacy-bundling',
  'global-style',
  'install-links',
  'prefer-dedupe',
  'omit',
  'include',
  'before',
  'min-release-age',
  'tag',
  'strict-ssl',
  'always-auth',
]);

/**
 * The lines of a project's .npmrc that go into the temporary copy. The file is the workspace's and so not to be trusted:
 * settings that name programs (`git`, `script-shell`, `editor`, `node-options`) or folders (`prefix`, `cache`) are left out.
 */
export function keepResolutionSettings(text: string): string {
  const kept = [...parseNpmrc(text)].filter(
    ([key]) => resolutionSettings.has(key) || /^@[^:]+:registry$/.test(key) || key.startsWith('//'),
  );
  return kept.map(([key, value]) => `${key}=${value}\n`).join('');
}

export interface RegistrySettings {
  /** Base address with a slash at the end. */
  readonly url: string;
  /** Value of an Authorization header for that address, where the person's own settings hold one. */
  readonly authorization?: string;
}

/** npm's own default (npm docs, config `registry`): used where neither the project nor the person names another. */
export const defaultRegistry = 'https://registry.npmjs.org/';

/**
 * Which registry serves a package, and how to sign in there.
 * @param project settings of the workspace's .npmrc: they choose the registry
 * @param own settings of the person: ~/.npmrc, then npm_config_… variables over them
 * @param secrets where tokens may come from: the person's own settings, and those of a workspace that is trusted
 */
export function registryFor(
  name: string,
  project: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): RegistrySettings {
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined;
  const scoped = scope === undefined ? undefined : `${scope}:registry`;
  const chosen =
    (scoped === undefined ? undefined : (project.get(scoped) ?? own.get(scoped))) ??
    project.get('registry') ??
    own.get('registry') ??
    defaultRegistry;
  const url = chosen.endsWith('/') ? chosen : `${chosen}/`;
  const authorization = authorizationFor(url, secrets);
  return authorization === undefined ? { url } : { url, authorization };
}

/** npm looks for `//host/path/:_authToken`, dropping path segments from the end until it finds one. */
function authorizationFor(url: string, secrets: ReadonlyMap<string, string>): string | undefined {
  let place = url.replace(/^https?:/, '');
  while (place.length > 2) {
    const token = secrets.get(`${place}:_authToken`);
    if (token !== undefined) return `Bearer ${token}`;
    const basic = secrets.get(`${place}:_auth`);
    if (basic !== undefined) return `Basic ${basic}`;
    place = place.replace(/[^/]*\/$/, '');
  }
  return undefined;
}
