import * as vscode from 'vscode';
import { CancelledError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { Policy } from '../../core/model/policy';
import type { RolloutState } from '../../core/model/rollout';
import { parsePolicy, policyFile } from '../../core/policy/parsePolicy';
import type { Action } from '../actionableError';
import { ActionableError } from '../actionableError';
import type { CommandHandlers } from '../commandTable';
import { metricTitle, phaseWords, stepWords } from '../delivery/deliveryWords';
import { findRolloutGaps } from '../../core/rollout/findRolloutGaps';
import { servicesFor } from '../../core/rollout/servicesFor';
import { describeStart } from '../delivery/startWords';
import { offer } from '../guard';
import { openPullRequestPage } from '../pullRequestPage';
import { readText } from '../testFile';
import type { FeatureContext } from './featureContext';
import type { PickedDelivery } from './pickDelivery';
import { confirm, pickDelivery } from './pickDelivery';
import { showInformation, showWarning } from '../messages';

type Ids =
  | 'patchline.startRollout'
  | 'patchline.promote'
  | 'patchline.pauseRollout'
  | 'patchline.resumeRollout'
  | 'patchline.abortRollout'
  | 'patchline.rollBack'
  | 'patchline.rehearseRollback';

/** The rollout: begun, steered, taken back. What happens is decided and recorded by the engine; here it is asked for. */
export function rolloutCommands(context: FeatureContext): Pick<CommandHandlers, Ids> {
  const { services, work, panel } = context;

  /** How the second try ended; not awaited, so that the command is over. */
  function tellRevert({ engine, findingId, name }: PickedDelivery): void {
    const revert = engine.delivery.state(findingId)?.revert;
    if (revert === undefined) {
      const words = `The revert of ${name} could still not be opened: the panel and the run log say why.`;
      return void offer(showWarning, words, [panelOf(findingId)]);
    }
    const open = `Open Revert PR #${revert.number}`;
    const show = 'Show Panel';
    void services.guard('open the revert', async () => {
      const picked = await showInformation(`Revert pull request #${revert.number} is open.`, open, show);
      if (picked === open) await openPullRequestPage(revert);
      if (picked === show) await panel.show(findingId);
    });
  }

  async function takeBack(picked: PickedDelivery, word: 'Abort' | 'Roll Back'): Promise<void> {
    const { engine, findingId, name, state } = picked;
    const { rollout } = state;
    if (rollout?.phase === 'rolled-back') {
      // An older message may still have the button.
      if (!state.actions.includes('roll-back')) {
        const by = state.revert === undefined ? '' : `; its revert is pull request #${state.revert.number}`;
        throw new ActionableError(`${name} is taken back already${by}.`, [panelOf(findingId)]);
      }
      const what = 'The traffic is back on the old version. Its revert pull request, which could not be opened, is tried again.';
      await confirm(`${word}: ${name}?`, what, 'Open Revert');
      await work.run(`Opening the revert of ${name}`, (task) => engine.delivery.rollBack(findingId, 'tried again', task));
      return tellRevert(picked);
    }
    await confirm(
      `${word}: ${name}?`,
      rollout === undefined
        ? 'The rollout is taken back by its own way.'
        : `${cleanLine(`${rollout.plan.service} (${rollout.plan.environment})`, 160)}, ${stepWords(rollout)}, ${rollout.weight} % of the traffic.\nAll traffic goes back to the old version by ${cleanLine(rollout.plan.wayBack, 200)}. A revert pull request is opened, and the finding is open again.`,
      word,
    );
    const why = await vscode.window.showInputBox({
      title: `${word} ${name}`,
      prompt: 'Why? It stands in the run log and in the post-mortem.',
      value: rollout?.breach === undefined ? '' : cleanLine(rollout.breach.message, 300),
      ignoreFocusOut: true,
      validateInput: (value) => (value.trim() === '' ? 'One short sentence is enough.' : undefined),
    });
    if (why === undefined) throw new CancelledError();
    const after = await work.run(`Taking back ${name}`, (task) => engine.delivery.rollBack(findingId, why.trim(), task));
    const done = after.phase === 'rolled-back';
    void offer(
      done ? showInformation : showWarning,
      `${cleanLine(after.plan.service, 120)}: ${phaseWords[after.phase]}, ${after.weight} % of the traffic on the new version.`,
      [{ title: 'Show Post-mortem', command: 'patchline.showPostMortem', args: [findingId] }, panelOf(findingId)],
    );
  }

  return {
    'patchline.startRollout': async (...args) => {
      const { engine, findingId, name, state } = await pickDelivery(args, context, 'Roll out which patch?', 'start-rollout');
      const patch = await engine.currentPatch(findingId);
      const policy = await readPolicy(context);
      const paths = patch?.changes.map((change) => change.path) ?? [];
      const { warnings } = findRolloutGaps(policy, paths);
      const start = describeStart(state, servicesFor(policy.rollout, paths), warnings);
      await confirm(`Start the rollout of ${name}?`, start, 'Merge and Start Rollout');
      await panel.show(findingId);
      const rollout = await work.run(`Starting the rollout of ${name}`, (task) => engine.delivery.startRollout(findingId, task));
      tell(rollout, findingId);
    },

    'patchline.promote': async (...args) => {
      const { engine, findingId, name, state } = await pickDelivery(args, context, 'Promote which rollout?', 'promote');
      const { rollout } = state;
      const unclear = rollout?.verdicts.filter((verdict) => verdict.phase !== 'successful') ?? [];
      if (rollout !== undefined && unclear.length > 0) {
        const lines = unclear.map(
          (verdict) => `${metricTitle(rollout.plan.metrics, verdict.metric)}: ${cleanLine(verdict.message, 200)}`,
        );
        await confirm(
          `Go on although the metrics are not clear: ${name}?`,
          ['The current step ends at once, past its analysis, and that is recorded.', ...lines].join('\n'),
          'Promote',
        );
      }
      tell(await work.run(`Promoting ${name}`, (task) => engine.delivery.promote(findingId, task)), findingId);
    },

    'patchline.pauseRollout': async (...args) => {
      const { engine, findingId, name } = await pickDelivery(args, context, 'Pause which rollout?', 'pause');
      const why = await vscode.window.showInputBox({
        title: `Pause ${name}`,
        prompt: 'Why? May stay empty. The traffic stays as it is until you resume.',
        ignoreFocusOut: true,
      });
      if (why === undefined) throw new CancelledError();
      const reason = why.trim() === '' ? undefined : why.trim();
      tell(await work.runToEnd(`Pausing ${name}`, () => engine.delivery.pause(findingId, reason)), findingId);
    },

    'patchline.resumeRollout': async (...args) => {
      const { engine, findingId, name } = await pickDelivery(args, context, 'Resume which rollout?', 'resume');
      tell(await work.runToEnd(`Resuming ${name}`, () => engine.delivery.resume(findingId)), findingId);
    },

    'patchline.abortRollout': async (...args) =>
      takeBack(await pickDelivery(args, context, 'Abort which rollout?', 'abort'), 'Abort'),

    'patchline.rollBack': async (...args) =>
      takeBack(await pickDelivery(args, context, 'Roll back which patch?', 'roll-back'), 'Roll Back'),

    'patchline.rehearseRollback': async (...args) => {
      const { engine, findingId, name } = await pickDelivery(args, context, 'Rehearse the way back of which patch?', 'rehearse');
      const { ok, summary } = await work.run(`Rehearsing the way back of ${name}`, (task) =>
        engine.delivery.rehearse(findingId, task),
      );
      services.log.info(`rehearsal of ${name}: ${summary}`);
      void offer(
        ok ? showInformation : showWarning,
        `${ok ? 'The way back works' : 'The way back does not work'}: ${cleanLine(summary, 300)}`,
        [panelOf(findingId)],
      );
    },
  };
}

const panelOf = (findingId: string): Action => ({ title: 'Show Panel', command: 'patchline.openPanel', args: [findingId] });

function tell(rollout: RolloutState, findingId: string): void {
  const words = `${cleanLine(rollout.plan.service, 120)}: ${phaseWords[rollout.phase]}, ${stepWords(rollout)}, ${rollout.weight} % of the traffic.`;
  void offer(showInformation, words, [panelOf(findingId)]);
}

async function readPolicy({ services }: FeatureContext): Promise<Policy> {
  const root = services.root();
  const text = root === undefined ? undefined : await readText(root, policyFile);
  return text === undefined ? {} : parsePolicy(text.replace(/^\uFEFF/, ''));
}
