/**
 * The loader flags (`--import tsx`, `--require ts-node/register`) that a project's own test script gives to Node or its runner,
 * so that one file alone is run in the same way. Only these flags are taken over: nothing else of a script is executed.
 */
export function loaderFlags(script: string | undefined): readonly string[] {
  const flags: string[] = [];
  const words = (script ?? '').split(/\s+/);
  for (const [index, word] of words.entries()) {
    const inline = /^(--(?:import|require|loader|experimental-loader))=(\S+)$/.exec(word);
    if (inline !== null) flags.push(word);
    else if (/^(?:--import|--require|-r|--loader|--experimental-loader)$/.test(word)) {
      const value = words[index + 1];
      if (value !== undefined && /^[@./\w-]+$/.test(value)) flags.push(word, value);
    } else if (word === '--experimental-strip-types' || word === '--experimental-vm-modules') flags.push(word);
  }
  return flags;
}

/** The project's `scripts.test`. */
export function testScript(packageJson: Readonly<Record<string, unknown>>): string | undefined {
  const scripts = packageJson['scripts'];
  if (typeof scripts !== 'object' || scripts === null) return undefined;
  const test = (scripts as Readonly<Record<string, unknown>>)['test'];
  return typeof test === 'string' ? test : undefined;
}

/** True when the manifest names the package among its dependencies of any kind. */
export function dependsOn(packageJson: Readonly<Record<string, unknown>>, name: string): boolean {
  return ['devDependencies', 'dependencies', 'optionalDependencies', 'peerDependencies'].some((field) => {
    const table = packageJson[field];
    return typeof table === 'object' && table !== null && Object.hasOwn(table, name);
  });
}
