import type { DeliveryState } from '../delivery';
import { HumanError } from '../errors';

/** @throws HumanError naming everything that is missing before a rollout may start. */
export function refuseUnready({ ci, tests, artifact, approval }: DeliveryState): void {
  const missing: string[] = [];
  if (ci?.outcome !== 'successful') missing.push('the checks of the pull request have not passed');
  if (tests === undefined || tests.outcome === 'failed' || tests.outcome === 'error')
    missing.push(`the test report does not allow it (${tests?.summary ?? 'there is none'})`);
  if (artifact === undefined) missing.push('no artifact was built');
  if (approval?.outcome !== 'successful') missing.push(approval?.waitsFor.join('; ') || 'nobody has approved it');
  if (missing.length > 0) throw new HumanError(`The rollout cannot start: ${missing.join('; ')}.`);
}
