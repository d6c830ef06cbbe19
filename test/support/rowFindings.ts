import type { DraftFinding } from '../../src/core/findings/draft';
import { FindingEncoder } from '../../src/core/findings/findingBatch';
import { FindingDecoder } from '../../src/core/findings/findingDecoder';
import type { Finding } from '../../src/core/model/finding';

/** The findings as those of a large report come from its reader, in batches of `size`; what cannot be a row comes whole. */
export function asRows(drafts: readonly DraftFinding[], size = 64): readonly Finding[] {
  const encoder = new FindingEncoder(size);
  const decoder = new FindingDecoder();
  for (const draft of drafts) {
    if (encoder.isFull) decoder.append(encoder.take());
    encoder.add(draft);
  }
  decoder.append(encoder.take());
  return decoder.findings;
}
