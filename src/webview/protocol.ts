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

/** One button of the panel beside those of the moment; `argument` goes with the finding's id. */
export interface PanelLink {
  readonly command: string;
  readonly title: string;
  readonly argument?: string;
}

export interface PanelCiCheck {
  readonly id: string;
  readonly name: string;
  readonly outcome: PanelOutcome;
  /** `running`, `timed out`, `skipped`: the provider's state in words. */
  readonly word: string;
  readonly attempt: number;
  /** `required`, `not required`; absent where the provider does not say. */
  readonly required?: string;
  readonly since?: string;
  /** Milliseconds; absent while it runs. */
  readonly duration?: number;
  readonly summary?: string;
  readonly hasLog: boolean;
  /** https only. */
  readonly url?: string;
}

export interface PanelCi {
  readonly outcome: PanelOutcome;
  /** One sentence: `3 of 5 checks passed, 1 failed, 1 runs.` */
  readonly summary: string;
  readonly provider: string;
  readonly commit: string;
  readonly readAt: string;
  readonly checks: readonly PanelCiCheck[];
  /** Checks that must pass and that nobody has reported. */
  readonly missing: readonly string[];
  readonly canRerun: boolean;
}

export interface PanelArtifact {
  readonly name: string;
  readonly digest: string;
  readonly size: string;
  readonly registry: string;
  readonly uri: string;
  readonly commit: string;
  readonly reproducible: PanelOutcome;
  readonly verdict: string;
  readonly differences: readonly string[];
  readonly provenance: PanelEvidence;
}

/** Tests of one sort (`Broken by the patch`), named. */
export interface PanelTestList {
  readonly title: string;
  readonly bad: boolean;
  readonly names: readonly string[];
  /** Names that were left out because there are many. */
  readonly cut: number;
}

export interface PanelTests {
  readonly outcome: PanelOutcome;
  readonly summary: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** How the patch's own regression test came out. */
  readonly regression: string;
  readonly lists: readonly PanelTestList[];
}

export interface PanelReview {
  readonly by: string;
  /** `approved`, `asked for changes`, … */
  readonly word: string;
  /** `solo`, `by rule`, `demo identity`: shown wherever the approval is shown. */
  readonly label?: string;
  readonly at: string;
  readonly comment?: string;
  /** Why it does not count. */
  readonly passedOver?: string;
}

export interface PanelApproval {
  readonly outcome: PanelOutcome;
  readonly summary: string;
  readonly risk: string;
  readonly reasons: readonly string[];
  /** Who must approve, one sentence. */
  readonly needs: string;
  readonly waitsFor: readonly string[];
  readonly reviews: readonly PanelReview[];
}

export interface PanelRolloutStep {
  readonly name: string;
  readonly weight: number;
  /** `back`: the rollout was taken back from here. */
  readonly state: 'over' | 'current' | 'ahead' | 'back';
  /** `bakes 10 min, then a person goes on`. */
  readonly detail: string;
}

export interface PanelVerdict {
  readonly title: string;
  readonly outcome: PanelOutcome;
  readonly message: string;
}

export interface PanelRollout {
  readonly outcome: PanelOutcome;
  /** `Step 2 of 4, 25 % of the traffic.` */
  readonly summary: string;
  readonly phase: string;
  readonly service: string;
  readonly environment: string;
  readonly provider: string;
  readonly artifact: string;
  /** Percent. */
  readonly weight: number;
  readonly steps: readonly PanelRolloutStep[];
  /** The time that runs now: the bake time of a step, the watch after 100 %. ISO 8601. */
  readonly clock?: { readonly title: string; readonly from: string; readonly to: string };
  /** What a person should know, in order: paused and why, what failed, that nobody watches. */
  readonly notes: readonly string[];
  readonly wayBack: string;
  readonly rehearsal: string;
  readonly verdicts: readonly PanelVerdict[];
  readonly events: readonly { readonly at: string; readonly by: string; readonly text: string; readonly entry: string }[];
  /** Older events that were left out. */
  readonly cut: number;
}

/** A line chart, prepared: the panel draws it and adds nothing. */
export interface PanelChart {
  readonly id: string;
  readonly title: string;
  readonly unit: 'percent' | 'number' | 'duration' | 'health';
  /** A point a week: days instead of times. */
  readonly weekly?: true;
  /** `main` is drawn through, `beside` dashed. Points: milliseconds since the epoch and value, in time order. */
  readonly lines: readonly {
    readonly name: string;
    readonly look: 'main' | 'beside';
    readonly points: readonly (readonly [number, number])[];
  }[];
  readonly limits: readonly { readonly value: number; readonly label: string }[];
  /** The last values in words. */
  readonly last: readonly string[];
  /** What a screen reader says in place of the picture. */
  readonly summary: string;
  readonly verdict?: PanelVerdict;
}

