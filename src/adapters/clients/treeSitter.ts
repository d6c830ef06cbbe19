import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Language, Parser } from 'web-tree-sitter';
import type { SyntaxLanguage, SyntaxParser } from '../../core/syntax/syntaxTree';

/** Where a wasm file lies: beside the bundle (dist/grammars), or in its package when the sources run unbundled. */
function locate(bundledName: string, packagePath: string): string {
  const beside = fileURLToPath(new URL(`./grammars/${bundledName}`, import.meta.url));
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(packagePath);
}

async function loadParser(): Promise<{ readonly parser: Parser; readonly load: (name: SyntaxLanguage) => Promise<Language> }> {
  const treeSitter = await import('web-tree-sitter');
  await treeSitter.Parser.init({
    locateFile: () => locate('web-tree-sitter.wasm', 'web-tree-sitter/web-tree-sitter.wasm'),
  });
  const languages = new Map<SyntaxLanguage, Promise<Language>>();
  return {
    parser: new treeSitter.Parser(),
    load: (name) => {
      const file = `tree-sitter-${name}.wasm`;
      const language = languages.get(name) ?? treeSitter.Language.load(locate(file, `@vscode/tree-sitter-wasm/wasm/${file}`));
      languages.set(name, language);
      return language;
    },
  };
}

let loading: ReturnType<typeof loadParser> | undefined;

/**
 * Syntax trees by tree-sitter compiled to WebAssembly: one file set for every platform. The runtime and each grammar are loaded
 * once, on first use.
 */
export const treeSitter: SyntaxParser = {
  async parse(text, language) {
    loading ??= loadParser();
    const { parser, load } = await loading;
    const grammar = await load(language);
    // The parser is shared, and nothing awaits between choosing the grammar and parsing with it.
    parser.setLanguage(grammar);
    const tree = parser.parse(text);
    if (tree === null) throw new Error(`The ${language} parser gave no tree.`);
    return {
      root: tree.rootNode,
      dispose: () => {
        tree.delete();
      },
    };
  },
};
