/* eslint-disable @typescript-eslint/no-require-imports -- mocha loads reporters with require */
// A mocha reporter for `npm test`: one line a test file while it runs, the failures in full at the end, and the counts as JSON
// in the file that the environment names. `require`d by path, so plain CommonJS.
const { writeFileSync } = require('node:fs');
const path = require('node:path');

const mochaModule = require('mocha');
const { reporters, Runner } = mochaModule.default ?? mochaModule;

module.exports = class CountReporter extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, skipped: [], failures: [], lines: [] };
    const write = (line) => {
      counts.lines.push(line);
      console.log(line);
    };
    let file;
    let inFile = { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
    const closeFile = () => {
      if (file === undefined) return;
      const { passed, failed, skipped, milliseconds } = inFile;
      const words = [`${String(passed).padStart(5)} passed`];
      if (failed > 0) words.push(`${failed} FAILED`);
      if (skipped > 0) words.push(`${skipped} skipped`);
      write(`${words.join(', ')}  ${path.relative(path.join(__dirname, '../..'), file)} (${milliseconds} ms)`);
      inFile = { passed: 0, failed: 0, skipped: 0, milliseconds: 0 };
    };
    const enter = (test) => {
      const next = test.file ?? test.parent?.file ?? '?';
      if (next !== file) closeFile();
      file = next;
      inFile.milliseconds += test.duration ?? 0;
    };
    runner.on(Runner.constants.EVENT_TEST_PASS, (test) => {
      enter(test);
      counts.passed += 1;
      inFile.passed += 1;
    });
    runner.on(Runner.constants.EVENT_TEST_PENDING, (test) => {
      enter(test);
      counts.skipped.push(test.fullTitle());
      inFile.skipped += 1;
    });
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      enter(test);
      counts.failed += 1;
      inFile.failed += 1;
      counts.failures.push({ title: test.fullTitle(), message: String(error?.stack ?? error) });
      write(`      FAILED ${test.fullTitle()}: ${String(error?.message ?? error).split('\n')[0]}`);
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      closeFile();
      if (counts.failed > 0) reporters.Base.list(this.failures);
      const results = process.env.PATCHLINE_TEST_RESULTS;
      if (results !== undefined) writeFileSync(results, JSON.stringify(counts));
    });
  }
};
