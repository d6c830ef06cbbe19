import * as vscode from 'vscode';
import { CancelledError, HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { CommandHandlers } from '../commandTable';
import { openCheckLog } from '../delivery/checkLogDocument';
import { offer } from '../guard';
import type { FeatureContext } from './featureContext';
import type { PickedDelivery } from './pickDelivery';
import { pickDelivery } from './pickDelivery';
import { pickOne, setStatus, showInformation, showWarning } from '../messages';

type Ids =
  | 'patchline.rerunFailedChecks'
  | 'patchline.buildArtifact'
  | 'patchline.showCheckLog'
  | 'patchline.refreshDelivery'
  | 'patchline.showPostMortem'
  | 'patchline.showReleaseNotes'
  | 'patchline.showChangelogLine';

/** Checks, artifact, and the documents about a run. */
export function checkCommands(context: FeatureContext): Pick<CommandHandlers, Ids> {
  const { work } = context;
  const panelOf = (findingId: string) => ({ title: 'Show Panel', command: 'patchline.openPanel', args: [findingId] });
  return {
    'patchline.refreshDelivery': async (...args) => {
      const { engine, findingId, name } = await pickDelivery(args, context, 'Bring which patch up to date?');
      const state = await work.run(`Reading the checks of ${name}`, (task) => engine.delivery.refresh(findingId, task));
      if (state.waitsFor !== '') setStatus(`Waits for ${cleanLine(state.waitsFor, 160)}`, 6000);
    },

    'patchline.rerunFailedChecks': async (...args) => {
      const { engine, findingId, name } = await pickDelivery(
        args,
        context,
        'Re-run the failed checks of which patch?',
        'rerun-checks',
      );
      await work.run(`Running the failed checks of ${name} again`, (task) => engine.delivery.rerunFailedChecks(findingId, task));
      void offer(showInformation, `The failed checks of ${name} run again.`, [panelOf(findingId)]);
    },

    'patchline.buildArtifact': async (...args) => {
      const { engine, findingId, name, state } = await pickDelivery(
        args,
        context,
        'Build the artifact of which patch?',
        'build-artifact',
      );
      const again = state.artifact !== undefined;
      const artifact = await work.run(`Building the artifact of ${name}`, (task) =>
        engine.delivery.buildArtifact(findingId, again ? { ...task, again } : task),
      );
      const { verdict } = artifact.reproducibility;
      const words = { reproducible: 'reproducible', different: 'not reproducible', 'not-checked': 'reproducibility not checked' };
      void offer(
        verdict === 'reproducible' ? showInformation : showWarning,
        `Built ${cleanLine(`${artifact.name} ${artifact.version}`, 160)}, SHA-256 ${artifact.digest.sha256.slice(0, 16)}…, ${words[verdict]}.`,
        [panelOf(findingId)],
      );
    },

    'patchline.showCheckLog': async (...args) => {
      const picked = await pickDelivery(args, context, 'Show a log of which patch?');
      const named = typeof args[1] === 'string' ? args[1] : await pickCheck(picked);
      const check = picked.state.ci?.checks.find((one) => one.id === named);
      await openCheckLog(picked.findingId, named, check?.name ?? named);
    },

    'patchline.showPostMortem': (...args) =>
      showMarkdown(args, 'Post-mortem of which patch?', 'Writing the post-mortem', ({ engine, findingId }) =>
        engine.delivery.postMortem(findingId),
      ),
    'patchline.showReleaseNotes': (...args) =>
      showMarkdown(args, 'Release notes of which patch?', 'Writing the release notes', ({ engine, findingId }) =>
        engine.delivery.releaseNotes(findingId),
      ),
    'patchline.showChangelogLine': (...args) =>
      showMarkdown(args, 'Changelog line of which patch?', 'Writing the changelog line', ({ engine, findingId }) =>
        engine.delivery.changelogLine(findingId),
      ),
  };

  /** Opens an untitled document: it is a draft for the person to change and save where it belongs. */
  async function showMarkdown(
    args: readonly unknown[],
    question: string,
    title: string,
    write: (picked: PickedDelivery) => Promise<string>,
  ): Promise<void> {
    const picked = await pickDelivery(args, context, question);
    const content = await work.runToEnd(`${title} of ${picked.name}`, () => write(picked));
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
  }
}

async function pickCheck({ state }: PickedDelivery): Promise<string> {
  const checks = state.ci?.checks.filter((check) => check.hasLog) ?? [];
  if (checks.length === 0) throw new HumanError('No check of this pull request has a log yet.');
  const items = checks.map((check) => ({
    label: cleanLine(check.name, 120),
    description: check.state.replaceAll('-', ' '),
    id: check.id,
  }));
  const chosen = await pickOne(items, { title: 'Show the log of which check?' });
  if (chosen === undefined) throw new CancelledError();
  return chosen.id;
}
