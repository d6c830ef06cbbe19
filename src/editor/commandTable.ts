/**
 * Every command of Patchline: its title in the palette, what must be so before it runs, and the words that complete
 * "Patchline could not …" when it fails. The manifest is held to this table by a test; the handlers are held to it by the
 * compiler (`CommandHandlers`), and live in the features bundle so that activation does not load them.
 */
export type Need = 'workspace' | 'trust';

interface CommandFacts {
  readonly title: string;
  readonly needs: readonly Need[];
  readonly could: string;
  /** True: called by rows and links only, hidden in the palette. */
  readonly internal?: true;
}

export const commandTable = {
  'patchline.importReport': { title: 'Import Report…', needs: ['workspace'], could: 'import the report' },
  'patchline.refreshFindings': { title: 'Refresh Findings', needs: ['workspace'], could: 'read the reports again' },
  'patchline.generateFix': { title: 'Generate Fix', needs: ['workspace', 'trust'], could: 'generate a fix' },
  'patchline.generateTest': { title: 'Generate Regression Test', needs: ['workspace', 'trust'], could: 'generate the test' },
  'patchline.proveFix': { title: 'Prove Fix', needs: ['workspace', 'trust'], could: 'prove the fix' },
  'patchline.openPullRequest': { title: 'Open Pull Request…', needs: ['workspace', 'trust'], could: 'open the pull request' },
  'patchline.approve': { title: 'Approve…', needs: ['workspace', 'trust'], could: 'approve the patch' },
  'patchline.startRollout': { title: 'Start Rollout…', needs: ['workspace', 'trust'], could: 'start the rollout' },
  'patchline.promote': { title: 'Promote Rollout', needs: ['workspace', 'trust'], could: 'promote the rollout' },
  'patchline.pauseRollout': { title: 'Pause Rollout…', needs: ['workspace', 'trust'], could: 'pause the rollout' },
  'patchline.resumeRollout': { title: 'Resume Rollout', needs: ['workspace', 'trust'], could: 'resume the rollout' },
  'patchline.abortRollout': { title: 'Abort Rollout…', needs: ['workspace', 'trust'], could: 'abort the rollout' },
  'patchline.rollBack': { title: 'Roll Back…', needs: ['workspace', 'trust'], could: 'roll back' },
  'patchline.rehearseRollback': { title: 'Rehearse Rollback', needs: ['workspace', 'trust'], could: 'rehearse the way back' },
  'patchline.rerunFailedChecks': {
    title: 'Re-run Failed Checks',
    needs: ['workspace', 'trust'],
    could: 'run the failed checks again',
  },
  'patchline.buildArtifact': { title: 'Build Artifact', needs: ['workspace', 'trust'], could: 'build the artifact' },
  'patchline.showCheckLog': { title: 'Show Check Log…', needs: ['workspace', 'trust'], could: 'show the log of the check' },
  'patchline.refreshDelivery': { title: 'Refresh Patch Status', needs: ['workspace', 'trust'], could: 'read the checks' },
  'patchline.openDashboard': { title: 'Open Dashboard', needs: ['workspace'], could: 'open the dashboard' },
  'patchline.exportMetricsCsv': { title: 'Export Metrics as CSV…', needs: ['workspace'], could: 'export the metrics' },
  'patchline.exportMetricsJson': { title: 'Export Metrics as JSON…', needs: ['workspace'], could: 'export the metrics' },
  'patchline.showPostMortem': { title: 'Show Post-mortem', needs: ['workspace'], could: 'write the post-mortem' },
  'patchline.showReleaseNotes': { title: 'Show Release Notes', needs: ['workspace'], could: 'write the release notes' },
  'patchline.showChangelogLine': { title: 'Show Changelog Line', needs: ['workspace'], could: 'write the changelog line' },
  'patchline.openPanel': { title: 'Open Patch Panel', needs: ['workspace'], could: 'open the patch panel' },
  'patchline.applyReview': { title: 'Apply Review', needs: ['workspace'], could: 'apply the reviewed change' },
  'patchline.discardReview': { title: 'Discard Review', needs: [], could: 'discard the review' },
  'patchline.acceptHunk': { title: 'Accept Hunk', needs: [], could: 'accept the hunk' },
  'patchline.rejectHunk': { title: 'Reject Hunk', needs: [], could: 'reject the hunk' },
  'patchline.nextHunk': { title: 'Next Hunk', needs: [], could: 'go to the next hunk' },
  'patchline.previousHunk': { title: 'Previous Hunk', needs: [], could: 'go to the previous hunk' },
  'patchline.nextFinding': { title: 'Next Finding', needs: ['workspace'], could: 'go to the next finding' },
  'patchline.previousFinding': { title: 'Previous Finding', needs: ['workspace'], could: 'go to the previous finding' },
  'patchline.showFinding': { title: 'Show Finding…', needs: ['workspace'], could: 'show the finding' },
  'patchline.copyFindingId': { title: 'Copy Finding ID', needs: ['workspace'], could: 'copy the id' },
  'patchline.filterFindings': { title: 'Filter Findings…', needs: ['workspace'], could: 'filter the findings' },
  'patchline.clearFilter': { title: 'Clear Filter', needs: [], could: 'clear the filter' },
  'patchline.showSuppressed': { title: 'Show Suppressed Findings', needs: [], could: 'show suppressed findings' },
  'patchline.hideSuppressed': { title: 'Hide Suppressed Findings', needs: [], could: 'hide suppressed findings' },
  'patchline.loadMore': { title: 'Load More Findings', needs: [], could: 'load more findings', internal: true },
  'patchline.verifyLog': { title: 'Verify Run Log', needs: ['workspace'], could: 'verify the run log' },
  'patchline.showLog': { title: 'Show Run Log', needs: ['workspace'], could: 'show the run log' },
  'patchline.openPolicy': { title: 'Open Policy', needs: ['workspace'], could: 'open the policy' },
  'patchline.chooseFolder': { title: 'Choose Folder…', needs: ['workspace'], could: 'choose the folder' },
  'patchline.signIn': { title: 'Sign In to GitHub', needs: [], could: 'sign in to GitHub' },
  'patchline.setToken': { title: 'Set GitHub Token…', needs: [], could: 'store the token' },
  'patchline.clearToken': { title: 'Clear GitHub Token', needs: [], could: 'clear the token' },
  'patchline.showOutput': { title: 'Show Log Output', needs: [], could: 'show the log output' },
  'patchline.openWalkthrough': { title: 'Open Walkthrough', needs: [], could: 'open the walkthrough' },
  'patchline.startHere': { title: 'Start Here', needs: [], could: 'start' },
} as const satisfies Readonly<Record<string, CommandFacts>>;

export type CommandId = keyof typeof commandTable;

/** Arguments are whatever VS Code, a row, a link or a key passes: handlers check them. */
export type CommandHandler = (...args: readonly unknown[]) => Promise<void>;

export type CommandHandlers = Readonly<Record<CommandId, CommandHandler>>;

export const commandIds = Object.keys(commandTable) as readonly CommandId[];

/** The facts of a command, widened from the literal table. */
export function factsOf(id: CommandId): CommandFacts {
  return commandTable[id];
}
