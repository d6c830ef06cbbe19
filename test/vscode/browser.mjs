// @ts-check
// Finds a browser that Playwright can drive, or gets one.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, npmProgram, run } from './processes.mjs';

/** For a headless window that talks to loopback alone. */
export const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser without a window of its own, in Debian's package of this name: a sixth less work until a workbench stands. */
const shell = 'chromium-headless-shell';

/** Names on PATH and well-known places, the lightest and then the likeliest first. */
function candidates() {
  const local = process.env.LOCALAPPDATA ?? '';
  const programs = [process.env.PROGRAMFILES ?? '', process.env['PROGRAMFILES(X86)'] ?? '', local].filter(
    (folder) => folder !== '',
  );
  if (process.platform === 'win32') {
    return programs.flatMap((folder) => [
      path.join(folder, 'Google/Chrome/Application/chrome.exe'),
      path.join(folder, 'Microsoft/Edge/Application/msedge.exe'),
      path.join(folder, 'Chromium/Application/chrome.exe'),
    ]);
  }
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  const names = [
    shell,
    'google-chrome',
    'google-chrome-stable',
    'chromium',
    'chromium-browser',
    'microsoft-edge',
    'microsoft-edge-stable',
  ];
  const folders = (process.env.PATH ?? '').split(path.delimiter).concat('/usr/bin', '/usr/local/bin', '/opt/google/chrome');
  return names.flatMap((name) => folders.filter((folder) => folder !== '').map((folder) => path.join(folder, name)));
}

/** An installed browser, or undefined. PATCHLINE_BROWSER names one. */
export function installedBrowser() {
  const named = process.env.PATCHLINE_BROWSER;
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  return candidates().find((candidate) => existsSync(candidate));
}

/**
 * An installed Chrome, Chromium or Edge; else Playwright's download; else Debian's package where it may be installed.
 * @param {(message: string) => void} [say] told of each attempt
 * @returns {Promise<string>} the program
 * @throws Error that says what to install.
 */
export async function findBrowser(say = () => undefined) {
  const named = process.env.PATCHLINE_BROWSER;
  if (named !== undefined && named !== '' && !existsSync(named)) {
    throw new Error(`PATCHLINE_BROWSER names ${named}, which does not exist.`);
  }
  const found = installedBrowser() ?? (await playwrightBrowser(say)) ?? (await debianBrowser(say));
  if (found !== undefined) return found;
  throw new Error(
    'No browser for the tests: install Google Chrome, Chromium or Microsoft Edge, or name one with PATCHLINE_BROWSER.',
  );
}

/** @param {(message: string) => void} say */
async function playwrightBrowser(say) {
  // By its real name, so that this file loads before the packages are installed.
  const playwright = await import('playwright-core').catch(() => undefined);
  if (playwright === undefined) return undefined;
  const program = playwright.chromium.executablePath();
  if (existsSync(program)) return program;
  say("no browser found: trying Playwright's download");
  const args = [npmProgram(), 'exec', '--', 'playwright-core', 'install', 'chromium'];
  await run(process.execPath, args, { cwd: path.join(import.meta.dirname, '../..'), timeoutMs: 120_000 });
  return existsSync(program) ? program : undefined;
}

/** @param {(message: string) => void} say */
async function debianBrowser(say) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  say("trying Debian's package of Chromium");
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
  const install = async (/** @type {string} */ name) => {
    const args = ['install', '-y', '--no-install-recommends', name];
    return (await run('/usr/bin/apt-get', args, { env, timeoutMs: 300_000 })).code === 0;
  };
  // Older releases of Debian have it in one package alone.
  const installed = async () => (await install(shell)) || (await install('chromium'));
  if (!(await installed())) {
    await run('/usr/bin/apt-get', ['update'], { env, timeoutMs: 120_000 });
    await installed();
  }
  return installedBrowser();
}
