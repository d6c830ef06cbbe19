import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogVerdict } from '../../core/model/logEntry';
import { parseEntry } from '../../core/log/chain';
import type { Anchor } from '../../core/log/verifyChain';
import { verifyChain } from '../../core/log/verifyChain';
import { nodeSha256 } from '../clients/nodeSha256';
import { payloadOf, readPayloads } from './payloadFile';

/**
 * Verifies one chain file: the chain itself, and every payload line that still stands beside it.
 * The chain's id is the file's name.
 */
export async function verifyLogFile(file: string, anchor?: Anchor): Promise<LogVerdict> {
  const chain = path.basename(file).replace(/\.jsonl$/, '');
  const content = await readFile(file, 'utf8');
  const verdict = verifyChain(chain, content, anchor, nodeSha256);
  if (verdict.kind !== 'intact') return verdict;
  const payloads = await readPayloads(file.replace(/\.jsonl$/, '.private.jsonl'));
  for (const [index, text] of content.split('\n').entries()) {
    const entry = text === '' ? undefined : parseEntry(text);
    if (entry === undefined || 'why' in entry) continue;
    if (payloads.has(entry.n) && payloadOf(entry, payloads) === undefined) {
      const why = `the personal data beside entry ${entry.n} is not what was recorded: it was altered`;
      return { kind: 'altered', chain, line: index + 1, n: entry.n, why };
    }
  }
  return verdict;
}
