import type { TestFramework } from '../../core/ports';
import { renderTest } from '../../core/testPlans/renderTest';
import { dependsOn, testScript } from '../../core/testPlans/runnerFlags';
import { placeTest } from '../../core/testPlans/testPlacement';

/** Vitest, always as one run (never watching). Vite resolves modules as the bundler does, so tests are written with imports. */
export const vitest: TestFramework = {
  id: 'vitest',
  displayName: 'Vitest',
  url: 'https://vitest.dev',
  capabilities: ['javascript', 'typescript', 'esm', 'skip'],

  detect(project) {
    if (/from\s*['"]vitest['"]/.test(project.example?.text ?? '')) return 100;
    if (/(?:^|[\s/])vitest(?:\s|$)/.test(testScript(project.packageJson) ?? '')) return 90;
    return dependsOn(project.packageJson, 'vitest') ? 80 : 0;
  },

  render(plan, project) {
    const path = placeTest(plan.stem, project);
    const usesTest = /\btest\(/.test(project.example?.text ?? '') && !/\bit\(/.test(project.example?.text ?? '');
    const test = usesTest ? 'test' : 'it';
    const text = renderTest(plan, { ...project, moduleKind: 'esm' }, path, {
      importFrom: { names: ['describe', test], from: 'vitest' },
      suite: 'describe',
      test,
      pending: (name) => `${test}.skip(${name}, async () => {`,
    });
    return { path, text, command: ['node', 'node_modules/vitest/vitest.mjs', 'run', path] };
  },
};
