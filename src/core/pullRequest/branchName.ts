import { HumanError } from '../errors';
import { branchNameProblem } from '../git/refName';
import type { Finding } from '../model/finding';

/**
 * The branch for a finding's fix: `patchline/<what>-<id>`, the same each time. `prefix` comes from the policy (`branchPrefix`).
 *
 * @throws HumanError when the prefix makes a name that git does not take.
 */
export function branchName(finding: Pick<Finding, 'id' | 'ruleId' | 'package'>, prefix = 'patchline/'): string {
  const what = slug(finding.package?.name ?? finding.ruleId.split(/[/.]/).findLast((part) => slug(part) !== '') ?? '');
  const id =
    finding.id
      .toLowerCase()
      .replace(/^pl-/, '')
      .replace(/[^a-z0-9]/g, '')
      .slice(0, 16) || 'finding';
  const name = `${prefix}${what === '' ? '' : `${what}-`}${id}`;
  const problem = branchNameProblem(name);
  if (problem !== undefined)
    throw new HumanError(`The policy's branchPrefix ${JSON.stringify(prefix)} makes no branch name: ${problem}.`);
  return name;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}
