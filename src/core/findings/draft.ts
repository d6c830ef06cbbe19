import type { Finding } from '../model/finding';

/** A finding before it has its stable id, which is given in bulk by core/findings/identity. */
export type DraftFinding = Omit<Finding, 'id'>;
