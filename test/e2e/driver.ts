import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { browserFlags, findBrowser } from '../vscode/browser.mjs';
import { copySample } from '../vscode/sample.mjs';
import { installBuild, installExtension, startServer, windowUrl } from '../vscode/server.mjs';

const root = path.join(import.meta.dirname, '../..');

export interface OpenOptions {
  /** Project below test/workspaces: the window gets a copy of it, outside of the checkout, as a repository of its own. */
  readonly workspaceCopyOf?: string;
  /** Or: open exactly this folder (absolute). */
  readonly folder?: string;
  /** With `workspaceCopyOf`: also install the project's packages, so that its tests run. */
  readonly packages?: boolean;
  /** Absolute path of a packed extension to install; default: PATCHLINE_VSIX, else the checkout's build as it lies in dist. */
  readonly vsix?: string;
  /** Absolute path of another extension's folder; default: the checkout. */
  readonly extensionPath?: string;
  /** Folders of extensions to install beside it. */
  readonly alsoInstall?: readonly string[];
  /** Restricted Mode until the person trusts the folder; default: trusted. */
  readonly restricted?: boolean;
  /** Machine settings beyond the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host beyond the own one. */
  readonly env?: Readonly<Record<string, string>>;
  /** Size of the window in CSS pixels; default 1280 × 800. */
  readonly size?: { readonly width: number; readonly height: number };
}

let sharedBrowser: Promise<Browser> | undefined;
let openWindows = 0;

