import { isHumanError, throwIfCancelled } from '../../core/errors';
import { preferredFingerprint } from '../../core/findings/fingerprint';
import { createIdentifier, normaliseSnippet } from '../../core/findings/identity';
import { lineHashes } from '../../core/findings/lineHash';
import type { Finding } from '../../core/model/finding';
import type { Task, Workspace } from '../../core/ports';
import { nativeSha256 } from '../clients/nativeSha256';

/** Above this many files reading them would cost more than stable ids are worth. */
const mostFiles = 5000;
/** Larger files are generated or minified: one line of them is no place. */
const largestSource = 1024 * 1024;

/**
 * Gives findings that carry neither a fingerprint nor a snippet (ESLint's SARIF is such) an id by the hash of their line in the
 * workspace's source, so that fixing one finding does not renumber the others of its rule in the file. A snippet comes
 * before the line hash here, other than in the order of tiers: it travels with the report, while the source may have moved on.
 */
export async function addLineHashes(
  findings: readonly Finding[],
  workspace: Workspace,
  task?: Task,
): Promise<readonly Finding[]> {
  const lacking = new Set(findings.filter(lacksIdentity));
  const paths = new Set([...lacking].map((finding) => finding.locations[0]?.path ?? ''));
  if (lacking.size === 0 || paths.size > mostFiles) return findings;
  const hashes = new Map<string, readonly string[]>();
  for (const path of paths) {
    throwIfCancelled(task?.signal);
    const text = await sourceOf(workspace, path);
    if (text !== undefined) hashes.set(path, lineHashes(text));
  }
  const identify = createIdentifier({ sha256: nativeSha256, lineHash: (path, line) => hashes.get(path)?.[line - 1] });
  return findings.map((finding) => {
    if (!lacking.has(finding)) return finding;
    const { id: _, ...draft } = finding;
    return { ...draft, id: identify(draft) };
  });
}

function lacksIdentity(finding: Finding): boolean {
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
