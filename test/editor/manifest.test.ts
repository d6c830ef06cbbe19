import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CommandId } from '../../src/editor/commandTable';
import { dashboardView, patchView } from '../../src/editor/pageTypes';
import { commandIds, factsOf } from '../../src/editor/commandTable';

const root = path.join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const { contributes } = manifest;

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly extensionKind: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
    readonly virtualWorkspaces: { readonly supported: boolean };
  };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly icon?: string;
    }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly keybindings: readonly { readonly command: string; readonly when: string }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly views: { readonly patchline: readonly { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly svg: string; readonly altText: string };
      }[];
    }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
  };
}
interface Setting {
  readonly scope: string;
  readonly default: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly markdownDescription: string;
}
const settings = Object.assign({}, ...contributes.configuration.map((one) => one.properties)) as Readonly<
  Record<string, Setting>
>;
const palette = contributes.menus['commandPalette'] ?? [];

describe('manifest', () => {
  it('names only commands that exist, in menus, keys, welcome views and the walkthrough', () => {
    const known = new Set<string>(commandIds);
    const texts = [
      ...contributes.viewsWelcome.map((one) => one.contents),
      ...contributes.walkthroughs.flatMap((one) => one.steps.map((step) => step.description)),
      ...Object.values(settings).map((one) => one.markdownDescription),
    ];
    const linked = texts.flatMap((text) => [...text.matchAll(/\(command:(patchline\.\w+)/g)].map((match) => match[1] ?? ''));
    const used = [...Object.values(contributes.menus).flat(), ...contributes.keybindings].map((one) => one.command);
    assert.deepEqual(
      [...used, ...linked].filter((command) => !known.has(command)),
      [],
    );
  });

  it('hides in the palette what needs a folder or trust where there is none, and internal commands always', () => {
    for (const id of commandIds) {
      const { needs, internal } = factsOf(id);
      const when = palette
        .filter((one) => one.command === id)
        .map((one) => one.when ?? '')
        .join(' ');
      if (internal === true) assert.equal(when, 'false', id);
      else if (needs.includes('trust')) assert.match(when, /isWorkspaceTrusted/, id);
      if (needs.length > 0 && internal !== true) assert.match(when, /workspaceFolderCount|patchline\.(inReview|reviewOpen)/, id);
    }
  });

  it('is activated by start-up and by its own documents and tabs, never by everything', () => {
    assert.deepEqual(manifest.activationEvents, [
      'onStartupFinished',
      'onFileSystem:patchline',
      `onWebviewPanel:${patchView}`,
      `onWebviewPanel:${dashboardView}`,
    ]);
  });

  it('reads in Restricted Mode, and lets no workspace choose what is run or where a token goes', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.equal(virtualWorkspaces.supported, false);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.deepEqual(
      untrustedWorkspaces.restrictedConfigurations.filter((key) => !(key in settings)),
      [],
    );
    assert.deepEqual([settings['patchline.npm.path']?.scope, settings['patchline.github.apiUrl']?.scope], ['machine', 'machine']);
  });

  it('describes every setting, and the code reads each of them', () => {
    const code = ['src/editor/settingsOf.ts'].map((file) => readFileSync(path.join(root, file), 'utf8')).join('\n');
    for (const [key, setting] of Object.entries(settings)) {
      assert.ok(setting.markdownDescription.length > 20, key);
      assert.ok(code.includes(`'${key.replace(/^patchline\./, '')}'`), `${key} is read nowhere`);
    }
  });

  it('gives the defaults that the code falls back to', () => {
    const code = readFileSync(path.join(root, 'src/editor/settingsOf.ts'), 'utf8');
    for (const [, key, fallback] of code.matchAll(/text\('([\w.]+)', '([^']*)'\)/g))
      assert.equal(settings[`patchline.${key}`]?.default, fallback);
    const flags = [...code.matchAll(/flag\('([\w.]+)'\)/g)];
    const numbers = [...code.matchAll(/whole\('([\w.]+)', (\d+), (\d+), (\d+)\)/g)];
    assert.deepEqual([flags.length, numbers.length], [2, 2]);
    for (const [, key] of flags) assert.equal(settings[`patchline.${key}`]?.default, true);
    for (const [, key, ...bounds] of numbers) {
      const { default: fallback, minimum, maximum } = settings[`patchline.${key}`] ?? {};
      assert.deepEqual([fallback, minimum, maximum], bounds.map(Number));
    }
  });

  it('has every picture it names, and each picture says what it shows', () => {
    const steps = contributes.walkthroughs.flatMap((one) => one.steps);
    assert.equal(steps.length, 6);
    const files = [
      ...steps.map((step) => step.media.svg),
      ...contributes.viewsContainers.activitybar.map((one) => one.icon),
      ...contributes.views.patchline.map((one) => one.icon),
    ];
    assert.deepEqual(
      files.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
    for (const step of steps) assert.ok(step.media.altText.length > 20);
  });

  it('offers an icon for every command that stands as a button', () => {
    const buttons = ['view/title', 'view/item/context', 'editor/title']
      .flatMap((menu) => contributes.menus[menu] ?? [])
      .filter((entry) => /^(navigation|inline)/.test((entry as { group?: string }).group ?? ''));
    const icons = new Map(contributes.commands.map((one) => [one.command, one.icon]));
    assert.deepEqual(
      buttons.map((one) => one.command as CommandId).filter((id) => icons.get(id) === undefined),
      [],
    );
  });
});
