import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { browserFlags, findBrowser } from '../vscode/browser.mjs';
import { descendants, isAlive } from '../vscode/processes.mjs';
import { bringDeployDown, copySample } from '../vscode/sample.mjs';
import { installBuild, installExtension, startServer, windowUrl } from '../vscode/server.mjs';

const root = path.join(import.meta.dirname, '../..');

export interface OpenOptions {
  /** Project below test/workspaces: the window gets a copy of it, outside of the checkout, as a repository of its own. */
  readonly workspaceCopyOf?: string;
  /** Or: open exactly this folder, or the folders of this `.code-workspace` file (absolute). */
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

/** What other extensions of the editor would do beside, at the expense of what is looked at. */
const lightSettings = {
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.tsserver.useSyntaxServer': 'never',
};

/** Whatever moves is drawn without a graphics card, at the expense of what is looked at: a spinner takes a tenth of the machine. */
const stillStyle = '*, *::before, *::after { animation: none !important; transition: none !important; }';

let sharedBrowser: Promise<Browser> | undefined;
let openWindows = 0;

const installed = new Map<string, Promise<string>>();

/** An extensions folder with the packed extension, the same for all windows of this process. */
function installedOnce(vsix: string): Promise<string> {
  const made = installed.get(vsix) ?? install(vsix);
  installed.set(vsix, made);
  return made;
}

async function install(vsix: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'patchline-extensions-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const extensionsDir = path.join(folder, 'extensions');
  await installExtension(vsix, { dataDir: path.join(folder, 'server'), extensionsDir });
  return extensionsDir;
}

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
  else if (options.alsoInstall === undefined) where.extensionsDir = await installedOnce(vsix);
  else await installExtension(vsix, where);
  for (const extension of options.alsoInstall ?? []) await installBuild(extension, where.extensionsDir);
  const server = await startServer({
    ...where,
    workspaceTrust: options.restricted ?? false,
    settings: { ...lightSettings, ...options.settings },
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
    // What a rollout of the sample has running outlives its window on purpose.
    if (options.workspaceCopyOf !== undefined) await bringDeployDown(folder);
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    sharedBrowser ??= findBrowser(console.log).then((executablePath) => chromium.launch({ executablePath, args: browserFlags }));
    const browser = await sharedBrowser;
    const open = async (ends: () => Promise<void>): Promise<EditorWindow> => {
      // Also asks webviews, which `stillStyle` does not reach, for no animations.
      const context = await browser.newContext({
        viewport: options.size ?? { width: 1280, height: 800 },
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(60_000);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      const consoleLines: string[] = [];
      page.on('console', (message) => consoleLines.push(message.text()));
      const url = windowUrl(server, { folder });
      const shut = async (): Promise<void> => {
        await context.close();
        await ends();
      };
      const another = async (): Promise<EditorWindow> => {
        const second = await open(() => Promise.resolve());
        await second.reload();
        return second;
      };
      return new EditorWindow(page, url, folder, where.dataDir, consoleLines, shut, server, another);
    };
    const opened = await open(close);
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
    /**
     * Ends the window; the first one of a server also ends that, every process below it and what its rollouts have running, and
     * removes the copy of the workspace.
     */
    readonly close: () => Promise<void>,
    private readonly server: { readonly pid: number; readonly stop: () => Promise<void> },
    /** Opens one more window on the same folder, with a browser session and an extension host of its own. */
    readonly another: () => Promise<EditorWindow>,
  ) {}

  /**
   * Tells the server alone to end, which asks its extension hosts to; ends what is left after 20 s. What the extension left running
   * on purpose goes on.
   */
  async stopServer(): Promise<void> {
    // A host has five seconds for what its extensions want to end: killed before, it would prove nothing.
    const hosts = this.extensionHosts();
    process.kill(this.server.pid, 'SIGTERM');
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline && [this.server.pid, ...hosts].some(isAlive)) await setTimeout(50);
    await this.server.stop();
  }

  /** Process ids of the extension hosts of all windows of this server. */
  extensionHosts(): readonly number[] {
    const listed = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
    const below = new Set(descendants(this.server.pid));
    return listed
      .filter((line) => line.includes('--type=extensionHost'))
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => below.has(pid));
  }

  /** Opens the window's address (again) and waits until the workbench stands. */
  async reload(): Promise<void> {
    // Where everything else runs beside, a window takes its time.
    await this.page.goto(this.url, { timeout: 120_000 });
    await this.page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 120_000 });
    await this.page.locator('.activitybar .action-item').first().waitFor({ timeout: 60_000 });
    await this.page.addStyleTag({ content: stillStyle });
  }

  /** Saves a picture of the window to out/screenshots/NAME.png (or to NAME when it is an absolute path). */
  async screenshot(name: string): Promise<string> {
    const file = path.isAbsolute(name) ? name : path.join(root, 'out/screenshots', `${name}.png`);
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Picture, console lines, and the logs of Patchline and of the extension host, of a test that failed. */
  async keepForFailure(name: string): Promise<void> {
    const file = await this.screenshot(`failed-${name.replaceAll(/[^\w-]+/g, '-').slice(-80)}`);
    const logs = path.join(this.dataDir, 'data/logs');
    const names = await readdir(logs, { recursive: true }).catch(() => []);
    const own = names
      .filter((one) => /(Patchline|remoteexthost)\.log$/.test(one))
      .map((one) => readFile(path.join(logs, one), 'utf8'));
    await writeFile(file.replace(/png$/, 'txt'), [...this.consoleLines, ...(await Promise.all(own))].join('\n'));
  }

  /** Runs a command by its title (with its category, as the palette shows it) from the F1 palette. */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input');
    // The label of a row is followed by its key bindings and by "recently used".
    const row = this.page.locator(`.quick-input-widget .monaco-list-row[aria-label^=${JSON.stringify(title)}]`).first();
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press('F1');
      try {
        await input.waitFor({ timeout: 10_000 });
        await input.fill(`>${title}`, { timeout: 10_000 });
        await row.click({ timeout: 10_000 });
        // A row that is still there was drawn anew under the click, and nothing ran.
        await row.waitFor({ state: 'hidden', timeout: 10_000 });
        return;
      } catch (error) {
        // An editor that opens or closes in this moment takes the focus, and with it the palette.
        if (tries === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Waits until something is so. @throws AssertionError that says what was not seen. */
  async until(what: string, seen: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await seen())) {
      if (Date.now() > deadline) assert.fail(`${what}: not seen within ${seconds} s`);
      await this.page.waitForTimeout(250);
    }
  }

  /** Sets the colour theme, as a machine setting, so that the workspace stays as it is. */
  async setTheme(theme: string): Promise<void> {
    const file = path.join(this.dataDir, 'data/Machine/settings.json');
    const settings = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...settings, 'workbench.colorTheme': theme }));
    const wanted = theme.includes('High Contrast') ? 'hc-black' : theme.includes('Dark') ? 'vs-dark' : 'vs';
    await this.page.locator(`.monaco-workbench.${wanted}`).first().waitFor({ timeout: 60_000 });
    await this.page.waitForTimeout(700);
  }

  /** Opens the view container with this title from the activity bar. */
  async openContainer(title: string): Promise<void> {
    // The item, not the icon: a badge with the number of findings may lie over that.
    const icon = this.page.locator(`a.action-label[aria-label^=${JSON.stringify(title)}]`);
    await this.page.locator('.activitybar .action-item', { has: icon }).first().click();
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
    // Asked at once: a row may go at any moment.
    const found = await this.view(view)
      .locator('.monaco-list-row')
      .evaluateAll((rows) =>
        rows.map((row) => ({ index: Number(row.getAttribute('data-index')), label: row.getAttribute('aria-label') ?? '' })),
      );
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

  async hasTab(text: string): Promise<boolean> {
    return (await this.tabs()).some((tab) => tab.includes(text));
  }

  /** The document inside the webview with this title; a webview is an iframe in an iframe. */
  async webviewFrame(title: string, timeoutMs = 60_000): Promise<Frame> {
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

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong in a webview, by rule. */
export async function violations(frame: Frame): Promise<readonly string[]> {
  await frame.evaluate(axe);
  return frame.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations: found } = await runner.run();
    return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
  });
}
