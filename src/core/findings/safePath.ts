/**
 * The one gate through which a path from a report becomes a workspace path. Reports are hostile input: whatever leads
 * outside the workspace is refused here with the reason in words, and what passes is relative, has forward slashes, no
 * empty, `.` or `..` segment and no control character.
 *
 * `raw` is a file-system path as a tool prints it (POSIX or Windows, relative or absolute); decode URIs before.
 * `root` is the absolute workspace root. Absolute paths inside the root become relative to it. The check is lexical:
 * symbolic links are the concern of whoever opens the file (`Workspace.read` refuses links that lead outside).
 */
export function safePath(raw: string, root: string): { readonly path: string } | { readonly reason: string } {
  if (raw === '') return { reason: 'the path is empty' };
  if (raw.length > maximumLength) return { reason: `the path is longer than ${maximumLength} characters` };
  if (controlCharacters.test(raw)) return { reason: 'the path contains control characters' };
  const path = splitPath(raw);
  if (path === undefined) return { reason: `${quote(raw)} leads outside the workspace` };
  const segments = path.volume === undefined ? path.segments : relativeTo(splitPath(root), path);
  if (segments === undefined) return { reason: `${quote(raw)} is an absolute path outside the workspace` };
  if (segments.length === 0) return { reason: `${quote(raw)} names the workspace folder, not a file in it` };
  if (/^[A-Za-z]:/.test(segments[0] ?? '')) return { reason: `${quote(raw)} leads to another drive on Windows` };
  // Windows drops dots and spaces at a name's end, so that `.. ` is `..` there.
  if (segments.some((segment) => /^[. ]+$/.test(segment)))
    return { reason: `${quote(raw)} has a folder that is only dots and spaces` };
  if (segments.some(hidesTraversal)) return { reason: `${quote(raw)} hides a path separator or \`..\` in percent-encoding` };
  return { path: segments.join('/') };
}

/** Longer than any file system takes (Linux PATH_MAX is 4096), so longer ones are not paths. */
const maximumLength = 4096;

// C0, DEL, C1 and the Unicode line separators: none is in an honest path, all can spoil a terminal or a log line.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

interface SplitPath {
  /** Undefined: relative. Else `` for a POSIX root, `c:` for a drive, `//server/share` for UNC. */
  readonly volume: string | undefined;
  readonly segments: readonly string[];
}

/** Splits and normalises lexically; undefined when `..` climbs above the start or the path is relative to a drive (`C:x`). */
function splitPath(raw: string): SplitPath | undefined {
  // Windows tools write backslashes, and a backslash in a POSIX file name is rarer than a report made on Windows.
  let rest = raw.replaceAll('\\', '/');
  // `\\?\C:\x` and `\\.\C:\x` are the device forms of `C:\x`.
  if (/^\/\/[?.]\/[A-Za-z]:/.test(rest)) rest = rest.slice(4);
  let volume: string | undefined;
  if (/^[A-Za-z]:/.test(rest)) {
    if (rest[2] !== '/') return undefined;
    volume = rest.slice(0, 2).toLowerCase();
    rest = rest.slice(2);
  } else if (/^\/\/[^/]/.test(rest)) {
    const [, share = '', tail = ''] = /^(\/\/[^/]+(?:\/[^/]+)?)(.*)$/.exec(rest) ?? [];
    volume = share.toLowerCase();
    rest = tail;
  } else if (rest.startsWith('/')) {
    volume = '';
  }
  const segments: string[] = [];
  for (const segment of rest.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return { volume, segments };
}

/** Segments of `path` below `root`; undefined when it lies elsewhere. Windows volumes compare without case. */
function relativeTo(root: SplitPath | undefined, path: SplitPath): readonly string[] | undefined {
  if (root === undefined || root.volume !== path.volume || path.segments.length < root.segments.length) return undefined;
  const fold = root.volume === '' ? (s: string): string => s : (s: string): string => s.toLowerCase();
  if (root.segments.some((segment, i) => fold(segment) !== fold(path.segments[i] ?? ''))) return undefined;
  return path.segments.slice(root.segments.length);
}

/** True when decoding the segment, once or several times, gives a separator, NUL or a dot segment. */
function hidesTraversal(segment: string): boolean {
  let text = segment;
  for (let round = 0; round < 4 && text.includes('%'); round++) {
    const decoded = text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (decoded === text) return false;
    if (decoded === '.' || decoded === '..' || /[/\\\0]/.test(decoded)) return true;
    text = decoded;
  }
  return false;
}

/** Shortened, since a reason is shown to people. */
function quote(raw: string): string {
  return `\`${raw.length > 200 ? `${raw.slice(0, 200)}…` : raw}\``;
}
