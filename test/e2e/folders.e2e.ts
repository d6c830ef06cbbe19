import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copySample } from '../vscode/sample.mjs';
import { openWindow } from './driver';
import type { EditorWindow } from './driver';

describe('a window with several folders', () => {
  let temporary: string;
  let window: EditorWindow;

  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'patchline-folders-'));
    await mkdir(path.join(temporary, 'notes'));
    await copySample('orders-service', path.join(temporary, 'orders-service'));
    const file = path.join(temporary, 'both.code-workspace');
    await writeFile(file, JSON.stringify({ folders: [{ path: 'notes' }, { path: 'orders-service' }] }));
    window = await openWindow({ folder: file });
    await window.openContainer('Patchline');
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.keepForFailure(this.currentTest.title);
  });
  after(async () => {
    await window.close();
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  });

  it('works in the first one, which has no reports, until the person picks another', async () => {
    const welcome = window.view('Findings').locator('.welcome-view-content');
    await welcome.waitFor();
    await window.screenshot('folders-1-first');
    await window.runCommand('Patchline: Choose Folder…');
    await window.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'orders-service' }).click();
    await window.until('the findings of the other folder', async () => (await window.rows('Findings')).length > 3);
    await window.screenshot('folders-2-second');
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
});
