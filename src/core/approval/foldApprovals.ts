import * as v from 'valibot';
import { HumanError } from '../errors';
import { cleanLine, cleanText } from '../findings/cleanText';
import type { Approval } from '../model/approval';
import type { ReadEntry } from '../model/logEntry';
import type { Change } from '../ports';
import { redactedIdentity } from './identities';

/** Kind of the log entries that hold a sign-off; its person and comment lie beside the chain. */
export const approvalGiven = 'approval';

const bodySchema = v.object({
  run: v.string(),
  number: v.number(),
  diffHash: v.string(),
  kind: v.picklist(['person', 'rule', 'solo']),
  state: v.picklist(['approved', 'changes-requested', 'dismissed', 'commented']),
  source: v.pipe(v.string(), v.maxLength(100)),
});
const privateSchema = v.object({ by: v.string(), comment: v.optional(v.string()) });

/**
 * The sign-offs of a change as the log has them, oldest first. One whose person was taken out of the log is by
 * `redactedIdentity`.
 * @throws HumanError when an entry of this change cannot be read: it may be a request for changes
 */
export function foldApprovals(entries: readonly ReadEntry[], change: Pick<Change, 'run' | 'number'>): readonly Approval[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== approvalGiven || entry.body['run'] !== change.run || entry.body['number'] !== change.number) return [];
    const body = v.safeParse(bodySchema, entry.body);
    const personal = v.safeParse(privateSchema, entry.personal);
    if (!body.success || (entry.personal !== undefined && !personal.success)) {
      throw new HumanError(
        `Entry ${entry.n} of the run log ${entry.chain} is a sign-off that this version of Patchline cannot read. Update Patchline, or verify the log.`,
      );
    }
    const { kind, state, diffHash, source } = body.output;
    const comment = personal.success ? personal.output.comment : undefined;
    return [
      {
        kind,
        by: personal.success ? cleanLine(personal.output.by) : redactedIdentity,
        source: cleanLine(source),
        state,
        diffHash,
        at: entry.time,
        ...(comment === undefined ? {} : { comment: cleanText(comment) }),
      },
    ];
  });
}
