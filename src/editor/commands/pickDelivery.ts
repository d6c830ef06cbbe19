import type { DeliveryAction, DeliveryState } from '../../core/delivery';
import { CancelledError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { Patchline } from '../../core/patchline';
import { ActionableError } from '../actionableError';
import type { FeatureContext } from './featureContext';
import { findingIdIn, findingIdsIn } from './findingIds';
import { askFirst, pickOne } from '../messages';

/** A run behind its pull request, and the engine that knows it. */
export interface PickedDelivery {
  readonly engine: Patchline;
  readonly findingId: string;
  readonly state: DeliveryState;
  /** A few words for titles. */
  readonly name: string;
}

/**
 * The run a command is about: the one its arguments name, else that of the panel in front, else the selected row of the Patches
 * tree, else the only one there is (that `action` fits), else the one the person picks. @throws CancelledError when the list was
 * closed, ActionableError when there is none.
 */
export async function pickDelivery(
  args: readonly unknown[],
  { services, views, panel }: Pick<FeatureContext, 'services' | 'views' | 'panel'>,
  title: string,
  action?: DeliveryAction,
): Promise<PickedDelivery> {
  const engine = await services.patchline();
  // A row that was selected before the panel came to the front is not what the person looks at.
  const looked = () => panel.active() ?? (views.patches.visible ? findingIdsIn(views.patches.selection)[0] : undefined);
  const named = findingIdIn(args) ?? (args.length === 0 ? looked() : undefined);
  if (named !== undefined) {
    const state = engine.delivery.state(named);
    if (state !== undefined) return picked(engine, state);
    throw new ActionableError('There is no open pull request for this finding yet: what you asked for comes after it.', [
      { title: 'Open Pull Request…', command: 'patchline.openPullRequest', args: [named] },
      { title: 'Show Panel', command: 'patchline.openPanel', args: [named] },
    ]);
  }
  // What is done goes by what can be done; what is read, or was deployed and can go back, is there of ended runs too, the newest first.
  const all =
    action !== undefined && action !== 'roll-back'
      ? engine.delivery.active()
      : engine.runs
          .all()
          .toReversed()
          .flatMap((run) => (run.state === 'superseded' ? [] : (engine.delivery.state(run.finding.id) ?? [])));
  const fitting = action === undefined ? all : all.filter((state) => state.actions.includes(action));
  const [only] = fitting;
  if (only === undefined) {
    throw new ActionableError(
      all.length === 0
        ? 'No patch is under way behind a pull request. Open one first.'
        : 'None of the patches that are under way is at this point. The panel of each says what it waits for.',
      [{ title: 'Show Patches', command: 'patchline.patches.focus' }],
    );
  }
  if (fitting.length === 1) return picked(engine, only);
  const items = fitting.map((state) => ({
    label: cleanLine(`#${state.pullRequest.number} ${state.pullRequest.title}`, 120),
    description: cleanLine(state.rollout === undefined ? '' : `${state.rollout.plan.service} · ${state.rollout.weight} %`, 120),
    detail: cleanLine(`waits for ${state.waitsFor}`, 200),
    state,
  }));
  const chosen = await pickOne(items, { title, placeHolder: 'Type to narrow the list', matchOnDetail: true });
  if (chosen === undefined) throw new CancelledError();
  return picked(engine, chosen.state);
}

function picked(engine: Patchline, state: DeliveryState): PickedDelivery {
  const { number, title } = state.pullRequest;
  return { engine, findingId: state.findingId, state, name: cleanLine(`#${number} ${title}`, 80) };
}

/** Asks before something that others will notice. @throws CancelledError when the answer is no. */
export async function confirm(question: string, detail: string, yes: string): Promise<void> {
  if (!(await askFirst(question, detail, yes, 'caution'))) throw new CancelledError();
}
