import assert from 'node:assert/strict';
import ts from 'typescript';
import { findPartialCopies } from '../../.ci/wholeFindings.mjs';

const head = `
interface Array<T> { readonly length: number; map<R>(f: (value: T) => R): R[]; [n: number]: T }
interface Object {} interface Function {} interface CallableFunction {} interface NewableFunction {}
interface String {} interface Number {} interface Boolean {} interface RegExp {} interface IArguments {}
declare const Object: { assign(...of: unknown[]): unknown; keys(of: unknown): string[] };
declare function structuredClone<T>(of: T): T;
interface Finding { id: string; witnesses: string[]; ruleId: string; locations: string[]; aliases: string[]; detail?: string }
interface Triaged extends Finding { triage: string }
declare function plainFinding<T extends Finding>(of: T): T;
declare const finding: Finding; declare const triaged: Triaged; declare const list: Finding[]; declare const other: { id: string };
`;

/** What the rule says of the code, as the code that it is said of. */
function complaints(code: string): readonly string[] {
  const file = '/made-up/code.ts';
  const source = ts.createSourceFile(file, head + code, ts.ScriptTarget.Latest, true);
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost({}),
    getSourceFile: (name) => (name === file ? source : undefined),
    fileExists: (name) => name === file,
  };
  const program = ts.createProgram([file], { noLib: true, strict: true, target: ts.ScriptTarget.Latest, types: [] }, host);
  assert.deepEqual(program.getSyntacticDiagnostics(source), []);
  return findPartialCopies(program, [source]).map((node) => node.getText());
}

describe('the rule that findings are copied whole', () => {
  const copies: Readonly<Record<string, string>> = {
    'const a = { ...finding, id: "" };': '...finding',
    'const a = { ...(other.id === "" ? finding : undefined) };': '...(other.id === "" ? finding : undefined)',
    'const { id, ...rest } = finding;': 'finding',
    'const a = ({ triage, ...rest }: Triaged) => rest;': '{ triage, ...rest }: Triaged',
    'const a = Object.assign({}, finding);': 'finding',
    'const a = Object.assign({}, ...list);': '...list',
    'const a = Object.keys(triaged);': 'triaged',
    'const a = structuredClone(list);': 'list',
    'let a = plainFinding(finding); const b = { ...a };': '...a',
  };
  for (const [code, what] of Object.entries(copies)) it(`finds ${code}`, () => assert.deepEqual(complaints(code), [what]));

  const whole: readonly string[] = [
    'const a = { ...plainFinding(finding), id: "" };',
    'const a = plainFinding(finding); const b = { ...a };',
    'const { triage, ...rest } = plainFinding(triaged); const b = { ...rest };',
    'const a = Object.assign({}, ...list.map(plainFinding));',
    'const a: Finding = { id: "", witnesses: [], ruleId: "", locations: [], aliases: [] }; const b = { ...a };',
    'const a = { ...other }; const { id } = finding; const { id: b, ...rest } = other;',
  ];
  for (const code of whole) it(`lets pass ${code}`, () => assert.deepEqual(complaints(code), []));
});
