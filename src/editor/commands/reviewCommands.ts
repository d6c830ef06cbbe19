import type { CommandHandlers } from '../commandTable';
import { pickFinding } from './pickFinding';
import type { FeatureContext } from './featureContext';

type Ids =
  | 'patchline.applyReview'
  | 'patchline.discardReview'
  | 'patchline.acceptHunk'
  | 'patchline.rejectHunk'
  | 'patchline.nextHunk'
  | 'patchline.previousHunk'
  | 'patchline.openPanel';

/** What is done in the review and with the panel; both live in rooms of their own. */
export function reviewCommands(context: FeatureContext): Pick<CommandHandlers, Ids> {
  const { review, panel } = context;
  return {
    'patchline.applyReview': () => review.apply(),
    'patchline.discardReview': () => review.discard(),
    'patchline.acceptHunk': (...args) => review.acceptHunk(...args),
    'patchline.rejectHunk': (...args) => review.rejectHunk(...args),
    'patchline.nextHunk': () => review.nextHunk(),
    'patchline.previousHunk': () => review.previousHunk(),
    'patchline.openPanel': async (...args) =>
      panel.show((await pickFinding(args, context, 'Open the panel of which finding?')).id),
  };
}
