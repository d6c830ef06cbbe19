/**
 * The reports that lie below a path, which was a folder then.
 *
 * @param names - of reports, as paths from the workspace root
 * @param path - from the workspace root, without a slash at the end; empty: the root itself
 */
export function reportsBelow(names: readonly string[], path: string): readonly string[] {
  return names.filter((name) => name.startsWith(path === '' ? '' : `${path}/`));
}
