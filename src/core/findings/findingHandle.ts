import type { Finding } from '../model/finding';
import type { DraftFinding } from './draft';

/** Every member of a finding, there or undefined: what a class has to give that stands for one; the compiler asks for each. */
export type FindingMembers = { readonly [K in keyof Required<Finding>]: Finding[K] };

/** The same in every bundle: the terminal's holds this module as the engine's does, and a class is another in each of them. */
const mark: unique symbol = Symbol.for('patchline.findingHandle');

/**
 * A finding whose members are made when they are asked for. They are getters, so what copies an object's own members
 * (`{ ...finding }`, Object.assign, a rest pattern, structuredClone) sees none of them: such places take the plainFinding;
 * a rule of the linter holds them to it.
 */
export abstract class FindingHandle {
  get [mark](): true {
    return true;
  }
  /** The finding as an ordinary object; so JSON.stringify writes it as it writes any other. */
  abstract toJSON(): Finding;
}

/** True for a finding whose members are made when they are asked for, whichever bundle's class it is of. */
export function isFindingHandle<T extends object>(finding: T): finding is T & FindingHandle {
  return mark in finding;
}

/** The same finding as an ordinary object, to be copied or sent; one that is such an object already is given as it is. */
export function plainFinding<T extends DraftFinding>(finding: T): T {
  return isFindingHandle(finding) ? (finding.toJSON() as DraftFinding as T) : finding;
}
