/**
 * One line of the run log: canonical JSON (RFC 8785), UTF-8, LF.
 * `hash` is the SHA-256 (hex) of the canonical JSON of the entry without `hash`; `prev` is the previous entry's `hash`
 * (64 zeros for the first). Personal data never stands here: `actor.digest` and `private` are salted digests, and what they
 * stand for lies in the payload file beside the chain, from which a line may be redacted without breaking the chain.
 */
export interface LogEntry {
  readonly v: 1;
  /** One chain per writer (machine and repository clone): a random id, so that chains of several people can be merged. */
  readonly chain: string;
  /** 1-based, without gaps within a chain. */
  readonly n: number;
  readonly prev: string;
  /** UTC, ISO 8601 with milliseconds and Z. */
  readonly time: string;
  readonly actor: { readonly kind: 'person' | 'rule' | 'system'; readonly source: string; readonly digest: string };
  /** What happened, e.g. `step`, `findings.imported`, `decision`. */
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Salted digest of further personal data in the payload, if any. */
  readonly private?: string;
  readonly hash: string;
}

/** An entry as a reader gets it: with the actor's identity and further personal data where the payload still stands. */
export interface ReadEntry extends LogEntry {
  readonly identity?: string;
  readonly personal?: Readonly<Record<string, unknown>>;
}

/** What verification says of one chain. */
export type LogVerdict =
  | { readonly kind: 'intact'; readonly chain: string; readonly entries: number; readonly head: string }
  | {
      readonly kind: 'altered' | 'deleted' | 'reordered' | 'torn' | 'unreadable';
      readonly chain: string;
      readonly line: number;
      readonly n: number;
      readonly why: string;
    }
  | { readonly kind: 'anchor-mismatch'; readonly chain: string; readonly n: number; readonly why: string };
