/** What stands in place of a name that was taken out of the log: it counts for nothing. */
export const redactedIdentity = '(redacted)';

interface IdentityKeys {
  readonly mail?: string;
  /** Login, or the whole name where there is no address; lower case, without `@`. */
  readonly names: readonly string[];
  /** The login that GitHub's private address stands for. */
  readonly login?: string;
}

/**
 * Whether two identities (`Name <address>`, an address, `@login`, `login`, a name) are one person. Where both have an address
 * the addresses decide, in any spelling that reaches the same box: letter case, a `+tag`, an internationalised domain, Gmail's
 * dots and its second domain (support.google.com/mail/answer/7436150), and GitHub's private addresses
 * `id+login@users.noreply.github.com`, which also stand for the login. Otherwise login and name are compared. In doubt two are
 * one: the answer keeps people from approving their own work.
 */
export function sameIdentity(one: string, other: string): boolean {
  const a = keysOf(one);
  const b = keysOf(other);
  if (a.mail !== undefined && a.mail === b.mail) return true;
  const shared = a.names.some((name) => b.names.includes(name));
  // Two people may share a name, so a name alone decides only where one of the addresses is missing.
  return a.mail !== undefined && b.mail !== undefined ? false : shared;
}

/**
 * Whether an entry of the policy (`@login`, an address), or a member of a team, surely names this identity. In doubt it does not:
 * the answer decides whose approval counts, so a git name that reads like a login is not that login. An address is named by the
 * address; a login by the login alone, or by GitHub's private address of it.
 */
export function isNamedBy(entry: string, identity: string): boolean {
  const [a, b] = [keysOf(entry), keysOf(identity)];
  if (a.mail !== undefined && b.mail !== undefined) return a.mail === b.mail;
  if (a.mail !== undefined) return a.login !== undefined && b.names.includes(a.login);
  if (b.mail !== undefined) return b.login !== undefined && a.names.includes(b.login);
  return a.names.some((name) => b.names.includes(name));
}

/** `Ada Lovelace` of `Ada Lovelace <ada@example.org>`; else the identity as it is. */
export function personName(identity: string): string {
  const name = /^([^<]*)<[^>]*>\s*$/.exec(identity)?.[1]?.trim();
  return name === undefined || name === '' ? identity.replace(/^<|>$/g, '') : name;
}

function keysOf(identity: string): IdentityKeys {
  const text = identity.normalize('NFKC').trim();
  const [, name = '', inner] = /^([^<]*)<([^>]*)>\s*$/.exec(text) ?? [];
  const rest = (inner ?? text).trim();
  const at = rest.lastIndexOf('@');
  // `@login` and `@org/team` begin with the sign; an address has something before it.
  if (at <= 0) return { names: [...new Set([lower(rest), ...(name === '' ? [] : [lower(name)])])].filter((key) => key !== '') };
  const local = lower(rest.slice(0, at));
  const domain = asciiDomain(lower(rest.slice(at + 1)));
  const names = name.trim() === '' ? [] : [lower(name)];
  if (domain === 'users.noreply.github.com') {
    const login = local.replace(/^\d+\+/, '');
    return { mail: `${login}@${domain}`, names: [login, ...names], login };
  }
  const box = local.replace(/\+.*$/, '') || local;
  if (domain === 'gmail.com' || domain === 'googlemail.com') return { mail: `${box.replaceAll('.', '')}@gmail.com`, names };
  return { mail: `${box}@${domain}`, names };
}

function lower(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replace(/^@/, '').toLowerCase();
}

/** The domain as the name system knows it; what is no domain stays as it is. */
function asciiDomain(domain: string): string {
  try {
    return new URL(`https://${domain}`).hostname.replace(/\.$/, '');
  } catch {
    return domain;
  }
}
