/** The hidden line by which a pull request is found again: whose finding and which run it belongs to. */
export function pullRequestMarker(finding: string, run: string): string {
  return `<!-- patchline:finding=${encode(finding)} run=${encode(run)} -->`;
}

/** Reads the marker back, the last one: a text of a report further up may imitate it. Undefined when there is none. */
export function readPullRequestMarker(body: string): { readonly finding: string; readonly run: string } | undefined {
  const match = [...body.matchAll(/<!-- patchline:finding=([\w.:%~-]+) run=([\w.:%~-]+) -->/g)].at(-1);
  if (!match) return undefined;
  try {
    return { finding: decodeURIComponent(match[1] ?? ''), run: decodeURIComponent(match[2] ?? '') };
  } catch {
    // Somebody edited it into a wrong percent sequence: no marker of ours any more.
    return undefined;
  }
}

/** Percent-encoding, with the characters that could end an HTML comment or stand in the way of the pattern encoded as well. */
function encode(text: string): string {
  const plain = text.slice(0, 300).replace(/\p{Surrogate}/gu, '\ufffd');
  return (
    encodeURIComponent(plain)
      .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
      .replace(/--/g, '%2D%2D') || '%20'
  );
}
