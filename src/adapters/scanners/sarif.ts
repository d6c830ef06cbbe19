import { throwIfCancelled } from '../../core/errors';
import { plainFinding } from '../../core/findings/findingHandle';
import type { FindingSink, StreamingReader } from '../../core/findings/findingSink';
import { createIdentifier, identifyFindings } from '../../core/findings/identity';
import type { Finding } from '../../core/model/finding';
import type { ReadReport, ReportFile } from '../../core/ports';
import { readSarifLog } from '../../core/sarif/log';
import type { ReadingPlace } from '../../core/sarif/runContext';
import { streamSarifLog } from '../../core/sarif/stream/streamLog';
import { Tally } from '../../core/sarif/tally';
import { bufferDecoding } from '../clients/bufferDecoding';
import { nativeSha256 } from '../clients/nativeSha256';
import { astralLines } from './astralLines';
import { readReportJson } from './readReportJson';
import { readDetail } from './sarifDetail';
import { withFile } from './sarifFile';
import { sourceOffsets } from './sourceOffsets';

/** From this size on a log is streamed: below it JSON.parse is as quick, and all detail fits. */
const streamedFrom = 8 * 1024 * 1024;

/**
 * SARIF 2.1.0 (OASIS), by the specification: see core/sarif. Large logs are streamed: their findings come without code flows,
 * properties and long messages, which `readDetail` reads from the file when a finding is opened.
 */
export const sarifReader: StreamingReader = {
  id: 'sarif',
  displayName: 'SARIF',
  url: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html',
  capabilities: ['code', 'fixes', 'code flows', 'suppressions', 'baseline', 'streaming'],

  recognises(head, name) {
    if (!/^\ufeff?\s*\{/.test(head)) return false;
    if (/"\$schema"\s*:\s*"[^"]*sarif/i.test(head)) return true;
    if (/\.sarif(?:\.json)?$/i.test(name)) return true;
    return /"runs"\s*:\s*\[/.test(head) && /"(?:tool|version)"\s*:/.test(head);
  },

  async read(file, workspaceRoot, task): Promise<ReadReport> {
    throwIfCancelled(task?.signal);
    if (!sarifReader.streams(file)) return readWhole(file, workspaceRoot, await readReportJson(file, task));
    const findings: Finding[] = [];
    let identify = createIdentifier({ sha256: nativeSha256 });
    const rest = sarifReader.stream(file, workspaceRoot, {
      add: (draft) => findings.push({ ...plainFinding(draft), id: identify(draft) }),
      rewind(count) {
        findings.length = count;
        identify = createIdentifier({ sha256: nativeSha256 });
        findings.forEach((finding) => identify(finding));
      },
      onBytes(consumed) {
        throwIfCancelled(task?.signal);
        task?.onProgress?.(`Reading ${file.name}`, Math.min(1, consumed / Math.max(1, file.size)));
      },
    });
    return { ...rest, findings };
  },

  streams(file) {
    return file.fsPath !== undefined && file.size >= streamedFrom && startsAsUtf8(file);
  },

  stream: streamSarif,

  readDetail,
};

function readWhole(file: ReportFile, root: string, document: unknown): ReadReport {
  const tally = new Tally(file.name);
  const { scanner, findings } = readSarifLog(document, { file: file.name, root, tally, ...sourcesOf(root) });
  return { ...reportOf(scanner, tally), findings: identifyFindings(findings, { sha256: nativeSha256 }) };
}

/**
 * Streams a log from its file (UTF-8) whatever its size; findings come lean and without ids.
 * @throws HumanError when the file cannot be read or is no SARIF 2.1.0 log.
 */
export function streamSarif(file: ReportFile, root: string, sink: FindingSink): Omit<ReadReport, 'findings'> {
  const tally = new Tally(file.name);
  const scanner = withFile(file, (read, fsPath) =>
    streamSarifLog({ read, fsPath, decoding: bufferDecoding }, { file: file.name, root, tally, ...sourcesOf(root) }, sink),
  ).scanner;
  return reportOf(scanner, tally);
}

/** What is asked of the workspace's files where a report does not say it itself. */
function sourcesOf(root: string): Pick<ReadingPlace, 'lineOf' | 'offsetsOf'> {
  return { lineOf: astralLines(root), offsetsOf: sourceOffsets(root) };
}

function reportOf(scanner: string, tally: Tally): Omit<ReadReport, 'findings'> {
  const { rejected, unlisted, results, passedOver, notes, complete } = tally;
  return { format: sarifReader.id, scanner, rejected, unlisted, results, passedOver, notes, complete };
}

/** False for UTF-16, which Windows PowerShell writes: such a log is decoded whole. */
function startsAsUtf8(file: ReportFile): boolean {
  const head = new Uint8Array(2);
  const count = withFile(file, (read) => read(head, 0));
  const [first, second] = head;
  return (
    count < 2 || !(first === 0 || second === 0 || (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
  );
}
