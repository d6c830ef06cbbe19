import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, sep } from 'node:path';
import { TestRepo } from './gitRepo';

const sample = join(fileURLToPath(new URL('..', import.meta.url)), 'workspaces', 'orders-service');

/** The sample project as a repository of its own with one commit; `folder` puts it below the repository's root. */
export function sampleRepo(folder = ''): { readonly repo: TestRepo; readonly workspace: string } {
  const repo = new TestRepo();
  const workspace = join(repo.root, folder);
  cpSync(sample, workspace, { recursive: true, filter: (source) => !source.split(sep).includes('node_modules') });
  repo.commitAll('orders-service');
  return { repo, workspace };
}
