/**
 * The honest words for how something ended (Argo's AnalysisRun phases, plus the two a workflow needs).
 * successful; failed: measured, and bad; error: could not measure; inconclusive: a person decides; waiting: not ended;
 * closed: rightly ends here. Could-not-check is never green.
 */
export type Outcome = 'successful' | 'failed' | 'error' | 'inconclusive' | 'waiting' | 'closed';
