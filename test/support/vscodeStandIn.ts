import Module from 'node:module';
import { StandInEditor } from './standInEditor';
import type { Files, PickItem, Tab } from './standInEditor';
import * as classes from './standInTypes';
import { EventEmitter } from './standInTypes';
import type { Uri, WorkspaceEdit } from './standInTypes';

/**
 * A stand-in for the module `vscode` in tests without an extension host. Import this before anything of `src/editor` that uses
 * `vscode`; what those modules then do is seen in `editor`, and each test begins with `editor.reset()`. Only what the editor side
 * uses and a test needs is there, and it keeps to what VS Code does: documents are cached until their file tells of a change,
 * `Open` events follow reading, saving goes through the file system of the scheme.
 */
export const editor = new StandInEditor();

const vscode = { ...classes, ...namespacesOf(editor) };

interface Loader {
  _load(request: string, ...rest: readonly unknown[]): unknown;
}
const loader = Module as unknown as Loader;
const load = loader._load.bind(loader);
loader._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));

/** The namespaces of the module `vscode`; each property is read when it is asked for. */
function namespacesOf(state: StandInEditor) {
  const { show } = state;
  const { event } = new EventEmitter<unknown>();
  return {
    workspace: {
      fs: state.diskFiles,
      isTrusted: true,
      workspaceFolders: [],
      get textDocuments() {
        return state.documents;
      },
      onDidChangeTextDocument: state.changed.event,
      onDidOpenTextDocument: state.opened.event,
      openTextDocument: (uri: Uri) => state.open(uri),
      applyEdit: (edit: WorkspaceEdit) => state.applyEdit(edit),
      asRelativePath: (uri: Uri) => uri.path,
      registerFileSystemProvider: (scheme: string, files: Files) => {
        state.providers.set(scheme, files);
        return files.onDidChangeFile?.((changes) => changes.forEach(({ uri }) => void state.follow(files, uri)));
      },
    },
    window: {
      visibleTextEditors: [],
      get activeTextEditor() {
        return state.activeTextEditor;
      },
      tabGroups: {
        get all() {
          return [{ tabs: state.tabs }];
        },
        get activeTabGroup() {
          return { activeTab: state.activeTab };
        },
        onDidChangeTabs: event,
        // VS Code keeps a document for a while after its tab was closed.
        close: async (tabs: readonly Tab[]) => {
          state.tabs = state.tabs.filter((tab) => !tabs.includes(tab));
          if (!state.tabs.some((tab) => tab === state.activeTab)) state.activeTab = undefined;
        },
      },
      onDidChangeActiveTextEditor: event,
      showTextDocument: async () => undefined,
      showInformationMessage: show.bind(state, 'information'),
      showWarningMessage: show.bind(state, 'warning'),
      showErrorMessage: show.bind(state, 'error'),
      setStatusBarMessage: (text: string) => void state.statusMessages.push(text),
      showQuickPick: async (items: readonly PickItem[]) => {
        state.picks.push(items);
        return state.choose(items);
      },
      showInputBox: async (options: { readonly title?: string; readonly prompt?: string }) => {
        state.inputs.push(options);
        return state.typed;
      },
      createStatusBarItem: () => (state.statusItem = { show: () => undefined, hide: () => undefined, dispose: () => undefined }),
      withProgress: async (
        { title }: { readonly title?: string },
        work: (progress: unknown, token: unknown) => Promise<unknown>,
      ): Promise<unknown> => {
        if (title !== undefined) state.progress.push(title);
        const report = ({ message }: { readonly message?: string }) => {
          if (message !== undefined) state.progress.push(message);
        };
        return work({ report }, { onCancellationRequested: event });
      },
    },
    comments: {
      createCommentController: () => ({
        createCommentThread: (uri: Uri) => {
          const thread = { uri, dispose: () => (state.threads = state.threads.filter((one) => one !== thread)) };
          state.threads.push(thread);
          return thread;
        },
        dispose: () => undefined,
      }),
    },
    commands: { executeCommand: (command: string, ...args: readonly unknown[]) => state.execute(command, ...args) },
  };
}
