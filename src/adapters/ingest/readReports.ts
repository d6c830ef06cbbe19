import { HumanError, isCancelled, isHumanError, messageOf, throwIfCancelled } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { Rejection } from '../../core/model/finding';
import type { ReadReport, ReportFile, ReportReader, Task, Workspace } from '../../core/ports';
import { addLineHashes } from './addLineHashes';
import { describeUnknown } from './describeUnknown';
import type { KnownLineIds } from './knownLineIds';
import { reportHead } from './reportHead';

export interface ReadReportsOptions extends Task {
  /** In order: the first that recognises a report reads it. */
  readonly readers: readonly ReportReader[];
  readonly workspace: Workspace;
  /** Where ids that were given by the source are remembered; without it they follow the source as it stands. */
  readonly lineIds?: KnownLineIds;
  /** Registry id of the reader to take, whatever the content looks like; undefined or `auto`: by content. */
  readonly format?: string;
}

export interface ReadReports {
  readonly reports: readonly { readonly name: string; readonly report: ReadReport }[];
  readonly rejected: readonly Rejection[];
}

/**
 * Reads reports of whatever format. One that cannot be read is one rejection (path empty: the report as a whole) and costs
 * nothing of the others; one that several readers could take goes to the first of them.
 * @throws HumanError when `format` names no reader; CancelledError when the signal fires.
 */
export async function readReports(files: readonly ReportFile[], options: ReadReportsOptions): Promise<ReadReports> {
  const forced =
    options.format === undefined || options.format === 'auto' ? undefined : readerNamed(options.format, options.readers);
  const reports: { name: string; report: ReadReport }[] = [];
  const rejected: Rejection[] = [];
  for (const [index, file] of files.entries()) {
    throwIfCancelled(options.signal);
    options.onProgress?.(`Reading ${cleanLine(file.name, 120)}`, index / files.length);
    try {
      const reader = forced ?? (await readerFor(file, options.readers));
      const report = await reader.read(file, options.workspace.root, {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(options.onProgress === undefined ? {} : { onProgress: within(options.onProgress, index, files.length) }),
      });
      const { findings, note } = await addLineHashes(report.findings, file, options);
      const notes = note === undefined ? report.notes : [...report.notes, cleanLine(note)];
      reports.push({ name: file.name, report: { ...report, findings, notes } });
    } catch (error) {
      if (isCancelled(error)) throw error;
      rejected.push({ file: file.name, path: '', reason: reasonOf(error, file.name) });
    }
  }
  options.onProgress?.('Reports read', 1);
  return { reports, rejected };
}

/** The reader that recognises the file, if any. @throws HumanError when the file cannot be read. */
export async function recognise(file: ReportFile, readers: readonly ReportReader[]): Promise<ReportReader | undefined> {
  const { text } = await reportHead(file);
  return readers.find((reader) => reader.recognises(text, file.name));
}

async function readerFor(file: ReportFile, readers: readonly ReportReader[]): Promise<ReportReader> {
  const head = await reportHead(file);
  const reader = readers.find((one) => one.recognises(head.text, file.name));
  if (reader !== undefined) return reader;
  const formats = readers.map((one) => one.displayName).join(', ');
  throw new HumanError(
    `${file.name} is in no format that is read here: it looks like ${describeUnknown(head.bytes, head.text)}. Read are ${formats}.`,
  );
}

function readerNamed(format: string, readers: readonly ReportReader[]): ReportReader {
  const reader = readers.find((one) => one.id === format);
  if (reader !== undefined) return reader;
  throw new HumanError(
    `There is no report format "${cleanLine(format, 60)}". Known are auto, ${readers.map((one) => one.id).join(', ')}.`,
  );
}

/** Words for a person; an error that was not made for people is a defect of a reader, and says which report showed it. */
function reasonOf(error: unknown, name: string): string {
  const words = isHumanError(error) ? error.message : `The report could not be read: ${messageOf(error)}`;
  const line = cleanLine(words, 1000);
  // The rejection carries the name already.
  return line.startsWith(`${name} `)
    ? line.slice(name.length + 1)
    : line.startsWith(`${name}: `)
      ? line.slice(name.length + 2)
      : line;
}

function within(
  onProgress: (message: string, fraction?: number) => void,
  index: number,
  count: number,
): (message: string, fraction?: number) => void {
  return (message, fraction) => onProgress(message, fraction === undefined ? undefined : (index + fraction) / count);
}
