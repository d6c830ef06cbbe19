import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { copySample } from '../vscode/sample.mjs';
import { installBuild, installExtension } from '../vscode/server.mjs';
import { openWindow } from './driver';
import type { EditorWindow } from './driver';

const root = path.join(import.meta.dirname, '../..');

/** All that may be in the packed extension. */
const shipped = [
  /^package\.json$/,
  /^(README\.md|CHANGELOG\.md|LICENSE)$/,
  /^dist\/(extension|engine|features|ingestWorker|cvss4Calculator|cli)\.js$/,
  /^dist\/grammars\/[\w-]+\.wasm$/,
  /^dist\/webview\/[\w.-]+\.(js|css|ttf)$/,
  /^media\//,
];

/** Files of the one extension in an extensions folder, without what the packing itself adds. */
async function filesOf(extensionsDir: string): Promise<readonly string[]> {
  const entries = await readdir(extensionsDir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(extensionsDir, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => file.includes('/') && !file.endsWith('.vsixmanifest'))
    .map((file) =>
      file
        .slice(file.indexOf('/') + 1)
        .replace('LICENSE.txt', 'LICENSE')
        .replace(/^readme\.md$/i, 'README.md')
        .replace(/^changelog\.md$/i, 'CHANGELOG.md'),
    )
    .sort();
}

describe('the packed extension', () => {
  let temporary: string;
  let vsix: string;

  before(async function () {
    this.timeout(180_000);
    temporary = await mkdtemp(path.join(tmpdir(), 'patchline-vsix-'));
    vsix = process.env.PATCHLINE_VSIX ?? path.join(temporary, 'patchline.vsix');
    if (process.env.PATCHLINE_VSIX !== undefined) return;
    const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
    const args = [vsce, 'package', '--out', vsix];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  });
  after(async () => {
    await rm(temporary, { recursive: true, force: true });
  });

  it('holds only what runs, and all of it', async () => {
    const where = { dataDir: path.join(temporary, 'data'), extensionsDir: path.join(temporary, 'installed') };
    await mkdir(where.extensionsDir, { recursive: true });
    await installExtension(vsix, where);
    const files = await filesOf(where.extensionsDir);
    assert.deepEqual(
      files.filter((file) => !shipped.some((pattern) => pattern.test(file))),
      [],
    );
    // What the windows of other tests and of `npm start` run must be the same.
    await installBuild(root, path.join(temporary, 'build'));
    assert.deepEqual(
      (await filesOf(path.join(temporary, 'build'))).filter((file) => !/\.map$|^dist\/\.stamp$/.test(file)),
      files,
    );
  });

  describe('installed into a real VS Code, in a window with several folders', () => {
    let window: EditorWindow;

    before(async () => {
      await mkdir(path.join(temporary, 'notes'));
      await copySample('orders-service', path.join(temporary, 'orders-service'));
      const folder = path.join(temporary, 'both.code-workspace');
      await writeFile(folder, JSON.stringify({ folders: [{ path: 'notes' }, { path: 'orders-service' }] }));
      window = await openWindow({ folder, vsix });
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await window.keepForFailure(this.currentTest.title);
    });
    after(() => window.close());

    async function chooseFolder(name: string): Promise<void> {
      await window.runCommand('Patchline: Choose Folder…');
      await window.page.locator('.quick-input-widget .monaco-list-row', { hasText: name }).click();
    }

    it('has an icon of its own in the activity bar, which opens the Findings and Patches views', async () => {
      await window.activityIcon('Patchline').waitFor();
      await window.openContainer('Patchline');
      await window.view('Findings').waitFor();
      await window.view('Patches').waitFor();
      await window.screenshot('vsix-side-bar');
    });

    it('runs a command from the palette', async () => {
      await window.runCommand('Patchline: Show Log Output');
      const output = window.page.locator('.part.panel .output-view, .part.panel .view-lines').filter({ visible: true });
      await window.until('the log output', async () => (await output.count()) > 0);
      await window.screenshot('vsix-output');
      assert.deepEqual(await window.notifications(), []);
    });

    it('works in the first folder, which has no reports, until the person picks another', async () => {
      const welcome = window.view('Findings').locator('.welcome-view-content');
      await welcome.waitFor();
      await window.screenshot('folders-1-first');
      await chooseFolder('orders-service');
      await window.until('the findings of the other folder', async () => (await window.rows('Findings')).length > 3);
      await window.screenshot('folders-2-second');
    });

    it('lists what a report says as soon as it is there, and no longer when it is gone', async () => {
      const findings = async () => (await window.rows('Findings')).map((row) => row.replace(/,.*/s, ''));
      const band = async () => (await window.rows('Findings')).find((row) => row.startsWith('Fix now'));
      const before = await band();
      const result = {
        ruleId: 'late-arrival',
        level: 'error',
        message: { text: 'Comes later than the others' },
        properties: { 'security-severity': '9.9' },
        locations: [{ physicalLocation: { artifactLocation: { uri: 'src/access.js' }, region: { startLine: 1 } } }],
      };
      const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'Late' } }, results: [result] }] };
      const file = path.join(temporary, 'orders-service/reports/late.sarif');
      await writeFile(file, JSON.stringify(log));
      await window.until('the new finding', async () => (await findings()).some((row) => row.includes('Comes later')));
      assert.notEqual(await band(), before);
      await window.screenshot('folders-3-arrived');
      await rm(file);
      await window.until('the finding gone', async () => !(await findings()).some((row) => row.includes('Comes later')));
      assert.equal(await band(), before);
    });

    it('applies a review without the hunk that was rejected, in the folder that it was made for alone', async () => {
      const file = path.join(temporary, 'orders-service/src/diagnostics.js');
      const original = await readFile(file, 'utf8');
      // A tree has only the rows that fit: room for those of less priority.
      await window.row('Findings', 'Next').click();
      await window.row('Findings', 'Scheduled').click();
      const row = window.row('Findings', 'src/diagnostics.js');
      await window.chooseFromMenu(row, 'Generate Fix');
      await window.until('the review', () => window.hasTab('Review:'));
      const hunk = (words: string) => window.page.locator('.review-widget', { hasText: words });
      await hunk('Hunk 1 of 2').first().waitFor();
      await window.runCommand('Patchline: Next Hunk');
      await window.runCommand('Patchline: Reject Hunk');
      await hunk('Hunk 1 of 1').first().waitFor();
      await window.until('the review kept', async () => (await window.page.locator('.tab.dirty').count()) === 0);
      await window.screenshot('folders-4-rejected');
      await window.runCommand('Patchline: Discard Review');
      await window.until('the review gone', async () => !(await window.hasTab('Review:')));
      await window.notification('with what you decided in it').getByRole('button', { name: 'Bring It Back' }).click();
      // As it was left, without the hunk that was rejected.
      await hunk('Hunk 1 of 1').first().waitFor();
      await chooseFolder('notes');
      await window.runCommand('Patchline: Apply Review');
      await window.notification('This review is for the folder orders-service').waitFor();
      assert.equal(await readFile(file, 'utf8'), original);
      await chooseFolder('orders-service');
      await window.runCommand('Patchline: Apply Review');
      await window.until('the file changed', async () => (await readFile(file, 'utf8')) !== original);
      const lines = original.split('\n');
      const changed = (await readFile(file, 'utf8')).split('\n').filter((line, index) => line !== lines[index]);
      assert.equal(changed.length, 1, changed.join('\n'));
      await window.until('the review closed', async () => !(await window.hasTab('Review:')));
      await window.runCommand('Notifications: Clear All Notifications');
    });

    it('keeps a GitHub token that is typed hidden, and forgets it', async () => {
      await window.runCommand('Patchline: Set GitHub Token');
      const input = window.page.locator('.quick-input-widget input.input');
      await input.fill('short');
      await window.page.locator('.quick-input-message', { hasText: 'at least 8 characters' }).waitFor();
      assert.equal(await input.getAttribute('type'), 'password');
      await input.fill('not-a-real-token-1234');
      await window.page.keyboard.press('Enter');
      await window.notification('The token is stored in the editor’s secret storage.').waitFor();
      await window.runCommand('Patchline: Clear GitHub Token');
      await window.notification('The stored GitHub token is gone.').waitFor();
      assert.doesNotMatch(window.consoleLines.join('\n'), /not-a-real-token/);
    });

    it('is activated, as the editor itself says', async () => {
      await window.runCommand('Developer: Show Running Extensions');
      const row = window.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Patchline' }).first();
      await row.waitFor();
      await row
        .getByText(/Activation|Startup Activation/)
        .first()
        .waitFor();
      await window.screenshot('vsix-running-extensions');
    });
  });
});
