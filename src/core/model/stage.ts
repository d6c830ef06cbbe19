/** The eight stages of the patch workflow, in order. */
export const stages = ['detection', 'triage', 'generation', 'build', 'testing', 'approval', 'rollout', 'monitoring'] as const;
export type Stage = (typeof stages)[number];
