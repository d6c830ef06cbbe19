/** Words as the end of a sentence that begins with “because”, which is said once. */
export function because(words: string): string {
  const rest = words.replace(/^because\s+/i, '').replace(/\.$/, '');
  // The first word of a sentence is made small, a name such as “ESLint” is not.
  return `because ${/^[A-Z][a-z]* /.test(rest) ? `${rest.charAt(0).toLowerCase()}${rest.slice(1)}` : rest}`;
}
