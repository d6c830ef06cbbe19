import { preferredFingerprint } from '../findings/fingerprint';

const known = new Map<string, boolean>();

/**
 * True when a fingerprint of this name and value identifies a result, by the rule of core/findings/fingerprint. What it says
 * of the name is remembered; a value is asked about only when it is short enough, or zero enough, to be a placeholder.
 */
export function isUsableFingerprint(name: string, value: string): boolean {
  if (value.length < 16 || value.startsWith('0000')) return preferredFingerprint({ [name]: value }) !== undefined;
  return isUsableName(name);
}

/** True when a fingerprint of this name identifies a result, unless its value is a placeholder. */
export function isUsableName(name: string): boolean {
  let usable = known.get(name);
  if (usable === undefined) {
    usable = preferredFingerprint({ [name]: 'f1e2d3c4b5a69788' }) !== undefined;
    if (known.size < 1000) known.set(name, usable);
  }
  return usable;
}
