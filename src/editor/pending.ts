import { HumanError } from '../core/errors';
import type { PatchReview } from './reviewPort';
const no = async (): Promise<void> => {
  throw new HumanError('Not in this build.');
};
export const createPatchReview = (): PatchReview => ({
  open: no,
  current: () => undefined,
  apply: no,
  discard: no,
  acceptHunk: no,
  rejectHunk: no,
  nextHunk: no,
  previousHunk: no,
  dispose: () => undefined,
});
