/* oxlint-disable typescript/no-require-imports -- bundled, a module that is required is read when it is asked for, and the
   thread of the tests, which runs from source, has a loader for nothing else */
import type { ReportReader } from '../core/ports';
import type * as npmAudit from './scanners/npmAudit';
import type * as sarif from './scanners/sarif';
import type * as semgrep from './scanners/semgrep';

/** The readers of reportReaders by their id, each loaded alone: the thread that reads a report starts sooner without the others. */
export const readerLoaders: Readonly<Record<string, () => ReportReader>> = {
  sarif: () => (require('./scanners/sarif') as typeof sarif).sarifReader,
  'npm-audit': () => (require('./scanners/npmAudit') as typeof npmAudit).npmAuditReader,
  semgrep: () => (require('./scanners/semgrep') as typeof semgrep).semgrepReader,
};
