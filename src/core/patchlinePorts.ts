import type { DeliveryPorts } from './deliveryPorts';
import type { Sha256 } from './log/digest';
import type { Policy } from './model/policy';
import type {
  Clock,
  EvidenceStore,
  Fixer,
  Forge,
  Identity,
  Prover,
  ReportSource,
  RunLog,
  SourceControl,
  TestWriter,
  Workspace,
} from './ports';

/** Everything the application needs of the world; the front doors choose what stands behind each. */
export interface PatchlinePorts extends DeliveryPorts {
  readonly workspace: Workspace;
  readonly reports: ReportSource;
  /** The policy as it stands now. @throws HumanError naming the place when it cannot be read. */
  policy(): Promise<Policy>;
  /** Owners of a path by the repository's CODEOWNERS as it stands now. */
  owners(): Promise<(path: string) => readonly string[]>;
  readonly fixers: readonly Fixer[];
  readonly testWriter: TestWriter;
  readonly prover: Prover;
  readonly sourceControl: SourceControl;
  forge(): Promise<Forge>;
  readonly log: RunLog;
  readonly evidence: EvidenceStore;
  readonly identity: Identity;
  readonly clock: Clock;
  /** The host's own hash; without it the portable one, which takes many times as long. */
  readonly sha256?: Sha256;
  /** False in Restricted Mode: nothing of the workspace may be run. Asked anew each time. */
  mayRun(): boolean;
  /** Ends what must end with the application: watchers, workers, child processes; resolves when they are gone. */
  dispose(): Promise<void>;
}
