import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { commandTable, factsOf } from '../../src/editor/commandTable';
import type { CommandId } from '../../src/editor/commandTable';
import { repositoryFiles, readText, root } from './support';

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

interface Setting {
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly enumDescriptions?: readonly string[];
  readonly enum?: readonly unknown[];
}

interface Manifest {
  readonly engines: { readonly vscode: string };
  readonly main: string;
  readonly enabledApiProposals?: unknown;
  readonly activationEvents: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category?: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly keybindings?: readonly { readonly command: string }[];
    readonly configuration:
      | { readonly properties: Readonly<Record<string, Setting>> }
      | readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly [point: string]: unknown;
  };
}

const text = readText('package.json');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;

/** Contribution points that every supported VS Code reads (code.visualstudio.com/api/references/contribution-points). */
const stablePoints = new Set(
  `authentication breakpoints colors commands configuration configurationDefaults customEditors debuggers grammars icons iconThemes
   jsonValidation keybindings languageModelChatProviders languageModelTools languages localizations mcpServerDefinitionProviders menus
   notebookRenderer notebooks problemMatchers problemPatterns productIconThemes resourceLabelFormatters semanticTokenModifiers
   semanticTokenScopes semanticTokenTypes snippets submenus taskDefinitions terminal themes typescriptServerPlugins views
   viewsContainers viewsWelcome walkthroughs`.split(/\s+/),
);

/** Menus that are no proposal (code.visualstudio.com/api/references/contribution-points#contributes.menus). */
const stableMenus = new Set(
  `commandPalette comments/comment/title comments/comment/context comments/commentThread/title comments/commentThread/context
   debug/callstack/context debug/toolBar debug/variables/context debug/watch/context editor/context editor/context/copy
   editor/lineNumber/context editor/title editor/title/context editor/title/run explorer/context extension/context file/newFile
   interactive/cell/title interactive/toolbar notebook/cell/execute notebook/cell/title notebook/toolbar
   notebook/variables/context scm/change/title scm/repository scm/resourceFolder/context scm/resourceGroup/context
   scm/resourceState/context scm/sourceControl scm/title terminal/context terminal/title/context testing/item/context
   testing/item/gutter testing/item/result testing/message/content testing/message/context timeline/item/context timeline/title
   touchBar view/item/context view/title webview/context`.split(/\s+/),
);

describe('the manifest', () => {
  it('has exactly the commands of the command table, with their titles', () => {
    const declared = contributes.commands.map(({ command, title, category }) => [command, title, category]);
    const known = (Object.keys(commandTable) as CommandId[]).map((id) => [id, factsOf(id).title, 'Patchline']);
    assert.ok(known.length > 0);
    assert.deepEqual(declared.sort(), known.sort());
  });

  it('hides internal commands from the palette', () => {
    const hidden = (contributes.menus['commandPalette'] ?? [])
      .filter((item) => item.when === 'false')
      .map((item) => item.command);
    const internal = (Object.keys(commandTable) as CommandId[]).filter((id) => factsOf(id).internal === true);
    assert.deepEqual(
      internal.filter((id) => !hidden.includes(id)),
      [],
    );
  });

  it('names only commands that exist in menus, keys, welcome views and walkthroughs', () => {
    const named = [
      ...Object.values(contributes.menus).flatMap((items) => items.flatMap((item) => item.command ?? [])),
      ...(contributes.keybindings ?? []).map((binding) => binding.command),
      ...[...text.matchAll(/(?:command:|onCommand:)(patchline\.\w+)/g)].map(([, id]) => id ?? ''),
    ];
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((id) => id.startsWith('patchline.') && !(id in commandTable)),
      [],
    );
  });

  it('uses stable contribution points and menus alone', () => {
    assert.deepEqual(
      Object.keys(contributes).filter((point) => !stablePoints.has(point)),
      [],
    );
    assert.deepEqual(
      Object.keys(contributes.menus).filter((menu) => !stableMenus.has(menu)),
      [],
    );
  });

  it('asks for no proposed API and is compiled against the oldest VS Code that it supports', () => {
    assert.equal(manifest.enabledApiProposals, undefined);
    const types = (JSON.parse(readText('node_modules/@types/vscode/package.json')) as { readonly version: string }).version;
    const oldest = semver.minVersion(manifest.engines.vscode);
    assert.ok(oldest);
    assert.equal(`${semver.major(types)}.${semver.minor(types)}`, `${oldest.major}.${oldest.minor}`);
    assert.match(
      manifest.devDependencies['@types/vscode'] ?? '',
      /^~/,
      'a range that follows minor versions would let newer API in',
    );
  });

  it('activates on nothing but the end of the start and its own documents', () => {
    const onUse = /^on(View|Command|FileSystem|StartupFinished|Walkthrough|WebviewPanel|Uri|LanguageModelTool)\b/;
    assert.deepEqual(
      manifest.activationEvents.filter((event) => !onUse.test(event)),
      [],
    );
  });

  it('describes every setting, and every value of those that list theirs', () => {
    const settings = [contributes.configuration].flat().flatMap(({ properties }) => Object.entries(properties));
    assert.ok(settings.length > 0);
    for (const [name, setting] of settings) {
      assert.match(name, /^patchline\./);
      assert.ok((setting.markdownDescription ?? setting.description ?? '').length > 20, `${name} has no description`);
    }
  });

  it('names only files that exist', () => {
    const files = [...text.matchAll(/"(?:\.\/)?((?:media|dist|test)\/[\w./-]+)"/g)].map(([, file]) => file ?? '');
    const tracked = new Set(repositoryFiles());
    assert.ok(files.length > 0);
    assert.deepEqual(
      files.filter((file) => !file.startsWith('dist/') && !tracked.has(file)),
      [],
    );
    for (const script of Object.values(manifest.scripts)) {
      for (const [file] of script.matchAll(/\btest\/[\w./-]+|[\w./-]+\.mjs\b/g))
        assert.ok(existsSync(path.join(root, file)), `${file} does not exist`);
    }
  });
});
