import { sha256Hex } from '../log/digest';
import type { Finding } from '../model/finding';
import { canonicalAdvisory, packagePlaceKey } from './advisoryKey';
import type { DraftFinding } from './draft';
import { preferredFingerprint, usableFingerprints } from './fingerprint';
import { ruleKey } from './ruleKey';

export interface IdentityContext {
  /**
   * SHA-256 of the UTF-8 of a text, in hex. Where a native one is at hand it is about eight times as fast as the portable
   * one, which is the default; both give the same ids.
   */
  readonly sha256?: (text: string) => string;
  /** Hash of a line (see lineHash) where the source text is known and is the one that was scanned. */
  readonly lineHash?: (path: string, line: number) => string | undefined;
}

/** Gives each draft of one report its id; keeps count of equal ones, so it is called once per result, in report order. */
export type Identifier = (draft: DraftFinding) => string;

/** Longer snippets say no more about which finding it is. */
const snippetLimit = 2000;

/**
 * Starts the ids of one report. An id is `pl-` and the first 16 hex digits of the SHA-256 of a key that holds neither line
 * number nor severity nor message, so that it stays when lines move and when a tool words its message anew:
 * - dependency: the advisory (canonical id of its aliases), the package without version, the manifest;
 * - code: tool, rule and path, with the tool's fingerprint, else the hash of the line (CodeQL's), else the normalised snippet,
 *   else nothing; without any location the component and the reproduction stand for the place.
 * The n-th result with the same key carries `:n`, so equal results stay apart and keep their ids.
 */
export function createIdentifier(context: IdentityContext = {}): Identifier {
  const hash = context.sha256 ?? sha256Hex;
  const seen = new Map<string, number>();
  return (draft) => {
    const key = identityKey(draft, context);
    const id = idOfKey(key, hash);
    // Counted by id, which is short; by the key it would cost as much as the hash.
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : idOfKey(`${key}:${String(count)}`, hash);
  };
}

/** The drafts of one report with their ids, in the same order. */
export function identifyFindings(drafts: readonly DraftFinding[], context: IdentityContext = {}): Finding[] {
  const identify = createIdentifier(context);
  return drafts.map((draft) => ({ ...draft, id: identify(draft) }));
}

/** The id of a dependency finding from its merged aliases; the same as its parts had when they named the same advisory. */
export function dependencyId(finding: DraftFinding, hash: (text: string) => string = sha256Hex): string {
  return idOfKey(identityKey(finding, {}), hash);
}

/**
 * Ids that the finding would have, or had, if less were known of it: by each of its aliases, or by each version of the tool's
 * fingerprints (SARIF 2.1.0 §3.27.17: results are compared by the latest version that both have).
 */
export function alternativeIds(finding: Finding): readonly string[] {
  const { id: _, ...draft } = finding;
  const variants: readonly DraftFinding[] =
    draft.package !== undefined
      ? draft.aliases.map((alias) => ({ ...draft, aliases: [alias] }))
      : usableFingerprints(draft.fingerprints).map((value) => ({ ...draft, fingerprints: { value } }));
  return variants.map((variant) => idOfKey(identityKey(variant, {}), sha256Hex));
}

function idOfKey(key: string, hash: (text: string) => string): string {
  return `pl-${hash(key).slice(0, 16)}`;
}

function identityKey(draft: DraftFinding, context: IdentityContext): string {
  if (draft.package !== undefined) {
    return `sca\u0000${canonicalAdvisory(draft.aliases, draft.ruleId)}\u0000${packagePlaceKey(draft.package, draft.component)}`;
  }
  // Two tools may each find something with a rule of the same name: whether it is one thing, merging tells by the place.
  const tool = `${draft.scanner.toLowerCase()}\u0000`;
  const place = draft.locations[0];
  if (place === undefined) {
    return `any\u0000${tool}${ruleKey(draft.ruleId)}\u0000${draft.component ?? ''}\u0000${draft.reproduction ?? ''}`;
  }
  const base = `${tool}${ruleKey(draft.ruleId)}\u0000${place.path}\u0000`;
  const fingerprint = preferredFingerprint(draft.fingerprints);
  if (fingerprint !== undefined) return `fingerprint\u0000${base}${fingerprint}`;
  const line = context.lineHash?.(place.path, place.startLine ?? 1);
  if (line !== undefined) return `line\u0000${base}${line}`;
  const snippet = normaliseSnippet(place.snippet);
  return snippet === '' ? `place\u0000${base}` : `snippet\u0000${base}${snippet}`;
}

/** Without white space: indentation and line endings change without the finding changing. */
export function normaliseSnippet(snippet: string | undefined): string {
  return snippet === undefined ? '' : snippet.slice(0, snippetLimit).replace(/\s+/g, '');
}
