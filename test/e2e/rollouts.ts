import assert from 'node:assert/strict';
import type { Frame, Locator } from 'playwright-core';
import { violations } from './driver';
import type { EditorWindow } from './driver';
import { doneKeys, readLog, rolloutEvents, stepsOf } from './recordedRun';

const reviewer = 'Demo Reviewer';
const good = { rule: 'sql-template/no-unsafe-query', patch: 'tagged template literal' };
const bad = { file: 'src/search.js', rule: 'sql-injection' };

/**
 * The patch whose pull request is open to production, and a bad one from its finding to the way back, as a person carries them:
 * each test begins where the one before ended.
 */
export function describeRollouts(window: () => EditorWindow): void {
  const clear = () => window().runCommand('Notifications: Clear All Notifications');
  const statusItem = (): Locator => window().page.locator('.statusbar-item[id*="patchline.status"]').first();
  const status = async () =>
    (await statusItem()
      .getAttribute('aria-label')
      .catch(() => '')) ?? '';
  const statusSays = (words: RegExp, seconds = 120) =>
    window().until(`${words} in the status bar`, async () => words.test(await status()), seconds);
  const steps = async (rule: string) => stepsOf(await readLog(window().folder), rule);

  /** The text of a section of the panel, by the id of its heading. */
  const section = (frame: Frame, id: string) => frame.locator(`section[aria-labelledby="${id}"]`);
  const says = (frame: Frame, id: string, words: RegExp, seconds = 120) =>
    window().until(
      `${words} in the panel's ${id}`,
      async () =>
        words.test(
          await section(frame, id)
            .innerText({ timeout: 1000 })
            .catch(() => ''),
        ),
      seconds,
    );

  async function applyFix(file: string): Promise<void> {
    const row = window().row('Findings', file);
    await row.click();
    await window().until(`the file ${file}`, () => window().hasTab(file.replace(/.*\//, '')));
    await window().chooseFromMenu(row, 'Generate Fix');
    await window().until('the review', () => window().hasTab('Review:'), 60);
    await window().page.locator('.review-widget', { hasText: 'Hunk 1 of' }).first().waitFor({ timeout: 60_000 });
    await window().runCommand('Patchline: Apply Review');
    await window().until('the review closed', async () => !(await window().hasTab('Review:')));
    await window().until('the patch under way', async () =>
      (await window().rows('Patches')).some((one) => one.includes('Generation')),
    );
    await window().runCommand('Patchline: Generate Regression Test');
    await window().until('the test', () => window().hasTab('.test.js'), 60);
    await window().runCommand('View: Close All Editors');
  }

  async function openPullRequest(number: number): Promise<void> {
    await window().runCommand('Patchline: Open Pull Request');
    await dialogButton('Open Pull Request').click();
    await window().notification(`Pull request #${number} is open`).waitFor({ timeout: 60_000 });
    await clear();
  }

  function dialogButton(name: string): Locator {
    return window().page.locator('.monaco-dialog-box').getByRole('button', { name });
  }

  async function approve(picture: string): Promise<void> {
    await window().runCommand('Patchline: Approve');
    const choice = window().page.locator('.quick-input-widget .monaco-list-row', { hasText: reviewer }).first();
    await choice.waitFor({ timeout: 60_000 });
    await window().screenshot(picture);
    await choice.click();
    const input = window().page.locator('.quick-input-widget input.input');
    await window().page.locator('.quick-input-widget', { hasText: 'A comment for the record' }).waitFor();
    await input.fill('Looks right to me.');
    await window().page.keyboard.press('Enter');
    await window().notification('Approved').waitFor({ timeout: 60_000 });
    await clear();
  }

  async function startRollout(picture: string): Promise<void> {
    await window().runCommand('Patchline: Start Rollout');
    await dialogButton('Merge and Start Rollout').waitFor({ timeout: 60_000 });
    await window().screenshot(picture);
    await dialogButton('Merge and Start Rollout').click();
  }

  /** The webview in all three themes: nothing that axe-core finds wrong, and a picture of each. */
  async function inAllThemes(frame: Frame, picture: string): Promise<void> {
    for (const theme of ['Default Light Modern', 'Default Dark Modern', 'Default High Contrast']) {
      await window().setTheme(theme);
      await window().screenshot(`${picture}-${theme.split(' ')[1]?.toLowerCase() ?? ''}`);
      assert.deepEqual(await violations(frame), [], theme);
    }
    await window().setTheme('Default Light Modern');
  }

  it('follows checks, test report and artifact live in the panel', async () => {
    await window().runCommand('View: Close All Editors');
    await clear();
    await window().row('Patches', good.patch).click();
    const frame = await window().webviewFrame('Patch');
    await frame.locator('section[aria-labelledby="checks"]').waitFor();
    await window().screenshot('delivery-1-checks');
    await says(frame, 'checks', /passed/, 180);
    await says(frame, 'tests', /20 of 20/);
    await says(frame, 'artifact', /Reproducible/, 180);
    await says(frame, 'ready', /Ready to deploy/);
    await window().screenshot('delivery-2-artifact');
  });

  it('is approved by the demo reviewer, which is shown as such', async () => {
    const frame = await window().webviewFrame('Patch');
    await approve('delivery-3-approve');
    await says(frame, 'approval', /demo identity, not a real person/);
    await window().screenshot('delivery-4-approved');
  });

  it('starts the rollout after one question, and shows it in the status bar and in the panel', async () => {
    const frame = await window().webviewFrame('Patch');
    await startRollout('delivery-5-start');
    await statusSays(/orders: step 1 of 3, 10 %/);
    await clear();
    await says(frame, 'rollout', /Step 1 of 3, 10 % of the traffic/);
    await frame.locator('.chart .plot path.line').first().waitFor({ state: 'attached', timeout: 60_000 });
    await window().screenshot('delivery-6-canary');
    await section(frame, 'rollout').evaluate((element) => element.scrollIntoView());
    // The bound of the error rate is drawn as soon as the first of its readings is there.
    const bound = section(frame, 'metrics').locator('.limit-label', { hasText: 'at most 5.0 %' });
    await bound.first().waitFor({ state: 'attached', timeout: 60_000 });
    await window().screenshot('delivery-7-canary');
    assert.deepEqual(await violations(frame), []);
  });

  it('ends at 100 %, watched and closed', async () => {
    const frame = await window().webviewFrame('Patch');
    await says(frame, 'rollout', /100 % of the traffic/, 180);
    await window().screenshot('delivery-8-whole');
    await window().until('the run closed', async () => (await steps(good.rule)).includes('close'), 120);
    await says(frame, 'rollout', /completed/i);
    await window().screenshot('delivery-9-closed');
    const entries = await readLog(window().folder);
    assert.deepEqual(
      doneKeys(entries).map((key) => key.split('/').slice(3).join('/')),
      ['step/0', 'step/1', 'step/2', 'promote'],
    );
    assert.ok(!/orders: step/.test(await status()));
  });

  it('proves a bad fix as well, which no test of the project catches', async () => {
    await window().runCommand('View: Close All Editors');
    // A tree has only the rows that fit: room for those of less priority.
    await window().row('Findings', 'Next').click();
    await window().row('Findings', 'Scheduled').click();
    await applyFix(bad.file);
    await window().runCommand('Patchline: Prove Fix');
    await window().notification('The fix is proven').waitFor({ timeout: 200_000 });
    await clear();
    await openPullRequest(2);
    const frame = await window().webviewFrame('Patch');
    await says(frame, 'artifact', /Reproducible/, 180);
  });

  it('takes it back by itself when the canary turns bad', async () => {
    await approve('delivery-10-approve');
    await startRollout('delivery-10-start');
    await statusSays(/breach of Requests answered with a server error/, 120);
    await window().screenshot('delivery-11-breach');
    await statusSays(/taken back/);
    await window().until('the finding reopened', async () => (await steps(bad.rule)).includes('reopened'), 120);
  });

  it('tells the breach once, with what to do, and in the colour of an error', async () => {
    const frame = await window().webviewFrame('Patch');
    const told = window().page.locator('.notifications-toasts .notification-list-item', { hasText: 'breach of' });
    await told.first().waitFor();
    assert.equal(await told.count(), 1);
    await told.first().hover();
    const buttons = await told.first().locator('.monaco-button').allInnerTexts();
    assert.ok(buttons.includes('Open Panel') && buttons.includes('Show Post-mortem'), buttons.join());
    assert.match((await statusItem().getAttribute('class')) ?? '', /error-kind/);
    await says(frame, 'rollout', /taken back/i);
    await frame.locator('.banner.error', { hasText: 'Breach in orders' }).waitFor();
    await window().screenshot('delivery-12-told');
    const entries = await readLog(window().folder);
    assert.equal(rolloutEvents(entries, 'breached').length, 1);
    assert.ok((await steps(bad.rule)).includes('revert'));
    assert.equal(entries.filter(({ kind }) => kind === 'finding.reopened').length, 1);
    await told.first().getByRole('button', { name: 'Show Post-mortem' }).click();
    await window().until('the post-mortem', () => window().hasTab('Untitled'));
    await window().page.locator('.view-lines', { hasText: 'Post-mortem' }).first().waitFor();
    await window().screenshot('delivery-13-post-mortem');
  });

  it('shows the breach, and then the figures, in every theme', async () => {
    await clear();
    await window().runCommand('View: Revert and Close Editor');
    const frame = await window().webviewFrame('Patch');
    await inAllThemes(frame, 'delivery-14-breach');
    await window().runCommand('Patchline: Open Dashboard');
    const dashboard = await window().webviewFrame('Patchline Dashboard');
    await dashboard.locator('.tiles').waitFor();
    await inAllThemes(dashboard, 'delivery-15-dashboard');
  });

  it('keeps a log of both that verifies', async () => {
    await clear();
    await window().runCommand('Patchline: Verify Run Log');
    await window().notification('intact').waitFor({ timeout: 60_000 });
  });
}
