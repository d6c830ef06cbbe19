import type { Workspace } from '../../src/core/ports';

/** A workspace of texts in memory. */
export function memoryWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const get = (path: string): string | undefined => (Object.hasOwn(files, path) ? files[path] : undefined);
  return {
    root: '/workspace',
    read: (path) => {
      const text = get(path);
      return Promise.resolve(text === undefined ? undefined : new TextEncoder().encode(text));
    },
    readText: (path) => Promise.resolve(get(path)),
    list: () => Promise.resolve(Object.keys(files).sort()),
  };
}
