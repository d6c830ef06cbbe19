import type { ArtifactRegistry, Approvals, Builder, Ci, Leases, Monitor, RolloutProvider } from './ports';

/** What the second half of the way needs of the world; the front doors choose what stands behind each. */
export interface DeliveryPorts {
  ci(): Promise<Ci>;
  readonly builder: Builder;
  registry(): Promise<ArtifactRegistry>;
  /** Where people approve. */
  approvals(): Promise<Approvals>;
  /** Sign-offs in the run log itself: rules, solo and demo identities are recorded there whatever the forge is. */
  readonly signOffs: Approvals;
  /** @throws HumanError for an id that no provider has. */
  rollout(id: string): RolloutProvider;
  /** @throws HumanError for an id that no monitor has. */
  monitor(id: string): Monitor;
  readonly leases: Leases;
  /** Address of the repository for provenance; undefined where it has none. */
  repositoryUri(): Promise<string | undefined>;
}
