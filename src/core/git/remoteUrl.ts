/** A repository on a forge, as a remote's address names it. */
export interface RemoteRepository {
  /** Lower case, with the port of an http(s) address if it has one. */
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

/** Why an address cannot be used; completes "The remote cannot be used: …". */
export interface RefusedRemote {
  readonly refused: string;
}

/**
 * Reads the address of a git remote (git-clone(1), "Git URLs"): https, ssh, and the scp-like form. An address may come with a
 * repository that somebody only opened, so everything that could run a program (`ext::`, a leading `-`), reach into the file
 * system or carry a token in the clear is refused.
 */
export function parseRemoteUrl(address: string): RemoteRepository | RefusedRemote {
  const url = address.trim();
  if (url === '') return { refused: 'it has no address' };
  if (url.length > 1000 || /[\u0000-\u0020\u007f]/.test(url))
    return { refused: 'its address holds spaces or control characters' };
  if (url.startsWith('-')) return { refused: 'its address begins with "-"' };
  if (/^[\w+.-]+::/.test(url)) return { refused: 'its address names a remote helper, which is a program' };

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // The scp-like form ends its host at the first colon; a path or a Windows drive has a slash before it, or one letter.
    const scp = /^(?:[\w.-]+@)?([A-Za-z0-9][A-Za-z0-9.-]+):(?!\/\/)(.+)$/.exec(url);
    if (!scp) return { refused: 'its address is a path, no forge' };
    return repositoryAt(scp[1] ?? '', scp[2] ?? '');
  }
  if (!URL.canParse(url)) return { refused: 'its address cannot be read' };
  const parsed = new URL(url);
  if (scheme === 'ssh' || scheme === 'git+ssh' || scheme === 'ssh+git') return repositoryAt(parsed.hostname, parsed.pathname);
  if (scheme === 'https' || (scheme === 'http' && isLoopback(parsed.hostname))) return repositoryAt(parsed.host, parsed.pathname);
  return { refused: `its address is ${scheme}:, and only https and ssh are taken` };
}

/** `owner/name` as it stands in a policy; undefined when it is no such thing. */
export function parseRepositoryName(text: string): { readonly owner: string; readonly name: string } | undefined {
  const [owner = '', name = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isName(owner) || !isName(name)) return undefined;
  return { owner, name };
}

/** Hosts on which nothing leaves the machine, so that plain http is no danger to a token. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Why a token must not be sent to this address, as the end of a sentence that begins with the address; undefined where it may:
 * https, or plain http on this machine. Credentials in an address would stand in lists of processes and in logs.
 */
export function apiAddressProblem(text: string): string | undefined {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (!address || (address.protocol !== 'https:' && !(address.protocol === 'http:' && isLoopback(address.hostname))))
    return 'must begin with https://';
  return address.username === '' && address.password === '' ? undefined : 'must hold no user name and no password';
}

function repositoryAt(host: string, path: string): RemoteRepository | RefusedRemote {
  if (!/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[::1\])(?::\d+)?$/.test(host))
    return { refused: 'its host is no host name' };
  const plain = path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '');
  const repository = parseRepositoryName(plain);
  if (!repository) return { refused: 'its address does not end with owner/name' };
  const lower = host.toLowerCase();
  // GitHub's ssh over the https port has a host name of its own.
  return { host: lower === 'ssh.github.com' ? 'github.com' : lower, ...repository };
}

function isName(part: string): boolean {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}$/.test(part) && part !== '.' && part !== '..';
}
