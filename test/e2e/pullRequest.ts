import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { violations } from './driver';
import type { EditorWindow } from './driver';

const source = 'src/orders.js';

/** From a finding of the sample to its open pull request, as a person goes it: each test begins where the one before ended. */
export function describePullRequest(window: () => EditorWindow): void {
  let original: string;

  const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: window().folder, encoding: 'utf8' });
  const read = (file: string) => readFile(path.join(window().folder, file), 'utf8');
  const until = (what: string, seen: () => Promise<boolean>, seconds?: number) => window().until(what, seen, seconds);
  const hasTab = (text: string) => () => window().hasTab(text);
  const clearNotifications = () => window().runCommand('Notifications: Clear All Notifications');

  before(async () => {
    original = await read(source);
  });

  it('lists the findings, worst first, with why, where and how urgent', async () => {
    await window().openContainer('Patchline');
    await until('the findings', async () => (await window().rows('Findings')).length > 5, 60);
    const rows = await window().rows('Findings');
    const priorities = rows.flatMap((row) => /priority (\d+)$/.exec(row)?.[1] ?? []).map(Number);
    assert.ok(priorities.length >= 5);
    assert.deepEqual(
      priorities,
      [...priorities].sort((a, b) => b - a),
    );
    await window().screenshot('way-1-findings');
  });

  it('proposes the fix as a diff with its reason, and writes nothing', async () => {
    const row = window().row('Findings', source);
    await row.click();
    await until('the file of the finding', hasTab('orders.js'));
    await window().chooseFromMenu(row, 'Generate Fix');
    await until('the review', hasTab('Review:'), 60);
    await window().page.locator('.review-widget', { hasText: 'Hunk 1 of 1' }).first().waitFor({ timeout: 60_000 });
    assert.match(await window().page.locator('.review-widget').first().innerText(), /database/);
    assert.equal(await read(source), original);
    await window().screenshot('way-2-review');
  });

  it('rejects a hunk, and undo brings it back', async () => {
    const threads = () => window().page.locator('.review-widget', { hasText: 'Hunk 1 of 1' });
    const changed = () => window().page.locator('.editor.modified .line-insert').count();
    await window().page.locator('.editor.modified .view-lines').first().click();
    await window().runCommand('Patchline: Reject Hunk');
    await until('the hunk gone', async () => (await changed()) === 0);
    // Kept at once: a tab that is not saved would be applied as it was before.
    await until('the review kept', async () => (await window().page.locator('.tab.dirty').count()) === 0);
    await until('its comment gone', async () => (await threads().count()) === 0);
    await window().page.keyboard.press('ControlOrMeta+Z');
    await until('the hunk back', async () => (await changed()) > 0);
    await until('the review kept', async () => (await window().page.locator('.tab.dirty').count()) === 0);
    await until('its comment back', async () => (await threads().count()) === 1);
    assert.equal(await read(source), original);
  });

  it('applies what was reviewed as one saved edit, and records it', async () => {
    await window().runCommand('Patchline: Apply Review');
    await until('the file changed', async () => (await read(source)) !== original);
    assert.match(await read(source), /customer = \?/);
    await until('the review closed', async () => !(await hasTab('Review:')()));
    await until('the patch under way', async () => (await window().rows('Patches')).some((row) => row.includes('Generation')));
    await window().screenshot('way-3-applied');
  });

  it('writes a regression test beside the code', async () => {
    await window().runCommand('Patchline: Generate Regression Test');
    await until('the test', hasTab('orders.sql-injection.test.js'), 60);
    assert.match(await read('test/orders.sql-injection.test.js'), /findOrdersByCustomer/);
    await window().screenshot('way-4-test');
  });

  it('proves the fix: red before, green after, suite not worse, finding gone', async function () {
    this.timeout(240_000);
    await clearNotifications();
    await window().runCommand('Patchline: Prove Fix');
    await window().notification('The fix is proven').waitFor({ timeout: 200_000 });
    await window().screenshot('way-5-proven');
  });

  it('opens the pull request without touching index, branch or files', async function () {
    this.timeout(120_000);
    const state = () => [git('status', '--porcelain=v2', '--branch'), git('rev-parse', 'HEAD'), git('stash', 'list')];
    const untouched = state();
    await clearNotifications();
    await window().runCommand('Patchline: Open Pull Request');
    const dialog = window().page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: 60_000 });
    await window().screenshot('way-6-confirm');
    await dialog.getByRole('button', { name: 'Open Pull Request' }).click();
    await window().notification('Pull request #1 is open').waitFor({ timeout: 60_000 });
    assert.deepEqual(state(), untouched);
    const [branch = ''] = git('branch', '--list', '--format=%(refname:short)', 'patchline/*').trim().split('\n');
    assert.deepEqual(git('diff', '--name-only', `HEAD..${branch}`).trim().split('\n'), [
      source,
      'test/orders.sql-injection.test.js',
    ]);
    await window().screenshot('way-7-pull-request');
  });

  it('shows the whole of it in the panel, which needs no mouse and reads well aloud', async function () {
    this.timeout(120_000);
    await window().runCommand('View: Close All Editors');
    await clearNotifications();
    await window().row('Patches', 'tagged template literal').click();
    const frame = await window().webviewFrame('Patch');
    await frame.locator('.stages .stage').first().waitFor();
    const stages = await frame.locator('.stages .stage').allInnerTexts();
    assert.deepEqual(
      stages.map((text) => text.split('\n')[0]?.trim()),
      ['Detection', 'Triage', 'Generation', 'Build', 'Testing', 'Approval', 'Rollout', 'Monitoring'],
    );
    assert.equal(await frame.locator('section[aria-labelledby="proof"] .checks > li.successful').count(), 7);
    await window().screenshot('way-8-panel');
    assert.deepEqual(await violations(frame), []);
    await frame.locator('.evidence button', { hasText: 'patch.diff' }).first().click();
    await until('the evidence', hasTab('patch.diff'));
  });

  it('keeps a log that verifies and names who did what', async () => {
    await window().runCommand('Patchline: Verify Run Log');
    await window().notification('intact').waitFor({ timeout: 60_000 });
    const folder = path.join(window().folder, '.git/patchline/log');
    const chain = (await readdir(folder)).find((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name)) ?? assert.fail('no chain');
    const entries = (await readFile(path.join(folder, chain), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const steps = entries
      .filter((entry) => entry['kind'] === 'step')
      .map((entry) => (entry['body'] as Record<string, unknown>)['name']);
    // What follows the pull request begins by itself: its checks.
    assert.deepEqual(steps.slice(0, 6), ['finding', 'triage', 'patch', 'test', 'proof', 'pull-request']);
    await window().screenshot('way-9-log');
  });
}
