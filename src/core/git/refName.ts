/**
 * Says what is wrong with a branch name, or undefined when git takes it: the rules of git-check-ref-format(1), and no leading
 * `-`, so that a name from outside can never be read as an option. Length is bounded because a loose ref is a file.
 */
export function branchNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > 200) return 'it is longer than 200 characters';
  if (name.startsWith('-')) return 'it begins with "-"';
  if (name === '@' || name === 'HEAD') return `"${name}" has a meaning of its own in git`;
  // Control characters are named by code so that the message itself stays printable.
  const bad = /[\u0000-\u0020\u007f~^:?*[\\]/.exec(name)?.[0];
  if (bad !== undefined) return bad > ' ' && bad !== '\u007f' ? `it holds "${bad}"` : 'it holds a space or a control character';
  if (name.includes('..')) return 'it holds ".."';
  if (name.includes('@{')) return 'it holds "@{"';
  if (name.endsWith('.')) return 'it ends with "."';
  if (name.startsWith('refs/')) return 'it begins with "refs/"';
  for (const part of name.split('/')) {
    if (part === '') return 'it has an empty part between slashes';
    if (part.startsWith('.')) return 'a part of it begins with "."';
    if (part.toLowerCase().endsWith('.lock')) return 'a part of it ends with ".lock"';
  }
  return undefined;
}

/** Full commit ids only (SHA-1 or SHA-256, hex): abbreviations and expressions such as `HEAD~1` are not taken from outside. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
