/**
 * A text for a message in which nothing from outside is markup: VS Code makes links, `command:` among them, of `[text](target)`
 * in notifications also in Restricted Mode, and icons of `$(name)` in progress and status texts.
 */
export function plainMessage(text: string): string {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (');
}
