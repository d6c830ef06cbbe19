import assert from 'node:assert/strict';
import { openWindow } from './driver';
import type { EditorWindow } from './driver';

describe('the sample project in a real window', () => {
  let window: EditorWindow;

  before(async () => {
    window = await openWindow({ workspaceCopyOf: 'orders-service' });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await window.keepForFailure(this.currentTest.title);
  });
  after(async () => {
    await window.close();
  });

  it('has an icon of its own in the activity bar, which opens the Findings and Patches views', async () => {
    await window.activityIcon('Patchline').waitFor();
    await window.openContainer('Patchline');
    await window.view('Findings').waitFor();
    await window.view('Patches').waitFor();
    await window.screenshot('smoke-side-bar');
  });

  it('runs a command from the palette', async () => {
    await window.runCommand('Patchline: Show Log Output');
    const output = window.page.locator('.part.panel .output-view, .part.panel .view-lines').filter({ visible: true });
    await window.until('the log output', async () => (await output.count()) > 0);
    await window.screenshot('smoke-output');
    assert.deepEqual(await window.notifications(), []);
  });
});
