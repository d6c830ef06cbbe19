import * as vscode from 'vscode';
import type { Severity } from '../../core/model/finding';
import type { TriagedFinding } from '../../core/model/triage';
import type { Patchline } from '../../core/patchline';
import { cleanLine } from '../../core/findings/cleanText';
import { httpsLink } from '../plainMarkdown';
import type { EditorServices } from '../services';
import type { LineRange } from './findingRange';
import { rangeOf } from './findingRange';
import type { Placed } from './trackedFile';
import { TrackedFile } from './trackedFile';

/** VS Code shows at most 1,000 diagnostics of a collection for one file. */
const perFile = 1000;
/** Files that are not open get theirs as well, so that the Problems list is whole in ordinary projects; at most this many in all. */
const inClosedFiles = 2000;

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  critical: vscode.DiagnosticSeverity.Error,
  high: vscode.DiagnosticSeverity.Error,
  medium: vscode.DiagnosticSeverity.Warning,
  low: vscode.DiagnosticSeverity.Information,
  info: vscode.DiagnosticSeverity.Hint,
};

/** Shows findings in the code: squiggles and the Problems list, moving with their lines while a file is edited. */
export class FindingDiagnostics {
  private readonly collection = vscode.languages.createDiagnosticCollection('patchline');
  private readonly tracked = new Map<string, TrackedFile>();
  private readonly placed = new Map<string, readonly Placed[]>();
  /** Of open files with findings: the lines as they are on the disk, which is what reports are about. */
  private readonly saved = new Map<string, readonly string[]>();
  private readonly listening: vscode.Disposable[];
  private readonly pending = new Map<string, NodeJS.Timeout>();
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly services: EditorServices) {
    this.listening = [
      services.onDidChangePatchline((engine) => this.follow(engine)),
      vscode.workspace.onDidOpenTextDocument((document) => this.track(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.untrack(document)),
      vscode.workspace.onDidSaveTextDocument((document) => {
        const key = document.uri.toString();
        if (this.tracked.has(key)) this.saved.set(key, linesOf(document));
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length > 0) this.soon(event.document);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('patchline.diagnostics')) this.redraw();
      }),
    ];
    this.follow(services.opened());
  }

  /** What stands at a position of a document now. */
  at(document: vscode.TextDocument, position: vscode.Position): readonly TriagedFinding[] {
    return this.in(document, new vscode.Range(position, position));
  }

  /** What touches a range of a document now. */
  in(document: vscode.TextDocument, range: vscode.Range): readonly TriagedFinding[] {
    const placed = this.placed.get(document.uri.toString()) ?? [];
    return placed.filter((one) => toRange(one.range).intersection(range) !== undefined).map((one) => one.finding);
  }

  /** The finding at the cursor of the active editor. */
  atCursor(): string | undefined {
    const editor = vscode.window.activeTextEditor;
    return editor === undefined ? undefined : this.at(editor.document, editor.selection.active)[0]?.id;
  }

  /** Where a finding stands in an open document now; undefined when it is not tracked there or its line was changed. */
  rangeIn(document: vscode.TextDocument, findingId: string): vscode.Range | undefined {
    const placed = this.placed.get(document.uri.toString())?.find((one) => one.finding.id === findingId);
    return placed === undefined ? undefined : toRange(placed.range);
  }

  private follow(engine: Patchline | undefined): void {
    this.unsubscribe?.();
    this.unsubscribe = engine?.findings.onDidChange(() => this.redraw());
    this.redraw();
  }

  private redraw(): void {
    this.collection.clear();
    this.placed.clear();
    const findings = this.services.opened()?.findings;
    const root = this.services.root();
    if (findings === undefined || root === undefined) {
      this.saved.clear();
      return this.tracked.clear();
    }
    const open = new Set(vscode.workspace.textDocuments.map((document) => this.track(document)));
    if (!this.services.settings().diagnostics) return;
    let shown = 0;
    for (const path of findings.files()) {
      if (shown >= inClosedFiles) break;
      if (open.has(path)) continue;
      const known = findings.inFile(path, Math.min(perFile, inClosedFiles - shown));
      const located = new TrackedFile(path, known, undefined).place(undefined);
      shown += located.length;
      const uri = vscode.Uri.joinPath(root.uri, path);
      this.collection.set(
        uri,
        located.map((one) => this.diagnostic(one, root.uri)),
      );
    }
  }

  /** Starts to follow an open document; gives its workspace path when it has findings. */
  private track(document: vscode.TextDocument): string | undefined {
    const path = this.pathOf(document.uri);
    const findings = path === undefined ? undefined : this.services.opened()?.findings.inFile(path, perFile);
    const key = document.uri.toString();
    if (path === undefined || findings === undefined || findings.length === 0) {
      this.tracked.delete(key);
      this.saved.delete(key);
      return undefined;
    }
    const lines = this.linesOnDisk(document);
    this.tracked.set(key, this.tracked.get(key)?.next(findings, lines) ?? new TrackedFile(path, findings, lines));
    this.draw(document);
    return path;
  }

  /** Of a document with unsaved changes that was not followed before, its own lines until those of the file are read. */
  private linesOnDisk(document: vscode.TextDocument): readonly string[] {
    const key = document.uri.toString();
    const known = document.isDirty ? this.saved.get(key) : undefined;
    if (known !== undefined) return known;
    const lines = linesOf(document);
    this.saved.set(key, lines);
    if (document.isDirty) void this.services.guard(`look at ${document.fileName}`, () => this.readSaved(document, lines));
    return lines;
  }

  private async readSaved(document: vscode.TextDocument, assumed: readonly string[]): Promise<void> {
    const key = document.uri.toString();
    const bytes = await vscode.workspace.fs.readFile(document.uri).then(
      (found) => found,
      // It was deleted: its last text is the open one.
      () => undefined,
    );
    if (bytes === undefined || document.isClosed || this.saved.get(key) !== assumed) return;
    this.saved.set(key, new TextDecoder().decode(bytes).split(/\r?\n/));
    this.tracked.delete(key);
    this.track(document);
  }

  /** What was typed and not saved goes with the editor: the findings stand in the file as it is on the disk. */
  private untrack(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const file = this.tracked.get(key);
    const lines = this.saved.get(key);
    const root = this.services.root();
    if (file !== undefined && lines !== undefined && root !== undefined) this.show(document.uri, file.place(lines), root.uri);
    this.saved.delete(key);
    clearTimeout(this.pending.get(key));
    this.pending.delete(key);
    this.tracked.delete(key);
    this.placed.delete(key);
  }

  /** After the typing has paused for a moment. */
  private soon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (!this.tracked.has(key)) return;
    clearTimeout(this.pending.get(key));
    this.pending.set(
      key,
      setTimeout(() => this.draw(document), 150),
    );
  }

  private draw(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const file = this.tracked.get(key);
    const root = this.services.root();
    if (file === undefined || root === undefined) return;
    const lines = linesOf(document);
    // Also what was changed on the disk and read again.
    if (!document.isDirty) this.saved.set(key, lines);
    const placed = file.place(lines);
    this.placed.set(key, placed);
    this.show(document.uri, placed, root.uri);
  }

  private show(uri: vscode.Uri, placed: readonly Placed[], root: vscode.Uri): void {
    if (!this.services.settings().diagnostics) return;
    this.collection.set(
      uri,
      placed.map((one) => this.diagnostic(one, root)),
    );
  }

  private diagnostic(one: Placed, root: vscode.Uri): vscode.Diagnostic {
    const { finding } = one;
    const diagnostic = new vscode.Diagnostic(toRange(one.range), cleanLine(finding.title, 500), severities[finding.severity]);
    diagnostic.source = cleanLine(finding.scanner, 60);
    const link = finding.references.map((reference) => httpsLink(reference)).find((found) => found !== undefined);
    const rule = cleanLine(finding.ruleId, 100);
    diagnostic.code = link === undefined ? rule : { value: rule, target: vscode.Uri.parse(link) };
    const flow = finding.codeFlows?.[0] ?? finding.locations.slice(1);
    diagnostic.relatedInformation = flow.slice(0, 20).map((location, step) => {
      const place = new vscode.Location(vscode.Uri.joinPath(root, location.path), toRange(rangeOf(location)));
      return new vscode.DiagnosticRelatedInformation(place, cleanLine(location.message ?? `step ${step + 1}`));
    });
    return diagnostic;
  }

  private pathOf(uri: vscode.Uri): string | undefined {
    const base = this.services.root()?.uri;
    if (base === undefined || uri.scheme !== base.scheme || uri.authority !== base.authority) return undefined;
    const prefix = `${base.path.replace(/\/$/, '')}/`;
    return uri.path.startsWith(prefix) ? uri.path.slice(prefix.length) : undefined;
  }

  dispose(): void {
    this.unsubscribe?.();
    for (const timer of this.pending.values()) clearTimeout(timer);
    vscode.Disposable.from(this.collection, ...this.listening).dispose();
  }
}

function linesOf(document: vscode.TextDocument): readonly string[] {
  return document.getText().split(/\r?\n/);
}

function toRange(range: LineRange): vscode.Range {
  return new vscode.Range(range.startLine, range.startColumn, range.endLine, range.endColumn);
}
