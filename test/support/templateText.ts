/**
 * A drawing as text: the words a person reads, in order, one line an element. Lit's templates are asked for their strings and
 * values, so no browser is needed; event handlers and attributes of ours that carry no words drop out with the tags.
 */
export function templateText(drawing: unknown): string {
  return templateMarkup(drawing)
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<\/(?:p|li|h\d|dt|dd|button|vscode-button|summary|th|td|figcaption)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** The same with its tags; a text from outside is escaped as Lit's rendering would have it. */
export function templateMarkup(drawing: unknown): string {
  if (drawing === undefined || drawing === null || typeof drawing === 'symbol' || typeof drawing === 'function') return '';
  if (Array.isArray(drawing)) return drawing.map(templateMarkup).join('');
  if (typeof drawing !== 'object')
    return String(drawing).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  if ('strings' in drawing && 'values' in drawing) {
    const { strings, values } = drawing as { strings: readonly string[]; values: readonly unknown[] };
    return strings.map((text, index) => `${text}${templateMarkup(values[index])}`).join('');
  }
  // The `repeat` directive: what is drawn is its last argument over its first.
  if ('_$litDirective$' in drawing && 'values' in drawing) {
    const [items, , draw] = drawing.values as readonly [Iterable<unknown>, unknown, (item: unknown, index: number) => unknown];
    return [...items].map((item, index) => templateMarkup(draw(item, index))).join('');
  }
  throw new Error(`Nothing is known of ${JSON.stringify(drawing)} in a drawing.`);
}
