/**
 * Says what is wrong with a path that is to be written into a commit, or undefined when it is fine: relative, forward slashes,
 * never leading outside, never into a `.git` folder under any of the spellings that file systems take for it (the protections
 * of git's `verify_path`: NTFS short names, trailing dots and spaces, code points that HFS+ ignores).
 */
export function repositoryPathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > 4000) return 'it is too long';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'it holds a control character';
  if (path.includes('\\')) return 'it holds a backslash';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute';
  for (const part of path.split('/')) {
    if (part === '') return 'it has an empty part between slashes';
    if (part === '.' || part === '..') return `it holds the part "${part}"`;
    if (isGitFolder(part)) return 'it leads into a .git folder';
  }
  return undefined;
}

function isGitFolder(part: string): boolean {
  const plain = part
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[. ]+$/, '');
  return plain === '.git' || /^git~\d+$/.test(plain);
}
