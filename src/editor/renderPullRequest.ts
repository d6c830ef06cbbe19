import { plainMarkdown } from './plainMarkdown';

/** A local pull request's record (JSON) as a Markdown page; says so when there is none or it is none. */
export function renderPullRequest(record: string | undefined): string {
  if (record === undefined) return 'The record of this pull request is not there any more.';
  let read: unknown;
  try {
    read = JSON.parse(record);
  } catch {
    read = undefined;
  }
  const field = (name: string): string => {
    const value = typeof read === 'object' && read !== null && name in read ? (read as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  if (field('title') === '') return 'The record of this pull request cannot be read.';
  const head = [
    `# ${plainMarkdown(field('title'))}`,
    `#${field('number')} · ${plainMarkdown(field('state'))} · \`${code('branch')}\` → \`${code('base')}\` · commit \`${code('headCommit').slice(0, 12)}\``,
  ];
  return `${[...head, field('body')].join('\n\n')}\n`;

  function code(name: string): string {
    return field(name).replace(/[`\s]/g, '');
  }
}
