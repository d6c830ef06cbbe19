/** Everything that passes between the panel and its host, both ways. The panel draws state and sends commands; it decides nothing. */

/** SARIF-like outcome words of a stage or check, and where none was reached. */
export type PanelOutcome = 'successful' | 'failed' | 'error' | 'inconclusive' | 'waiting' | 'closed' | 'not-reached';

export interface PanelEvidence {
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: string;
}

/** One recorded part of a stage. */
export interface PanelPart {
  readonly title: string;
  readonly outcome: PanelOutcome;
  readonly summary: string;
  readonly attempt: number;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  /** `12 of 3f2a…`: where it stands in the log. */
  readonly entry: string;
  readonly evidence: readonly PanelEvidence[];
}

export interface PanelStage {
  readonly id: string;
  readonly title: string;
  readonly state: PanelOutcome;
  /** What the stage will show, where it was not reached. */
  readonly hint: string;
  readonly since?: string;
  /** Milliseconds. */
  readonly duration?: number;
  readonly parts: readonly PanelPart[];
}

export interface PanelCheck {
  readonly title: string;
  readonly outcome: PanelOutcome;
  readonly detail: string;
  readonly duration: number;
  readonly evidence: readonly PanelEvidence[];
}

export interface PanelAction {
  /** Command of the host; the finding's id goes with it. */
  readonly command: string;
  readonly title: string;
  readonly icon: string;
  readonly primary: boolean;
}

/** A line of a unified diff, for drawing. */
export interface PanelDiffLine {
  readonly kind: 'file' | 'hunk' | 'added' | 'removed' | 'context';
  readonly text: string;
}

export interface PanelState {
  readonly findingId: string;
  readonly title: string;
  readonly severity: string;
  readonly where: string;
  readonly rule: string;
  readonly scanner: string;
  readonly aliases: readonly string[];
  readonly cwe: readonly string[];
  readonly cvss?: string;
  readonly priority: number;
  readonly band: string;
  readonly reasons: readonly { readonly points: number; readonly text: string }[];
  readonly owners: readonly string[];
  readonly due?: string;
  readonly references: readonly string[];
  readonly stages: readonly PanelStage[];
  readonly patch?: {
    readonly title: string;
    readonly reason: string;
    readonly fixer: string;
    readonly notes: readonly string[];
    readonly diff: readonly PanelDiffLine[];
    /** Lines that were left out of `diff` because it is long. */
    readonly cut: number;
  };
  readonly test?: { readonly path: string; readonly claim: string; readonly strength: string; readonly framework: string };
  readonly proof?: {
    readonly outcome: PanelOutcome;
    readonly weaker: boolean;
    /** False when patch or test changed since it was made. */
    readonly current: boolean;
    readonly base: string;
    readonly checks: readonly PanelCheck[];
  };
  readonly pullRequest?: {
    readonly title: string;
    readonly forge: string;
    readonly number: number;
    readonly branch: string;
    readonly url: string;
  };
  readonly actions: readonly PanelAction[];
  /** What is wrong with the log, if anything. */
  readonly logProblem?: string;
}

export type ToPanel = { readonly kind: 'state'; readonly state: PanelState } | { readonly kind: 'gone'; readonly why: string };

export type FromPanel =
  | { readonly kind: 'ready' }
  | { readonly kind: 'command'; readonly command: string; readonly findingId: string }
  | { readonly kind: 'evidence'; readonly sha256: string; readonly name: string; readonly mediaType: string }
  | { readonly kind: 'place' }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'failed'; readonly message: string };

/** True for a message that the panel may send; whatever else arrives is dropped. */
export function isFromPanel(message: unknown): message is FromPanel {
  if (typeof message !== 'object' || message === null) return false;
  const record = message as Readonly<Record<string, unknown>>;
  const texts = (...keys: readonly string[]) => keys.every((key) => typeof record[key] === 'string');
  switch (record['kind']) {
    case 'ready':
    case 'place':
      return true;
    case 'command':
      return texts('command', 'findingId');
    case 'evidence':
      return texts('sha256', 'name', 'mediaType');
    case 'link':
      return texts('url');
    case 'failed':
      return texts('message');
    default:
      return false;
  }
}
