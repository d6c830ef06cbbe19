// @ts-check
// `npm run lint`: the type check and the linter over one program, which is most of the work of either.
import path from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';

const root = path.join(import.meta.dirname, '..');

/** @param {ts.Diagnostic} diagnostic @returns {never} */
const refuse = (diagnostic) => {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
};
const config = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse },
);
if (config === undefined || config.fileNames.length === 0) throw new Error('tsconfig.json names no files.');
const program = ts.createProgram({ rootNames: config.fileNames, options: config.options });
const diagnostics = [...config.errors, ...ts.getPreEmitDiagnostics(program)];
const host = {
  getCanonicalFileName: (/** @type {string} */ name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};
if (diagnostics.length > 0) console.log(ts.formatDiagnostics(diagnostics, host));

const eslint = new ESLint({
  cwd: root,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, programs: [program] } } },
});
const results = await eslint.lintFiles(['.']);
if (!results.some(({ filePath }) => filePath.endsWith('.ts'))) throw new Error('The linter looked at no TypeScript file.');
const found = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
if (found > 0) console.log(await (await eslint.loadFormatter('stylish')).format(results));
console.log(`${config.fileNames.length} files type-checked, ${results.length} linted: ${diagnostics.length + found} problems`);
process.exitCode = diagnostics.length + found === 0 ? 0 : 1;
