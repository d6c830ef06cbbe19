import { setImmediate as nextTurn } from 'node:timers/promises';
import { isHumanError, messageOf, throwIfCancelled } from '../../core/errors';
import { preferredFingerprint } from '../../core/findings/fingerprint';
import { plainFinding } from '../../core/findings/findingHandle';
import { createIdentifier, normaliseSnippet } from '../../core/findings/identity';
import { isFingerprinted } from '../../core/findings/rowFinding';
import { lineHashes } from '../../core/findings/lineHash';
import type { Finding } from '../../core/model/finding';
import type { ReportFile, Task, Workspace } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';
import type { KnownLineIds } from './knownLineIds';

/** Above this many files reading them would cost more than stable ids are worth. */
const mostFiles = 5000;
/** Findings that are looked at before other work of the thread gets its turn. */
const findingsPerTurn = 5000;
/** Larger files are generated or minified: one line of them is no place. */
const largestSource = 1024 * 1024;

/**
 * Gives findings that carry neither a fingerprint nor a snippet (ESLint's SARIF is such) an id by the hash of their line in the
 * workspace's source, so that fixing one finding does not renumber the others of its rule in the file. A snippet comes
 * before the line hash here, other than in the order of tiers: it travels with the report, while the source may have moved on.
 */
export async function addLineHashes(
  findings: readonly Finding[],
  file: ReportFile,
  { workspace, lineIds, signal }: Task & { readonly workspace: Workspace; readonly lineIds?: KnownLineIds },
): Promise<{ readonly findings: readonly Finding[]; readonly note?: string }> {
  const lacking = new Set<Finding>();
  for (let from = 0; from < findings.length; from += findingsPerTurn) {
    // The thread may be the one that draws the editor.
    if (from > 0) await nextTurn();
    for (const finding of findings.slice(from, from + findingsPerTurn)) if (lacksIdentity(finding)) lacking.add(finding);
  }
  if (lacking.size === 0) return { findings };
  let note: string | undefined;
  // Where nothing can be remembered (a read-only disk) the findings are as good, only their ids less lasting.
  const failed = (error: unknown): undefined => void (note = `Ids of findings could not be remembered: ${messageOf(error)}`);
  const known = await lineIds?.recall(file).catch(failed);
  const ids = known ?? (await idsByLine([...lacking], workspace, signal));
  if (known === undefined && ids.size > 0) await lineIds?.remember(file, ids).catch(failed);
  const identified = findings.map((finding) => {
    const id = lacking.has(finding) ? ids.get(indexOf(finding)) : undefined;
    return id === undefined ? finding : { ...plainFinding(finding), id };
  });
  return { findings: identified, ...(note === undefined ? {} : { note }) };
}

async function idsByLine(
  lacking: readonly Finding[],
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, string>> {
  const paths = new Set(lacking.map((finding) => finding.locations[0]?.path ?? ''));
  if (paths.size > mostFiles) return new Map();
  const hashes = new Map<string, readonly string[]>();
  for (const path of paths) {
    throwIfCancelled(signal);
    const text = await sourceOf(workspace, path);
    if (text !== undefined) hashes.set(path, lineHashes(text));
  }
  const identify = createIdentifier({ sha256: nativeSha256, lineHash: (path, line) => hashes.get(path)?.[line - 1] });
  // Without a source the id is what it was.
  return hashes.size === 0 ? new Map() : new Map(lacking.map((finding) => [indexOf(finding), identify(finding)]));
}

function indexOf(finding: Pick<Finding, 'witnesses'>): number {
  return finding.witnesses[0]?.index ?? -1;
}

function lacksIdentity(finding: Finding): boolean {
  if (isFingerprinted(finding)) return false;
  const place = finding.locations[0];
  return (
    finding.package === undefined &&
    place?.startLine !== undefined &&
    preferredFingerprint(finding.fingerprints) === undefined &&
    normaliseSnippet(place.snippet) === ''
  );
}

/** A source that is not there, is no text or lies behind a link leading outside only leaves its findings with weaker ids. */
async function sourceOf(workspace: Workspace, path: string): Promise<string | undefined> {
  try {
    const text = await workspace.readText(path);
    return text === undefined || text.length > largestSource ? undefined : text;
  } catch (error) {
    if (isHumanError(error)) return undefined;
    throw error;
  }
}
