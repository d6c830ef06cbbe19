/**
 * Opens a window with the current build and runs the steps of a module in it, to look at what one is working on:
 *   node test/vscode/look.mjs [--sample orders-service | --folder DIR] [--vsix FILE] [--restricted] [--packages]
 *                                      [--steps FILE.mjs] [--picture FILE.png]
 * The module exports `steps(window)`, where `window` is the EditorWindow of test/e2e/driver.ts. At the end a picture is saved.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
const { openWindow } = createRequire(import.meta.url)('../e2e/driver.ts');

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    folder: { type: 'string' },
    extension: { type: 'string' },
    vsix: { type: 'string' },
    restricted: { type: 'boolean', default: false },
    packages: { type: 'boolean', default: false },
    steps: { type: 'string' },
    picture: { type: 'string', default: 'out/screenshots/look.png' },
  },
});

const window = await openWindow({
  ...(values.folder === undefined
    ? { workspaceCopyOf: values.sample ?? 'orders-service' }
    : { folder: path.resolve(values.folder) }),
  ...(values.vsix === undefined ? {} : { vsix: path.resolve(values.vsix) }),
  ...(values.extension === undefined ? {} : { extensionPath: path.resolve(values.extension) }),
  restricted: values.restricted,
  packages: values.packages,
});
try {
  if (values.steps === undefined) await window.page.waitForTimeout(4000);
  else {
    const module = await import(pathToFileURL(path.resolve(values.steps)).href);
    await module.steps(window);
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  console.log(await window.screenshot(path.resolve(values.picture)));
  await window.close();
}
