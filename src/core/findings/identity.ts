import { sha256Bytes, sha256Hex } from '../log/digest';
import type { Sha256 } from '../log/digest';
import type { Finding } from '../model/finding';
import { canonicalAdvisory, packagePlaceKey } from './advisoryKey';
import type { DraftFinding } from './draft';
import { plainFinding } from './findingHandle';
import { preferredFingerprint, usableFingerprints } from './fingerprint';
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

/** SHA-256 of the bytes from 0 to `length`, a character a byte. */
export type DigestBytes = (bytes: Uint8Array, length: number) => string;

export interface BulkContext extends IdentityContext {
  /** The same hash as `sha256`, of what is in bytes already. */
  readonly digest?: DigestBytes;
}

const utf8 = new TextEncoder();
const portableDigest: DigestBytes = (bytes, length) => String.fromCharCode(...sha256Bytes(bytes.subarray(0, length)));

/**
 * Gives the ids of one report as 64 bits in two halves (see idOfHalves): the same as createIdentifier gives, with less to be made
 * for each.
 */
export class BulkIdentifier {
  /** The id given last. */
  high = 0;
  low = 0;
  private readonly hash: (text: string) => string;
  private readonly digest: DigestBytes;
  private readonly counts = new IdCounts();

  constructor(private readonly context: BulkContext = {}) {
    this.hash = context.sha256 ?? sha256Hex;
    this.digest = context.digest ?? portableDigest;
  }

  identify(draft: DraftFinding): void {
    this.give(identityKey(draft, this.context));
  }

  /**
   * The id of a finding of code whose key a fingerprint ends; see fingerprintKey. There must be room behind the key.
   * @param key - its UTF-8, from 0 to `length`
   */
  identifyBy(key: Uint8Array, length: number): void {
    this.takeBytes(this.digest(key, length));
    const count = this.counts.add(this.high, this.low);
    if (count === 1) return;
    const { written } = utf8.encodeInto(`:${String(count)}`, key.subarray(length));
    this.takeBytes(this.digest(key, length + written));
  }

  /** Forgets all but the first `count` ids given; equal results are numbered, so what is forgotten must not count. */
  truncate(count: number): void {
    this.counts.truncate(count);
  }

  private give(key: string): void {
    this.take(this.hash(key));
    const count = this.counts.add(this.high, this.low);
    if (count > 1) this.take(this.hash(`${key}:${String(count)}`));
  }

  private takeBytes(digest: string): void {
    const byte = (at: number): number => digest.charCodeAt(at);
    this.high = (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
    this.low = (byte(4) << 24) | (byte(5) << 16) | (byte(6) << 8) | byte(7);
  }

  private take(digest: string): void {
    this.high = halfOf(digest, 0);
    this.low = halfOf(digest, 8);
  }
}

/** What the keys of findings of a rule begin with that a fingerprint identifies; path, zero and fingerprint follow. */
export function fingerprintKey(finding: Pick<DraftFinding, 'scanner' | 'ruleId'>): string {
  return `fingerprint\u0000${ruleOf(finding)}`;
}

/** Of fingerprints with these names, the place of the one that enters the id, as far as names decide; -1 for none. */
export function preferredFingerprintName(names: readonly string[]): number {
  const chosen = preferredFingerprint(Object.fromEntries(names.map((name) => [name, `fingerprint ${name}`])));
  return names.findIndex((name) => chosen === `fingerprint ${name}`);
}

/** The id of 64 bits as text. */
export function idOfHalves(high: number, low: number): string {
  // oxfmt-ignore
  return String.fromCharCode(
    112, 108, 45,
    digit(high >>> 28), digit(high >>> 24), digit(high >>> 20), digit(high >>> 16),
    digit(high >>> 12), digit(high >>> 8), digit(high >>> 4), digit(high),
    digit(low >>> 28), digit(low >>> 24), digit(low >>> 20), digit(low >>> 16),
    digit(low >>> 12), digit(low >>> 8), digit(low >>> 4), digit(low),
  );
}

/** The code of the hex digit of the lowest four bits. */
function digit(bits: number): number {
  const value = bits & 15;
  return value < 10 ? 48 + value : 87 + value;
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
  return drafts.map((draft) => ({ ...plainFinding(draft), id: identify(draft) }));
}

/** The id of a dependency finding from its merged aliases; the same as its parts had when they named the same advisory. */
export function dependencyId(finding: DraftFinding, hash: (text: string) => string = sha256Hex): string {
  return idOfKey(identityKey(finding, {}), hash);
}

/**
 * Ids that the finding would have, or had, if less were known of it: by each of its aliases, or by each version of the tool's
 * fingerprints (SARIF 2.1.0 §3.27.17: results are compared by the latest version that both have).
 */
export function alternativeIds(finding: Finding, hash: Sha256 = sha256Hex): readonly string[] {
  const place = finding.locations[0];
  const keys =
    finding.package !== undefined
      ? finding.aliases.map((alias) => identityKey({ ...plainFinding(finding), aliases: [alias] }, {}))
      : usableFingerprints(finding.fingerprints).map((value) =>
          place === undefined ? identityKey(finding, {}) : `${fingerprintKey(finding)}${place.path}\u0000${value}`,
        );
  return keys.map((key) => idOfKey(key, hash));
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
