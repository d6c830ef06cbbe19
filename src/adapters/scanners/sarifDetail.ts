import { statSync } from 'node:fs';
import { HumanError } from '../../core/errors';
import type { Finding } from '../../core/model/finding';
import { completeFinding } from '../../core/sarif/stream/detail';
import { outlineRuns } from '../../core/sarif/stream/streamLog';
import type { RunOutline } from '../../core/sarif/stream/streamLog';
import { bufferDecoding } from '../clients/bufferDecoding';
import { withFile } from './sarifFile';

/** Largest result that is shown whole. */
const largestResult = 64 * 1024 * 1024;

/** The runs of the log that was opened last: the next finding that is opened is most often of the same. */
let lastOutline: { readonly key: string; readonly runs: readonly RunOutline[] } | undefined;

/**
 * The finding with the detail that was left out when its large report was imported: code flows, properties, the whole message,
 * snippets. Reads the result's own bytes, and once per file the runs around them (0.1 s for 100 MB). A finding without
 * `detail` comes back as it is.
 * @throws HumanError when the report is gone or has changed since.
 */
export function readDetail(finding: Finding, workspaceRoot: string): Finding {
  const { detail } = finding;
  if (detail === undefined) return finding;
  const name = finding.witnesses[0]?.file ?? detail.file;
  if (detail.length > largestResult) throw new HumanError(`The result in ${name} is too large to be shown whole.`);
  return withFile({ name, fsPath: detail.file }, (read, fsPath) => {
    const { size, mtimeMs } = statSync(fsPath);
    const key = `${fsPath}\0${size}\0${mtimeMs}`;
    if (lastOutline?.key !== key) lastOutline = { key, runs: outlineRuns({ read, fsPath, decoding: bufferDecoding }) };
    const slice = new Uint8Array(detail.length);
    const count = read(slice, detail.offset);
    return completeFinding(finding, bufferDecoding.utf8(slice, 0, count), lastOutline.runs, workspaceRoot);
  });
}
