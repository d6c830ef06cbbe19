// @ts-check
// Runs in any Node that knows modules, to say in one line that it is too old.

/** @throws Error in words a person can act on. */
export function checkNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js ${version} is too old: install Node.js 20.19 or newer.`);
  }
}
