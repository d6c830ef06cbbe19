import type { Action } from './actionableError';

/** As in core/policy/parsePolicy, which is no part of what activation loads. */
const policyFile = '.patchline.json';

/** What can be done about a message that names the policy: to open it, at the place that the message begins with. */
export function policyActions(message: string): readonly Action[] {
  if (!message.includes(policyFile)) return [];
  const place = /^\.patchline\.json:(\d+):(\d+): /.exec(message);
  const args = place === null ? [] : [Number(place[1]), Number(place[2])];
  return [{ title: `Open ${policyFile}`, command: 'patchline.openPolicy', args }];
}
