/** Who does something that only one of several windows and processes may do at a time (starting or polling a rollout). */
export interface Leases {
  /**
   * Takes the lease, or undefined while another living process holds it. A holder that died loses it at once on the same
   * machine, else after a while.
   */
  take(name: string): Promise<Lease | undefined>;
  /** Who holds it now, for people; undefined when nobody does. */
  holder(name: string): Promise<string | undefined>;
}

export interface Lease {
  /** False once another process has taken it over, or it was taken away: this one was suspended for so long that it gave no sign. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}
