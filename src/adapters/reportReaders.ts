import type { ReportReader } from '../core/ports';
import { npmAuditReader } from './scanners/npmAudit';
import { sarifReader } from './scanners/sarif';
import { semgrepReader } from './scanners/semgrep';

/** Every report format that is read, in the order in which they are asked whether a report is theirs. One line per format. */
export const reportReaders: readonly ReportReader[] = [sarifReader, npmAuditReader, semgrepReader];
