import { parse, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { readFile, stat } from 'node:fs/promises';
import { HumanError, isHumanError, throwIfCancelled } from '../../core/errors';
import { decodeText, placeOfDamage } from '../../core/findings/decodeText';
import type { ReportFile, Task } from '../../core/ports';

/** Such reports are read whole; npm's and Semgrep's stay far below, and V8 refuses texts of more than 512 Mi characters. */
const largestReport = 256 * 1024 * 1024;

/**
 * The JSON of a report. What comes out has not been checked in any way.
 * @throws HumanError naming the file and the place when it cannot be read, is too large, is no text or is no JSON.
 */
export async function readReportJson(file: ReportFile, task?: Task): Promise<unknown> {
  const bytes = file.bytes ?? (await readBytes(file));
  throwIfCancelled(task?.signal);
  if (bytes.byteLength > largestReport) throw tooLarge(file.name, bytes.byteLength);
  const text = decodeText(bytes);
  if (text === undefined) {
    const { line, byte } = placeOfDamage(bytes);
    throw new HumanError(`${file.name} is neither UTF-8 nor UTF-16 text: line ${String(line)}, byte ${String(byte)}.`);
  }
  if (text.trim() === '') throw new HumanError(`${file.name} is empty: the scanner wrote no report.`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new HumanError(`${file.name} is not valid JSON: ${placeOfError(text, error)}.`);
  }
}

async function readBytes(file: ReportFile): Promise<Uint8Array> {
  if (file.fsPath === undefined) throw new HumanError(`${file.name} was given without content.`);
  try {
    const { size } = await stat(file.fsPath);
    if (size > largestReport) throw tooLarge(file.name, size);
    return await readFile(file.fsPath);
  } catch (error) {
    if (isHumanError(error)) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new HumanError(`${file.name} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code}.`);
  }
}

function tooLarge(name: string, size: number): HumanError {
  return new HumanError(
    `${name} has ${String(Math.ceil(size / 1024 / 1024))} MiB; reports of this format are read up to 256 MiB.`,
  );
}

/** `line 3, column 14: value expected`: V8's own message has no position on some versions. */
function placeOfError(text: string, error: unknown): string {
  const end = error instanceof Error && /end of JSON input|Unterminated/.test(error.message);
  let offset = text.length;
  let words = 'it ends in the middle';
  if (!end) {
    const errors: ParseError[] = [];
    try {
      parse(text.slice(0, 4_000_000), errors, { disallowComments: true });
    } catch {
      // The tolerant parser recurses and gives up on deep nesting; then only V8's own words remain.
      return error instanceof Error ? error.message : String(error);
    }
    const [first] = errors;
    if (first === undefined) return error instanceof Error ? error.message : String(error);
    offset = first.offset;
    words = printParseErrorCode(first.error).replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
    if (offset >= text.trimEnd().length) words = 'it ends in the middle';
  }
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line ${String(line)}, column ${String(offset - before.lastIndexOf('\n'))}: ${words}`;
}
