import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogEntry, LogVerdict } from '../../core/model/logEntry';
import type { Anchor } from '../../core/log/verifyChain';
import { readChain } from '../../core/log/verifyChain';
import { nativeSha256 } from '../clients/nativeSha256';
import type { PayloadLine } from './payloadFile';
import { payloadOf, readPayloads } from './payloadFile';

/**
 * Verifies one chain file: the chain itself, and every payload line that still stands beside it.
 * The chain's id is the file's name; of a copy under another name it is what its first entry says.
 */
export async function verifyLogFile(file: string, anchor?: Anchor): Promise<LogVerdict> {
  const content = await readFile(file, 'utf8');
  return verifyLog(file, content, await readPayloads(file.replace(/\.jsonl$/, '.private.jsonl')), anchor).verdict;
}

/** Like `verifyLogFile`, of what was read of both files already; with every entry that can be read and its payload. */
export function verifyLog(
  file: string,
  content: string,
  payloads: ReadonlyMap<number, readonly PayloadLine[]>,
  anchor?: Anchor,
): { readonly verdict: LogVerdict; readonly entries: readonly { readonly entry: LogEntry; readonly payload?: PayloadLine }[] } {
  const chain = chainOf(file, content);
  const { verdict, read } = readChain(chain, content, anchor, nativeSha256);
  let altered: LogVerdict | undefined;
  const entries = read.map(({ line, entry }) => {
    const payload = payloadOf(entry, payloads);
    if (payload !== undefined) return { entry, payload };
    if (payloads.has(entry.n)) {
      const why = `the personal data beside entry ${entry.n} is not what was recorded: it was altered`;
      altered ??= { kind: 'altered', chain, line, n: entry.n, why };
    }
    return { entry };
  });
  return { verdict: verdict.kind === 'intact' ? (altered ?? verdict) : verdict, entries };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** In the log's folder a name must fit what the file holds, so that no chain can stand in another's place. */
function chainOf(file: string, content: string): string {
  const name = path.basename(file).replace(/\.jsonl$/, '');
  if (uuid.test(name)) return name;
  try {
    const { chain } = JSON.parse(content.slice(0, content.indexOf('\n') + 1)) as { readonly chain?: unknown };
    return typeof chain === 'string' ? chain : name;
  } catch {
    // No entry stands on the first line, which is then what is wrong.
    return name;
  }
}