/** Opens a real VS Code window in a browser, with the extension loaded, and waits until the workbench stands. */
export async function openWindow(options: OpenOptions): Promise<EditorWindow> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'patchline-window-'));
  const folder = options.folder ?? path.join(temporary, options.workspaceCopyOf ?? 'empty');
  if (options.workspaceCopyOf !== undefined) {
    await copySample(options.workspaceCopyOf, folder, { packages: options.packages ?? false });
  } else if (options.folder === undefined) await mkdir(folder);
  const where = { dataDir: path.join(temporary, 'server'), extensionsDir: path.join(temporary, 'extensions') };
  // `npm test` names the packed extension, so that all windows run what people get.
  const vsix = options.vsix ?? (options.extensionPath === undefined ? process.env.PATCHLINE_VSIX : undefined);
  if (vsix === undefined) await installBuild(options.extensionPath ?? root, where.extensionsDir);
  else await installExtension(vsix, where);
  for (const extension of options.alsoInstall ?? []) await installBuild(extension, where.extensionsDir);
  const server = await startServer({
    ...where,
    workspaceTrust: options.restricted ?? false,
    settings: { ...options.settings },
    env: { ...options.env },
  });
  openWindows += 1;
  const close = async (): Promise<void> => {
    openWindows -= 1;
    if (openWindows === 0) {
      const browser = await sharedBrowser;
      sharedBrowser = undefined;
      await browser?.close();
    }
    await server.stop();
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    sharedBrowser ??= findBrowser(console.log).then((executablePath) => chromium.launch({ executablePath, args: browserFlags }));
    const browser = await sharedBrowser;
    const context = await browser.newContext({ viewport: options.size ?? { width: 1280, height: 800 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await context.newPage();
    const consoleLines: string[] = [];
    page.on('console', (message) => consoleLines.push(message.text()));
    const url = windowUrl(server, { folder });
    const opened = new EditorWindow(page, url, folder, where.dataDir, consoleLines, async () => {
      await context.close();
      await close();
    });
    await opened.reload();
    return opened;
  } catch (error) {
    await close();
    throw error;
  }
}

/** One open window: what a person sees in it and does with it. */
export class EditorWindow {
  constructor(
    readonly page: Page,
    readonly url: string,
    /** Absolute path of the open workspace. */
    readonly folder: string,
    /** Data folder of the VS Code server; its logs are below `data/logs`. */
    readonly dataDir: string,
    /** What the page, and through it the extension host, printed. */
    readonly consoleLines: readonly string[],
    /** Ends the window, its server and every process below it, and removes the copy of the workspace. */
    readonly close: () => Promise<void>,
  ) {}

  /** Opens the window's address (again) and waits until the workbench stands. */
  async reload(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 60_000 });
    await this.page.locator('.activitybar .action-item').first().waitFor();
  }

  /** Saves a picture of the window to out/screenshots/NAME.png (or to NAME when it is an absolute path). */
  async screenshot(name: string): Promise<string> {
    const file = path.isAbsolute(name) ? name : path.join(root, 'out/screenshots', `${name}.png`);
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Picture and console lines of a test that failed. */
  async keepForFailure(name: string): Promise<void> {
    const file = await this.screenshot(`failed-${name.replaceAll(/[^\w-]+/g, '-').slice(0, 80)}`);
    await writeFile(file.replace(/png$/, 'txt'), this.consoleLines.join('\n'));
  }

  /** Runs a command by its title (with its category, as the palette shows it) from the F1 palette. */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    await this.page.keyboard.press('F1');
    await input.waitFor({ timeout: 10_000 });
    await input.fill(`>${title}`);
    // The label of a row is followed by its key bindings and by "recently used".
    await this.page
      .locator(`.quick-input-widget .monaco-list-row[aria-label^=${JSON.stringify(title)}]`)
      .first()
      .click();
  }

  /** Opens the view container with this title from the activity bar. */
  async openContainer(title: string): Promise<void> {
    await this.activityIcon(title).click();
    await this.page.locator('.sidebar .composite.title', { hasText: new RegExp(title, 'i') }).waitFor();
  }

  activityIcon(title: string): Locator {
    return this.page.locator(`.activitybar .action-item a.action-label[aria-label^=${JSON.stringify(title)}]`).first();
  }

  /** The pane of a view in a side bar or panel, by the view's name. */
  view(name: string): Locator {
    return this.page.locator('.pane', { has: this.page.locator(`.pane-header[aria-label^=${JSON.stringify(name)}]`) });
  }

  /** Labels (for screen readers) of the rows that a view shows now, from the top. */
  async rows(view: string): Promise<readonly string[]> {
    const rows = await this.view(view).locator('.monaco-list-row').all();
    const found: { readonly index: number; readonly label: string }[] = [];
    for (const row of rows) {
      found.push({
        index: Number(await row.getAttribute('data-index')),
        label: (await row.getAttribute('aria-label')) ?? '',
      });
    }
    return found.sort((a, b) => a.index - b.index).map((row) => row.label);
  }

  /** The first row of a view whose label contains the text. */
  row(view: string, label: string): Locator {
    return this.view(view)
      .locator(`.monaco-list-row[aria-label*=${JSON.stringify(label)}]`)
      .first();
  }

  /** Chooses an item of a row's context menu. */
  async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const entry = this.page.locator(
      `.monaco-menu .action-item:not(.disabled) .action-label[aria-label^=${JSON.stringify(item)}]`,
    );
    await entry.first().waitFor({ timeout: 10_000 });
    // VS Code swallows a click that comes in the same moment as the menu.
    await this.page.waitForTimeout(250);
    await entry.first().hover();
    await entry.first().click();
  }

  /** Messages of the notifications on the screen. */
  async notifications(): Promise<readonly string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification whose message contains the text. */
  notification(text: string): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  /** Labels of the status bar's items. */
  async statusBar(): Promise<readonly string[]> {
    const labels = await this.page
      .locator('.statusbar-item')
      .evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? item.textContent ?? ''));
    return labels.filter((label) => label !== '');
  }

  /** Titles of the open editor tabs. */
  async tabs(): Promise<readonly string[]> {
    return this.page
      .locator('.tabs-container .tab')
      .evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('aria-label') ?? tab.textContent ?? ''));
  }

  /** The document inside the webview with this title; a webview is an iframe in an iframe. */
  async webviewFrame(title: string, timeoutMs = 20_000): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        const outer = frame.parentFrame();
        if (outer === null || outer.parentFrame() === null) continue;
        const found = await frame
          .frameElement()
          .then((element) => element.getAttribute('title'))
          .catch(() => null);
        if (found === title) return frame;
      }
      await this.page.waitForTimeout(100);
    }
    throw new Error(`No webview with the title ${title} came up within ${timeoutMs / 1000} s.`);
  }
}
