/** Who did something. The identity is personal data: the log keeps it as a salted digest beside a separate payload. */
export interface Actor {
  readonly kind: 'person' | 'rule' | 'system';
  /** `Ada Lovelace <ada@example.org>`, or a rule's name. */
  readonly identity: string;
  /** Where the identity comes from: `git-config`, `os-user`, `github`, `policy`, `patchline`. */
  readonly source: string;
}