export interface PanelChecklistItem {
  readonly text: string;
  readonly state: 'done' | 'no' | 'not-yet';
  /** What is missing. */
  readonly detail?: string;
  /** Where to get it. */
  readonly link?: PanelLink;
}

/** Everything behind the pull request; a part that was not reached is absent, and `hints` say what will stand there. */
export interface PanelDelivery {
  readonly waitsFor: string;
  /** Why what is shown may be old. */
  readonly problem?: string;
  /** Spoken when it changes. */
  readonly announcement: string;
  /** A breach or a failure that needs eyes now. */
  readonly alert?: { readonly level: 'error' | 'warning'; readonly text: string; readonly detail: string };
  readonly checklist: readonly PanelChecklistItem[];
  readonly ci?: PanelCi;
  readonly artifact?: PanelArtifact;
  readonly tests?: PanelTests;
  readonly approval?: PanelApproval;
  readonly rollout?: PanelRollout;
  readonly charts: readonly PanelChart[];
  /** The other services of a patch that touches several, in the order in which they go. */
  readonly others: readonly { readonly rollout: PanelRollout; readonly charts: readonly PanelChart[] }[];
  /** Taken back: the pull request that takes the merge back. */
  readonly revert?: { readonly number: number };
  /** Post-mortem, release notes, changelog line: what there is to read. */
  readonly documents: readonly PanelLink[];
  /** The buttons of the first half, which are no longer the moment's. */
  readonly earlier: readonly PanelAction[];
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
  readonly delivery?: PanelDelivery;
  /** What is wrong with the log, if anything. */
  readonly logProblem?: string;
}

export interface DashboardTile {
  readonly title: string;
  readonly value: string;
  readonly detail: string;
}

/** One bar of several; `share` of the longest, 0 … 1. */
export interface DashboardBar {
  readonly title: string;
  readonly share: number;
  readonly words: string;
}

/** The figures of all runs, in words. */
export interface DashboardState {
  readonly runs: number;
  readonly period: string;
  readonly tiles: readonly DashboardTile[];
  readonly stages: readonly DashboardBar[];
  /** One sentence that names it. */
  readonly bottleneck?: string;
  readonly severities: readonly DashboardBar[];
  readonly charts: readonly PanelChart[];
  readonly incidents: readonly {
    readonly findingId: string;
    readonly title: string;
    readonly at: string;
    readonly what: string;
  }[];
  /** Older incidents that were left out. */
  readonly cut: number;
}

export type ToPanel = { readonly kind: 'state'; readonly state: PanelState } | { readonly kind: 'gone'; readonly why: string };

/** What the editor keeps of an open page over a reload of the window. */
export interface PanelMemory {
  readonly findingId: string;
}

/** The finding that a kept page showed; undefined for anything that is no memory of ours. */
export function rememberedFinding(memory: unknown): string | undefined {
  if (typeof memory !== 'object' || memory === null || !('findingId' in memory)) return undefined;
  return typeof memory.findingId === 'string' && memory.findingId !== '' ? memory.findingId : undefined;
}

export type FromPanel =
  | { readonly kind: 'ready' }
  | { readonly kind: 'command'; readonly command: string; readonly findingId: string; readonly argument?: string }
  | { readonly kind: 'evidence'; readonly sha256: string; readonly name: string; readonly mediaType: string }
  | { readonly kind: 'place' }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'copy'; readonly text: string }
  /** The page of the pull request that takes the merge back. */
  | { readonly kind: 'revert' }
  | { readonly kind: 'failed'; readonly message: string };

/** True for a message that the panel may send; whatever else arrives is dropped. */
export function isFromPanel(message: unknown): message is FromPanel {
  if (typeof message !== 'object' || message === null) return false;
  const record = message as Readonly<Record<string, unknown>>;
  const texts = (...keys: readonly string[]) => keys.every((key) => typeof record[key] === 'string');
  switch (record['kind']) {
    case 'ready':
    case 'place':
    case 'revert':
      return true;
    case 'command':
      return texts('command', 'findingId') && ['undefined', 'string'].includes(typeof record['argument']);
    case 'copy':
      return texts('text');
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
