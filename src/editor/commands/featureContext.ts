import type * as vscode from 'vscode';
import type { Dashboard } from '../dashboard/dashboard';
import type { FindingDiagnostics } from '../diagnostics/findingDiagnostics';
import type { FindingsTree } from '../findings/findingsTree';
import type { PatchPanel } from '../panelPort';
import type { RunningWork } from '../progress';
import type { ReportImport } from '../reports/reportImport';
import type { PatchReview } from '../reviewPort';
import type { EditorServices } from '../services';
import type { Views } from '../views';
import type { LastLook } from './lastLook';

/** What the command handlers work with; each takes only the part that it names. */
export interface FeatureContext {
  readonly extension: vscode.ExtensionContext;
  readonly services: EditorServices;
  readonly views: Views;
  readonly work: RunningWork;
  readonly imports: ReportImport;
  readonly findings: FindingsTree;
  readonly diagnostics: FindingDiagnostics;
  readonly review: PatchReview;
  readonly panel: PatchPanel;
  readonly dashboard: Dashboard;
  readonly look: LastLook;
  /** Another of the open folders was picked. */
  chooseFolder(folder: vscode.WorkspaceFolder): Promise<void>;
}
