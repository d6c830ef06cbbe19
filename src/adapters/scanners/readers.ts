import type { ReportReader } from '../../core/ports';
import { npmAuditReader } from './npmAudit';
import { sarifReader } from './sarif';
import { semgrepReader } from './semgrep';

/** Every report format that is read, in the order in which they are asked whether they recognise a file. */
export const readers: readonly ReportReader[] = [sarifReader, npmAuditReader, semgrepReader];
