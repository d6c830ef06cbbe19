import { sha256Hex } from '../log/digest';
import type { Finding } from '../model/finding';
import { canonicalAdvisory, packagePlaceKey } from './advisoryKey';
import type { DraftFinding } from './draft';
import { isPlaceholder, preferredFingerprint, usableFingerprints } from './fingerprint';
import { IdCounts } from './idCounts';
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

/** The ids of findings that come as rows of a batch: the same as an Identifier gives, with less to be made for each. */
export interface RowIdentifier {
  /** Which of a finding's fingerprints enters its id, as far as their names decide. */
  preferred(names: readonly string[]): string | undefined;
  /** The id of a finding of code at a place with this fingerprint; undefined for a placeholder: ask `byDraft`. */
  byFingerprint(finding: Pick<DraftFinding, 'scanner' | 'ruleId'>, path: string, fingerprint: string): string | undefined;
  byDraft(draft: DraftFinding): string;
}

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

/** Starts the ids of one report, as createIdentifier does. */
export function createRowIdentifier(context: IdentityContext = {}): RowIdentifier {
  const hash = context.sha256 ?? sha256Hex;
  const counts = new IdCounts();
  const beginnings = new Map<object, string>();
  const choices = new Map<readonly string[], string | undefined>();
  const give = (key: string): string => {
    const digest = hash(key);
    const count = counts.add(halfOf(digest, 0), halfOf(digest, 8));
    return flatId(count === 1 ? digest : hash(`${key}:${String(count)}`));
  };
  return {
    preferred(names) {
      if (!choices.has(names)) {
        const chosen = preferredFingerprint(Object.fromEntries(names.map((name) => [name, `fingerprint ${name}`])));
        choices.set(
          names,
          names.find((name) => chosen === `fingerprint ${name}`),
        );
      }
      return choices.get(names);
    },
    byFingerprint(finding, path, fingerprint) {
      if (isPlaceholder(fingerprint)) return undefined;
      let beginning = beginnings.get(finding);
      if (beginning === undefined) beginnings.set(finding, (beginning = `fingerprint\u0000${ruleOf(finding)}`));
      return give(`${beginning}${path}\u0000${fingerprint}`);
    },
    byDraft: (draft) => give(identityKey(draft, context)),
  };
}

/**
 * The id in memory of its own. Cut out of the digest, as V8 keeps it, it would hold on to the whole digest and the pieces, four
 * times its size, for as long as the finding lives.
 */
function flatId(digest: string): string {
  const c = (at: number): number => digest.charCodeAt(at);
  // prettier-ignore
  return String.fromCharCode(
    112, 108, 45, c(0), c(1), c(2), c(3), c(4), c(5), c(6), c(7), c(8), c(9), c(10), c(11), c(12), c(13), c(14), c(15),
  );
}

/** Eight hex digits as 32 bits. */
function halfOf(digest: string, from: number): number {
  let half = 0;
  for (let i = from; i < from + 8; i++) {
    const code = digest.charCodeAt(i);
    half = (half << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return half;
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
  const place = draft.locations[0];
  if (place === undefined) {
    return `any\u0000${ruleOf(draft)}${draft.component ?? ''}\u0000${draft.reproduction ?? ''}`;
  }
  const base = `${ruleOf(draft)}${place.path}\u0000`;
  const fingerprint = preferredFingerprint(draft.fingerprints);
  if (fingerprint !== undefined) return `fingerprint\u0000${base}${fingerprint}`;
  const line = context.lineHash?.(place.path, place.startLine ?? 1);
  if (line !== undefined) return `line\u0000${base}${line}`;
  const snippet = normaliseSnippet(place.snippet);
  return snippet === '' ? `place\u0000${base}` : `snippet\u0000${base}${snippet}`;
}

/** Two tools may each find something with a rule of the same name: whether it is one thing, merging tells by the place. */
function ruleOf({ scanner, ruleId }: Pick<DraftFinding, 'scanner' | 'ruleId'>): string {
  return `${scanner.toLowerCase()}\u0000${ruleKey(ruleId)}\u0000`;
}

/** Without white space: indentation and line endings change without the finding changing. */
export function normaliseSnippet(snippet: string | undefined): string {
  return snippet === undefined ? '' : snippet.slice(0, snippetLimit).replace(/\s+/g, '');
}
