import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openWindow } from '../e2e/driver';
import type { EditorWindow } from '../e2e/driver';

const repeats = 5;
const ids = ['patchline.patchline', 'bench.empty'] as const;

/**
 * Activation in a real extension host, from VS Code's own start-up report, beside an empty extension's: the host charges even
 * two hundred bytes with anything from 0 to 60 ms, so a number alone says nothing.
 */
export async function rows(): Promise<readonly Readonly<Record<string, string>>[]> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'patchline-bench-'));
  const empty = path.join(temporary, 'empty');
  await mkdir(path.join(empty, 'dist'), { recursive: true });
  await writeFile(path.join(empty, 'dist/extension.js'), 'exports.activate = () => undefined;');
  const manifest = { name: 'empty', publisher: 'bench', version: '0.0.1', engines: { vscode: '^1.106.0' } };
  await writeFile(
    path.join(empty, 'package.json'),
    JSON.stringify({ ...manifest, main: './dist/extension.js', activationEvents: ['onStartupFinished'] }),
  );
  const window = await openWindow({ workspaceCopyOf: 'orders-service', alsoInstall: [empty] });
  try {
    const own: number[][] = [];
    const other: number[][] = [];
    for (let turn = 0; turn < repeats; turn += 1) {
      const report = await startUpReport(window);
      own.push(timesOf(report, ids[0]));
      other.push(timesOf(report, ids[1]));
      await window.reload();
    }
    const names = ['load', 'activate', 'finish'];
    return names.map((name, index) => ({
      measure: `${name} in the extension host (median of ${repeats})`,
      value: `${median(own.map((times) => times[index] ?? Number.NaN))} ms`,
      beside: `empty extension ${median(other.map((times) => times[index] ?? Number.NaN))} ms`,
    }));
  } finally {
    await window.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The text of `Developer: Startup Performance`, asked again until both extensions stand in it. */
async function startUpReport(window: EditorWindow): Promise<string> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await window.page.waitForTimeout(4000);
    await window.runCommand('Developer: Startup Performance');
    const editor = window.page.locator('.editor-instance .monaco-editor').first();
    await editor.waitFor();
    await window.page.waitForTimeout(1500);
    await editor.click();
    await window.page.keyboard.press('Control+A');
    await window.page.keyboard.press('Control+C');
    const report = String(await window.page.evaluate('navigator.clipboard.readText()'));
    if (ids.every((id) => rowOf(report, id) !== undefined)) return report;
    await window.runCommand('View: Close All Editors');
  }
  throw new Error("VS Code's start-up report does not name both extensions.");
}

function rowOf(report: string, id: string): string | undefined {
  return report.split('\n').find((line) => line.startsWith(`| ${id} `));
}

/** Load, activate and finish times of an extension: the columns after the first four cells of its row. */
function timesOf(report: string, id: string): number[] {
  const row = rowOf(report, id) ?? '';
  return row
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => /^\d+$/.test(cell))
    .map(Number);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
