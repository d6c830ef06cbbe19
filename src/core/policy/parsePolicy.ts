import type { ParseError } from 'jsonc-parser';
import { getNodeValue, findNodeAtLocation, parseTree, printParseErrorCode } from 'jsonc-parser';
import * as v from 'valibot';
import { HumanError } from '../errors';
import type { Policy } from '../model/policy';
import { policySchema } from './policySchema';

/** The policy's file name, at the workspace root. */
export const policyFile = '.patchline.json';

/**
 * Reads a policy: JSON with comments and trailing commas.
 *
 * @param file - the name to be shown in errors
 * @throws HumanError naming file, line and column for what is no JSON or does not fit the schema; unknown fields are errors,
 * since a misspelt setting that is silently ignored is worse than none.
 */
export function parsePolicy(text: string, file: string = policyFile): Policy {
  if (text.trim() === '') return {};
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const first = errors[0];
  if (first !== undefined)
    throw new HumanError(`${file}:${place(text, first.offset)}: ${words(printParseErrorCode(first.error))}.`);
  const value: unknown = tree === undefined ? {} : getNodeValue(tree);
  if (Array.isArray(value)) throw new HumanError(`${file}:1:1: the policy must be an object, not a list.`);
  const result = v.safeParse(policySchema, value);
  if (result.success) {
    const { $schema: _schema, ...policy } = result.output;
    return policy as Policy;
  }
  const issue = result.issues[0];
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const node =
    tree === undefined ? undefined : (findNodeAtLocation(tree, path) ?? findNodeAtLocation(tree, path.slice(0, -1)) ?? tree);
  const where = path.length === 0 ? 'the policy' : path.join('.');
  const what = issue.expected === 'never' ? 'is not a setting of the policy' : `is not right: ${issue.message}`;
  throw new HumanError(`${file}:${place(text, node?.offset ?? 0)}: ${where} ${what}.`);
}

function place(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `${line}:${offset - before.lastIndexOf('\n')}`;
}

/** `CommaExpected` → `comma expected`. */
function words(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
