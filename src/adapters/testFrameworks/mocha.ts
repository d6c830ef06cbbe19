import type { TestFramework } from '../../core/ports';
import { renderTest } from '../../core/testPlans/renderTest';
import { dependsOn, loaderFlags, testScript } from '../../core/testPlans/runnerFlags';
import { placeTest } from '../../core/testPlans/testPlacement';

/** Mocha. Its pending tests are counted apart and never pass. */
export const mocha: TestFramework = {
  id: 'mocha',
  displayName: 'Mocha',
  url: 'https://mochajs.org',
  capabilities: ['javascript', 'typescript', 'esm', 'commonjs', 'pending'],

  detect(project) {
    if (/(?:from|require\()\s*['"]mocha['"]/.test(project.example?.text ?? '')) return 100;
    if (/(?:^|[\s/])_?mocha(?:\.js)?(?:\s|$)/.test(testScript(project.packageJson) ?? '')) return 90;
    return dependsOn(project.packageJson, 'mocha') ? 60 : 0;
  },

  render(plan, project) {
    const path = placeTest(plan.stem, project);
    const imported = /(?:from|require\()\s*['"]mocha['"]/.test(project.example?.text ?? '');
    const text = renderTest(plan, project, path, {
      ...(imported ? { importFrom: { names: ['describe', 'it'], from: 'mocha' } } : {}),
      suite: 'describe',
      test: 'it',
      pending: (name) => `it.skip(${name}, async () => {`,
    });
    // A configured `spec` is added to the file that is named: the title keeps the other files' tests out of the run.
    return {
      path,
      text,
      command: [
        'node',
        'node_modules/mocha/bin/mocha.js',
        ...loaderFlags(testScript(project.packageJson)),
        '--fgrep',
        plan.title,
        path,
      ],
    };
  },
};
