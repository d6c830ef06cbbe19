import { cleanLine } from '../../core/findings/cleanText';

/** Formats that are told by a member name near the start of a JSON document: what people import by mistake. */
const jsonFormats: readonly (readonly [RegExp, string])[] = [
  [/"bomFormat"\s*:\s*"CycloneDX"/, 'a CycloneDX bill of materials'],
  [/"spdxVersion"\s*:/, 'an SPDX bill of materials'],
  [/"lockfileVersion"\s*:/, 'an npm lock file'],
  [/"SchemaVersion"\s*:[^]*"ArtifactName"\s*:/, "a report in Trivy's own format"],
  [/"test_id"\s*:[^]*"issue_text"\s*:/, "a report in Bandit's own format"],
  [/"check_type"\s*:/, "a report in Checkov's own format"],
  [
    /"messages"\s*:\s*\[[^]*"filePath"|"filePath"\s*:[^]*"messages"\s*:\s*\[/,
    "a report in ESLint's own format; its formatter @microsoft/eslint-formatter-sarif writes SARIF",
  ],
  [/"(?:dependencies|devDependencies)"\s*:/, 'a package.json'],
];

/**
 * What a file that no reader takes looks like, as the end of a sentence that begins with "looks like".
 * `bytes` are its first bytes, `head` the same as text.
 */
export function describeUnknown(bytes: Uint8Array, head: string): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'a gzip archive; unpack it first';
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return 'a ZIP archive; unpack it first';
  const start = head.trimStart();
  if (start === '') return 'an empty file';
  const markup = /^<(?:\?xml[^]*?\?>\s*)?(?:<!--[^]*?-->\s*)*<?(!doctype html|[\w:.-]+)/i.exec(start);
  if (markup !== null) return /html/i.test(markup[1] ?? '') ? 'a web page' : `XML (<${cleanLine(markup[1] ?? '', 60)}>)`;
  if (start.startsWith('{') || start.startsWith('[')) {
    const known = jsonFormats.find(([pattern]) => pattern.test(start));
    if (known !== undefined) return known[1];
    const members = [...start.slice(0, 4000).matchAll(/"([^"\\]{1,40})"\s*:/g)]
      .slice(0, 4)
      .map(([, name]) => `"${cleanLine(name ?? '', 40)}"`);
    return members.length === 0 ? 'JSON without members' : `JSON of another kind (it begins with ${members.join(', ')})`;
  }

  return /[\u0000-\u0008]/.test(start) ? 'a binary file' : 'plain text';
}
