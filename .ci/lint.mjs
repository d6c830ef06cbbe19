// @ts-check
// `npm run lint`: the type check and the linter, then the rule of the house that needs types.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import ts from 'typescript';
import { advice, findPartialCopies } from './wholeFindings.mjs';

const root = path.join(import.meta.dirname, '..');

const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint');
const linted = spawnSync(process.execPath, [oxlint, '--type-aware', '--type-check', '--deny-warnings'], {
  cwd: root,
  stdio: 'inherit',
});

/** @param {ts.Diagnostic} diagnostic @returns {never} */
const refuse = (diagnostic) => {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
};
const config = ts.getParsedCommandLineOfConfigFile(
  path.join(root, 'tsconfig.json'),
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: refuse },
);
const names = config?.fileNames.filter((name) => name.startsWith(`${path.posix.join(root.replaceAll('\\', '/'), 'src')}/`)) ?? [];
if (config === undefined || names.length === 0) throw new Error('tsconfig.json names no files below src.');
for (const fault of config.errors) refuse(fault);
const program = ts.createProgram({ rootNames: names, options: config.options });
const files = names.map((name) => program.getSourceFile(name)).filter((file) => file !== undefined);
const copies = findPartialCopies(program, files);
for (const node of copies) {
  const file = node.getSourceFile();
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart());
  console.log(`${path.relative(root, file.fileName)}:${line + 1}:${character + 1}: ${advice}`);
}
console.log(`${files.length} files looked through for partial copies of findings: ${copies.length} found`);
process.exitCode = linted.status === 0 && copies.length === 0 ? 0 : 1;
