import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { foldRuns } from '../../src/core/runs/foldRuns';
import { stages } from '../../src/core/model/stage';
import { panelHtml } from '../../src/editor/panel/panelHtml';
import { panelState } from '../../src/editor/panel/panelState';
import { browserFlags, installedBrowser } from '../vscode/browser.mjs';
import { makeDelivery, deliveryNow } from '../support/delivery';
import { LogBook } from '../support/logBook';

const entries = 500;
const rounds = 7;
const dist = join(import.meta.dirname, '../../dist/webview');
const measure = `panel of a run with ${entries} log entries, opened until it is painted (median of ${rounds})`;
const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };

interface Painted {
  /** Milliseconds since the page was asked for. */
  readonly at: number;
  /** Milliseconds since the state was sent. */
  readonly after: number;
  readonly characters: number;
}

/** The built panel in a headless browser, as the host serves it; beside it a page with the waiting line alone. */
export async function rows(): Promise<readonly Readonly<Record<string, string>>[]> {
  const program = installedBrowser() ?? chromium.executablePath();
  if (!existsSync(program)) return [{ measure, value: 'there is no browser here', beside: 'PATCHLINE_BROWSER names one' }];
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    if (name === 'panel' || name === 'bare') {
      const files = name === 'panel' ? ['codicon.css', 'panel.css'] : [];
      response.setHeader('content-type', 'text/html');
      response.end(
        panelHtml({
          title: 'Patch',
          script: name === 'panel' ? 'panel.js' : 'none.js',
          styles: files,
          codicons: 'codicon.css',
          source: "'self'",
          nonce: 'bench',
        }),
      );
      return;
    }
    const file = join(dist, name);
    const known = /^[\w.]+$/.test(name) && existsSync(file);
    response.writeHead(known ? 200 : 404, { 'content-type': types[name.split('.').at(-1) ?? ''] ?? 'text/plain' });
    response.end(known ? readFileSync(file) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: program, args: browserFlags, headless: true, timeout: 60_000 });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    // The compiler that runs this file names functions by a helper that the page does not have.
    await page.addInitScript('globalThis.__name = (named) => named;');
    await page.addInitScript(pageScript, JSON.stringify({ kind: 'state', state: stateWith(entries) }));
    const open = async (path: string): Promise<Painted> => {
      await page.goto(`${address}/${path}`);
      return page.evaluate(() => (globalThis as unknown as { painted: Promise<Painted> }).painted);
    };
    const [panel, bare]: [Painted[], Painted[]] = [[], []];
    // The first of each fills the browser's caches.
    for (let round = 0; round <= rounds; round++) {
      const [one, other] = [await open('panel'), await open('bare')];
      if (one.characters < 20_000) throw new Error(`the panel shows ${one.characters} characters`);
      if (round > 0) panel.push(one);
      if (round > 0) bare.push(other);
    }
    const [all, drawing, empty] = [
      median(panel.map(({ at }) => at)),
      median(panel.map(({ after }) => after)),
      median(bare.map(({ at }) => at)),
    ];
    return [
      {
        measure,
        value: `${all.toFixed(0)} ms`,
        beside: `from its state on ${drawing.toFixed(0)} ms; a page with one line ${empty.toFixed(0)} ms`,
        ratio: (all / empty).toFixed(1),
        aim: '≤ 500 ms',
      },
    ];
  } finally {
    await browser.close();
    server.close();
  }
}

/** Runs in the page before its own script: answers the panel's `ready` as the host does, and notes when the answer is painted. */
function pageScript(message: string): void {
  const now = (): number => performance.now();
  const painted = (): Promise<number> =>
    new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(now()), 0)));
  const shared = globalThis as unknown as Record<string, unknown>;
  const length = (): number => document.body.innerText.length;
  shared['painted'] = new Promise((resolve) => {
    shared['acquireVsCodeApi'] = () => ({
      setState: () => undefined,
      postMessage(sent: { kind: string; message?: string }) {
        if (sent.kind !== 'ready') return;
        const began = now();
        window.postMessage(JSON.parse(message), '*');
        window.addEventListener('message', () => void painted().then((at) => resolve({ at, after: at - began, characters: length() })), { once: true }); // oxfmt-ignore
      },
    });
    if (location.pathname === '/bare')
      document.addEventListener('DOMContentLoaded', () => void painted().then((at) => resolve({ at, after: 0, characters: length() }))); // oxfmt-ignore
  });
}

function stateWith(count: number) {
  const book = new LogBook();
  const at = (n: number): string => new Date(deliveryNow - (count - n) * 60_000).toISOString();
  book.begin(at(0), 'pl-0000000000000001-1', at(0));
  for (let n = 1; n < count; n++) {
    const stage = stages[Math.floor((n * 8) / count)] ?? 'detection';
    // Every step its own part: the panel shows the newest attempt of each.
    book.step(at(n), 'pl-0000000000000001-1', stage, `part-${n}`);
  }
  const [run] = foldRuns(book.entries);
  if (run === undefined) throw new Error('there is no run');
  const none = { patch: undefined, test: undefined, proof: undefined };
  return panelState({ finding: run.finding, run, ...none, problems: [], delivery: makeDelivery(), now: deliveryNow });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
