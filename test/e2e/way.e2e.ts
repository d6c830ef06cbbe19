import { execFileSync } from 'node:child_process';
import { openWindow } from './driver';
import type { EditorWindow } from './driver';
import { describePullRequest } from './pullRequest';
import { describeRollouts } from './rollouts';

/** Both halves of the way, in one window: the second goes on with the pull request that the first has opened. */
describe('the way of a patch, in a real window', function () {
  this.timeout(300_000);
  let opened: EditorWindow;
  const window = () => opened;

  before(async () => {
    opened = await openWindow({ workspaceCopyOf: 'orders-service', packages: true });
    // Somebody neutral in the pictures and in the log, whoever runs this.
    const config = (key: string, value: string) => execFileSync('git', ['config', key, value], { cwd: opened.folder });
    config('user.name', 'Ada Lovelace');
    config('user.email', 'ada@example.org');
    await opened.setTheme('Default Light Modern');
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await opened.keepForFailure(this.currentTest.title);
  });
  after(() => opened.close());

  describe('from a finding to an open pull request', () => describePullRequest(window));
  describe('from the pull request to production, and back from there', () => describeRollouts(window));
});
