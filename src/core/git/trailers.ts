/** The trailer by which a commit says for which finding Patchline made it. */
export const findingTrailer = 'Patchline-Finding';

/**
 * The value of a trailer (git-interpret-trailers(1)): looked for in the last paragraph only, so that a text in the body that
 * looks like one does not count. The last one wins.
 */
export function readTrailer(message: string, name: string): string | undefined {
  const paragraphs = message
    .replace(/\r\n/g, '\n')
    .trimEnd()
    .split(/\n\s*\n/);
  if (paragraphs.length < 2) return undefined;
  const lines = (paragraphs.at(-1) ?? '').split('\n');
  if (!lines.every((line) => /^[A-Za-z0-9-]+:\s/.test(line))) return undefined;
  const found = lines.findLast((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return found?.slice(name.length + 1).trim();
}
