import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activeExtension, extensionId } from './support';

describe('activation in a real extension host', () => {
  it('activates', async () => {
    await activeExtension();
    assert.equal(vscode.extensions.getExtension(extensionId)?.isActive, true);
  });

  it('registers every command of the manifest', async () => {
    const { manifest } = await activeExtension();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
    assert.ok(manifest.contributes.commands.length > 0);
    assert.deepEqual(missing, []);
  });

  it('shows the defaults of the manifest as its settings', async () => {
    const { manifest } = await activeExtension();
    const properties = [manifest.contributes.configuration].flat().flatMap((section) => Object.entries(section.properties));
    assert.ok(properties.length > 0);
    for (const [name, { default: expected }] of properties) {
      if (expected !== undefined)
        assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, expected, name);
    }
  });
});
