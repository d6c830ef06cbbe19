import type { TestFramework } from '../../core/ports';
import { renderTest } from '../../core/testPlans/renderTest';
import { loaderFlags, testScript } from '../../core/testPlans/runnerFlags';
import { placeTest } from '../../core/testPlans/testPlacement';

/** Node's own test runner. A todo of node:test may fail without failing the run, and is reported as todo. */
export const nodeTest: TestFramework = {
  id: 'node-test',
  displayName: 'node:test',
  url: 'https://nodejs.org/api/test.html',
  capabilities: ['javascript', 'typescript', 'esm', 'commonjs', 'todo'],

  detect(project) {
    if (/(?:from|require\()\s*['"]node:test['"]/.test(project.example?.text ?? '')) return 100;
    if (/\bnode\b.*\s--test\b/.test(testScript(project.packageJson) ?? '')) return 90;
    return 0;
  },

  render(plan, project) {
    const path = placeTest(plan.stem, project);
    const usesTest = !/\bit\(/.test(project.example?.text ?? '') && /\btest\(/.test(project.example?.text ?? '');
    const test = usesTest ? 'test' : 'it';
    const text = renderTest(plan, project, path, {
      importFrom: { names: ['describe', test], from: 'node:test' },
      suite: 'describe',
      test,
      pending: (name) => `${test}(${name}, { todo: 'to be completed by a person' }, async () => {`,
    });
    return { path, text, command: ['node', ...loaderFlags(testScript(project.packageJson)), '--test', path] };
  },
};
