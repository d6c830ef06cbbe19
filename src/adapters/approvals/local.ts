import { approvalGiven, foldApprovals } from '../../core/approval/foldApprovals';
import { sameIdentity } from '../../core/approval/identities';
import { approvalRule } from '../../core/approval/requirementFor';
import { HumanError, throwIfCancelled } from '../../core/errors';
import type { Approval } from '../../core/model/approval';
import type { LogVerdict } from '../../core/model/logEntry';
import type { Approvals, Change, Identity, Provider, RunLog, Task } from '../../core/ports';

export const localApprovalsProvider: Provider = {
  id: 'local',
  displayName: 'Sign-off in the run log',
  url: 'https://git-scm.com/docs/git-config',
  capabilities: ['approvals', 'demo', 'rule', 'solo'],
};

export interface LocalApprovalsOptions {
  readonly log: RunLog;
  /** Who is at work: nobody signs off in another's name. */
  readonly identity: Identity;
}

/**
 * Sign-offs as entries of the run log, under the identity that git is configured with. They are as good as that: whoever may
 * change the configuration can be anybody, so a team that needs more lets its forge hold the reviews.
 */
export function createLocalApprovals({ log, identity }: LocalApprovalsOptions): Approvals {
  /** @throws HumanError when the log does not hold together: what stands in it then proves nothing. */
  async function read(change: Change, task?: Task): Promise<readonly Approval[]> {
    throwIfCancelled(task?.signal);
    const { entries, problems } = await log.read();
    const damage = problems.find(({ kind }) => kind !== 'intact' && kind !== 'torn');
    if (damage !== undefined) {
      throw new HumanError(
        `The run log does not hold together (${describe(damage)}), so its sign-offs prove nothing. Verify the run log, and put the damaged file right or aside.`,
      );
    }
    return foldApprovals(entries, change);
  }

  async function assertMaySign({ kind, by, source }: Omit<Approval, 'at'>): Promise<void> {
    if (kind === 'rule') {
      if (by !== approvalRule || source !== 'policy') throw new HumanError(`There is no rule “${by}” that could approve.`);
      return;
    }
    if (source === 'demo' && kind === 'person') return;
    const self = await identity.current();
    if (!sameIdentity(self.identity, by) || source !== self.source)
      throw new HumanError(
        `You are ${self.identity} here, so you cannot sign off as ${by}. Set user.name and user.email in git.`,
      );
  }

  return {
    ...localApprovalsProvider,
    read,
    async approve(change, approval, task) {
      await assertMaySign(approval);
      const { kind, by, source, state, diffHash, comment } = approval;
      if (diffHash !== change.diffHash)
        throw new HumanError('The patch changed meanwhile: look at it again before you sign off.');
      // Told twice it is recorded once, also by two windows that were not quite at the same time.
      const last = (await read(change, task)).findLast((each) => each.kind === kind && sameIdentity(each.by, by));
      if (last?.state === state && last.diffHash === diffHash && last.comment === comment) return;
      await log.append({
        kind: approvalGiven,
        body: { run: change.run, number: change.number, diffHash, kind, state, source },
        private: { by, ...(comment === undefined ? {} : { comment }) },
        actor: { kind: kind === 'rule' ? 'rule' : 'person', identity: by, source },
      });
    },
  };
}

function describe(damage: LogVerdict): string {
  return damage.kind === 'intact' ? '' : damage.why;
}
