import * as vscode from 'vscode';

/** A row of one of the two trees; commands receive these when they are called from a row. */
export interface TreeNode {
  readonly kind: string;
}

/** A tree's contents, which live in the features bundle. */
export type TreeSource = vscode.TreeDataProvider<TreeNode> & Partial<vscode.TreeDragAndDropController<TreeNode>>;

/** The two views of the side bar, there from activation on, filled by the features bundle when first looked at. */
export interface Views {
  readonly findings: vscode.TreeView<TreeNode>;
  readonly patches: vscode.TreeView<TreeNode>;
}

/** What the findings view has to show; the `patchline.state` context key, by which the welcome views are chosen. */
export type ViewState = 'noFolder' | 'loading' | 'unread' | 'noReports' | 'clear' | 'findings';

export function setViewState(state: ViewState): void {
  void vscode.commands.executeCommand('setContext', 'patchline.state', state);
}

/** A tree whose contents are loaded on the first look. */
export function createLazyTree(
  id: string,
  load: () => Promise<TreeSource>,
  more: Partial<vscode.TreeViewOptions<TreeNode>> & { readonly drop?: readonly string[] } = {},
): { readonly view: vscode.TreeView<TreeNode>; readonly disposable: vscode.Disposable } {
  const { drop, ...options } = more;
  const changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined | null | void>();
  let loaded: TreeSource | undefined;
  let forwarding: vscode.Disposable | undefined;
  const source = async (): Promise<TreeSource> => {
    if (loaded !== undefined) return loaded;
    const found = await load();
    forwarding ??= found.onDidChangeTreeData?.((nodes) => changed.fire(nodes));
    return (loaded = found);
  };
  const view = vscode.window.createTreeView<TreeNode>(id, {
    ...options,
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getChildren: async (node) => (await source()).getChildren(node),
      getTreeItem: async (node) => (await source()).getTreeItem(node),
      getParent: async (node) => (await source()).getParent?.(node),
      resolveTreeItem: async (item, node, token) => (await source()).resolveTreeItem?.(item, node, token) ?? item,
    },
    ...(drop === undefined
      ? {}
      : {
          dragAndDropController: {
            dropMimeTypes: drop,
            dragMimeTypes: [],
            handleDrop: async (target, transfer, token) => (await source()).handleDrop?.(target, transfer, token),
          },
        }),
  });
  return { view, disposable: vscode.Disposable.from(view, changed, { dispose: () => forwarding?.dispose() }) };
}
