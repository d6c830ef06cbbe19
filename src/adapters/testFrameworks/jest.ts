import type { TestFramework } from '../../core/ports';
import { renderTest } from '../../core/testPlans/renderTest';
import { dependsOn, testScript } from '../../core/testPlans/runnerFlags';
import { placeTest } from '../../core/testPlans/testPlacement';

/** Jest. node:assert's errors fail its tests like its own matchers; a skipped test is reported as such. */
export const jest: TestFramework = {
  id: 'jest',
  displayName: 'Jest',
  url: 'https://jestjs.io',
  capabilities: ['javascript', 'typescript', 'esm', 'commonjs', 'skip'],

  detect(project) {
    if (/(?:from|require\()\s*['"]@jest\/globals['"]/.test(project.example?.text ?? '')) return 100;
    if (/(?:^|[\s/])jest(?:\.js)?(?:\s|$)/.test(testScript(project.packageJson) ?? '')) return 90;
    return dependsOn(project.packageJson, 'jest') ? 70 : 0;
  },

  render(plan, project) {
    const path = placeTest(plan.stem, project);
    const imported = /(?:from|require\()\s*['"]@jest\/globals['"]/.test(project.example?.text ?? '');
    const usesTest = /\btest\(/.test(project.example?.text ?? '') && !/\bit\(/.test(project.example?.text ?? '');
    const test = usesTest ? 'test' : 'it';
    const text = renderTest(plan, project, path, {
      ...(imported ? { importFrom: { names: ['describe', test], from: '@jest/globals' } } : {}),
      suite: 'describe',
      test,
      pending: (name) => `${test}.skip(${name}, async () => {`,
    });
    const vmModules = /--experimental-vm-modules/.test(testScript(project.packageJson) ?? '') || project.moduleKind === 'esm';
    // `--runTestsByPath`: the path is a path and no pattern.
    return {
      path,
      text,
      command: [
        'node',
        ...(vmModules ? ['--experimental-vm-modules'] : []),
        'node_modules/jest/bin/jest.js',
        '--runTestsByPath',
        path,
      ],
    };
  },
};
