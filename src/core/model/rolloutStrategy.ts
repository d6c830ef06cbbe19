/** How a version gets its traffic, as the policy writes it. */
export type RolloutStrategy =
  | {
      readonly kind: 'canary';
      readonly steps: readonly { readonly weight: number; readonly bakeSeconds: number; readonly pause?: boolean }[];
    }
  | { readonly kind: 'blue-green'; readonly bakeSeconds: number; readonly pause?: boolean }
  | { readonly kind: 'rolling'; readonly batches: number; readonly bakeSeconds: number }
  | {
      readonly kind: 'flag';
      readonly flag: string;
      readonly steps: readonly { readonly weight: number; readonly bakeSeconds: number; readonly pause?: boolean }[];
    };
