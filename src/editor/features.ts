import * as vscode from 'vscode';
import type { CommandHandlers } from './commandTable';
import { accountCommands } from './commands/accountCommands';
import type { FeatureContext } from './commands/featureContext';
import { approvalCommands } from './commands/approvalCommands';
import { checkCommands } from './commands/checkCommands';
import { dashboardCommands } from './commands/dashboardCommands';
import { findingCommands } from './commands/findingCommands';
import { fixCommands } from './commands/fixCommands';
import { helpCommands } from './commands/helpCommands';
import { LastLook } from './commands/lastLook';
import { logCommands } from './commands/logCommands';
import { proofCommands } from './commands/proofCommands';
import { reportCommands } from './commands/reportCommands';
import { reviewCommands } from './commands/reviewCommands';
import { rolloutCommands } from './commands/rolloutCommands';
import type { Dashboard } from './dashboard/dashboard';
import { createDashboard } from './dashboard/dashboard';
import { DeliveryAlerts } from './delivery/deliveryAlerts';
import { registerCheckLogs } from './delivery/checkLogDocument';
import type { DeliveryWatch } from './deliveryWatch';
import { createDeliveryWatch } from './deliveryWatch';
import { createFindingActions } from './diagnostics/findingActions';
import { FindingDiagnostics } from './diagnostics/findingDiagnostics';
import { createFindingHover } from './diagnostics/findingHover';
import { showFilterMessage } from './findings/filterInput';
import { FindingsTree } from './findings/findingsTree';
import type { EngineHost } from './engineHost';
import { registerEvidenceDocuments } from './panel/evidenceDocument';
import type { PatchPanel } from './panelPort';
import { createPatchPanel } from './panel/patchPanel';
import { PatchesTree } from './patches/patchesTree';
import { RunningWork } from './progress';
import { createPullRequestPages } from './pullRequestPage';
import { ReportImport } from './reports/reportImport';
import { createPatchReview } from './review/patchReview';
import { createRunLogDocument } from './runLogDocument';
import { createStatusBar } from './statusBar';
import type { TreeSource, Views } from './views';

/** What the activation bundle gets of everything heavier. */
export interface Features {
  readonly commands: CommandHandlers;
  readonly findings: TreeSource;
  readonly patches: TreeSource;
  readonly imports: ReportImport;
  readonly watch: DeliveryWatch;
  readonly panel: PatchPanel;
  readonly dashboard: Dashboard;
}

/** Builds the editor's features, each given only what it needs; disposed with the extension. */
export function createFeatures(extension: vscode.ExtensionContext, services: EngineHost, views: Views): Features {
  const work = new RunningWork();
  const watch = createDeliveryWatch(services);
  const imports = new ReportImport(services, work);
  const findings = new FindingsTree(services, imports);
  const patches = new PatchesTree(services);
  const diagnostics = new FindingDiagnostics(services);
  const review = createPatchReview(extension, services);
  const alerts = new DeliveryAlerts(services, extension.workspaceState);
  const panel = createPatchPanel(extension, services, (findingId) => void alerts.markSeen(findingId));
  const dashboard = createDashboard(extension, services);
  const look = new LastLook(views.findings);
  const context: FeatureContext = {
    extension,
    services,
    views,
    work,
    imports,
    findings,
    diagnostics,
    review,
    panel,
    dashboard,
    look,
    chooseFolder: (folder) => services.choose(folder),
  };
  const anyFile: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: 'vscode-remote' }];
  extension.subscriptions.push(
    work,
    watch,
    findings,
    patches,
    diagnostics,
    review,
    panel,
    dashboard,
    look,
    alerts,
    createRunLogDocument(services),
    createPullRequestPages(),
    registerEvidenceDocuments(services),
    registerCheckLogs(services),
    createStatusBar(services, work, views.findings, alerts),
    vscode.languages.registerHoverProvider(anyFile, createFindingHover(diagnostics)),
    vscode.languages.registerCodeActionsProvider(anyFile, createFindingActions(diagnostics), {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
    }),
    followEngine(context),
  );
  describeFolder(context);
  showFilterMessage(context);
  return {
    findings,
    patches,
    imports,
    watch,
    panel,
    dashboard,
    commands: {
      ...reportCommands(context),
      ...findingCommands(context),
      ...fixCommands(context),
      ...proofCommands(context),
      ...checkCommands(context),
      ...approvalCommands(context),
      ...rolloutCommands(context),
      ...dashboardCommands(context),
      ...reviewCommands(context),
      ...logCommands(context),
      ...accountCommands(context),
      ...helpCommands(context),
    },
  };
}

/** When the engine is replaced the reports are read anew; when it speaks, the line above the tree is drawn again. */
function followEngine(context: FeatureContext): vscode.Disposable {
  let unsubscribe: (() => void) | undefined;
  return vscode.Disposable.from(
    context.services.onDidChangePatchline((engine) => {
      unsubscribe?.();
      unsubscribe = engine?.findings.onDidChange(() => showFilterMessage(context));
      describeFolder(context);
      showFilterMessage(context);
      if (engine !== undefined) return;
      context.imports.forget();
      // Whoever looks at the tree asks for the reports again; the badge and the Problems list want them also when nobody looks.
      void context.imports.first();
    }),
    // A folder that came or went beside ours replaces nothing.
    vscode.workspace.onDidChangeWorkspaceFolders(() => describeFolder(context)),
    { dispose: () => unsubscribe?.() },
  );
}

/** With several folders open, the view says which one it is about. */
function describeFolder(context: FeatureContext): void {
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  context.views.findings.description = several ? (context.services.root()?.name ?? '') : '';
}
