/** More than any report needs, fewer than any page should show. */
const mostLinks = 50;

/**
 * The https links among what a report gives as references, each once, in order. Everything else is dropped: `command:`,
 * `javascript:`, `file:` and `vscode:` links do things when clicked, plain http can be altered on the way, and credentials
 * before the host are made to deceive.
 */
export function httpsLinks(candidates: Iterable<unknown>): string[] {
  const links = new Set<string>();
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate.length > 2000 || !/^https:\/\//i.test(candidate.trim())) continue;
    const link = URL.canParse(candidate) ? new URL(candidate) : undefined;
    if (link?.protocol !== 'https:' || link.username !== '' || link.password !== '') continue;
    links.add(link.href);
    if (links.size === mostLinks) break;
  }
  return [...links];
}

/** The https links inside a Markdown or plain text, such as npm's `references`. */
export function linksInText(text: string): string[] {
  return httpsLinks(text.slice(0, 50_000).match(/https:\/\/[^\s<>()[\]"'`]+/gi) ?? []);
}
