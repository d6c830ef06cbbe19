/** Node's own JUnit reporter into a file of each run: a script may run node --test several times, and a fixed name keeps the last. */
export const nodeReporter = `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { junit } from 'node:test/reporters';

export default async function* report(events) {
  const file = join(process.env.PATCHLINE_JUNIT, Date.now() + '-' + process.pid + '.xml');
  for await (const text of junit(events)) appendFileSync(file, text);
  yield '';
}
`;

/** Mocha takes one reporter: this one is its spec reporter, with its xunit reporter beside it. */
export const mochaReporter = `'use strict';
const { createRequire } = require('node:module');
const path = require('node:path');
const { reporters } = createRequire(path.join(process.cwd(), 'package.json'))('mocha');

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const output = path.join(process.env.PATCHLINE_JUNIT, Date.now() + '-' + process.pid + '.xml');
    this.beside = new reporters.XUnit(runner, { ...options, reporterOptions: { output } });
  }
  done(failures, end) {
    this.beside.done(failures, end);
  }
};
`;

/** Jest has none: this one writes what ran, a file that could not be loaded as an error of the file's name. */
export const jestReporter = `'use strict';
const { writeFileSync } = require('node:fs');
const path = require('node:path');

const escape = (text) =>
  String(text)
    .replace(/[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd]/g, '')
    .replace(/[&<>"'\\t\\n\\r]/g, (one) => '&#' + one.charCodeAt(0) + ';');
const told = (tag, text) => '<' + tag + ' message="' + escape(text) + '"/>';

module.exports = class {
  onRunComplete(_contexts, { testResults }) {
    const suites = testResults.map(({ testFilePath, testResults: tests, testExecError, failureMessage }) => {
      const file = escape(testFilePath.replaceAll('\\\\', '/'));
      const open = (suite, name) => '<testcase classname="' + escape(suite) + '" name="' + escape(name) + '" file="' + file + '"';
      const cases = tests.map(({ ancestorTitles, title, status, duration, failureMessages }) => {
        const how =
          status === 'passed' ? '' : status === 'failed' ? told('failure', failureMessages.join('\\n')) : '<skipped/>';
        return open(ancestorTitles.join(' › '), title) + ' time="' + (duration ?? 0) / 1000 + '">' + how + '</testcase>';
      });
      if (testExecError || (tests.length === 0 && failureMessage))
        cases.push(open('', path.basename(testFilePath)) + '>' + told('error', failureMessage ?? testExecError.message) + '</testcase>');
      return '<testsuite name="jest tests">' + cases.join('') + '</testsuite>';
    });
    const target = path.join(process.env.PATCHLINE_JUNIT, Date.now() + '-' + process.pid + '.xml');
    writeFileSync(target, '<?xml version="1.0" encoding="UTF-8"?><testsuites>' + suites.join('') + '</testsuites>');
  }
};
`;
