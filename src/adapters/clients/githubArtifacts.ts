import { HumanError } from '../../core/errors';
import { cleanLine } from '../../core/findings/cleanText';
import type { GitHubApi, GitHubCall } from './github';
import { downloadArtifact, listArtifacts } from './githubChecks';
import type { GitHubArtifact, GitHubWorkflowRun } from './githubChecks';
import { readZip } from './readZip';

/** A file out of an artifact, as text. */
export interface ArtifactDocument {
  /** `artifact/path in it`, for people only. */
  readonly name: string;
  readonly text: string;
}

const limits = {
  artifacts: 20,
  archiveBytes: 32 * 1024 * 1024,
  entries: 20_000,
  each: 16 * 1024 * 1024,
  total: 64 * 1024 * 1024,
};
/** An artifact that is not named for tests is looked into only while it is small: it may be a whole build. */
const unnamedBytes = 4 * 1024 * 1024;
const forTests = /test|junit|report|result|spec|coverage/i;
/** Artifacts whose documents are remembered: they never change under their id. */
const remembered = 40;

/**
 * The JUnit XML documents in the artifacts of workflow runs; of several artifacts of one name in one run (a later attempt leaves
 * another) the newest. An archive is unpacked in memory only, within limits.
 *
 * @throws HumanError when an artifact named for tests is larger than is read, or no zip archive
 */
export async function readTestDocuments(
  api: GitHubApi,
  runs: readonly GitHubWorkflowRun[],
  call: GitHubCall,
): Promise<readonly ArtifactDocument[]> {
  const artifacts: GitHubArtifact[] = [];
  for (const run of runs) {
    const listed = (await listArtifacts(api, run.id, call)).filter(({ expired }) => !expired);
    artifacts.push(...listed.filter((each, i) => listed.findIndex(({ name }) => name === each.name) === i));
  }
  const named = artifacts.filter(({ name }) => forTests.test(name));
  const small = artifacts.filter((each) => !named.includes(each) && each.size_in_bytes <= unnamedBytes);
  if (named.length > limits.artifacts)
    throw new HumanError(
      `The checks left ${named.length} artifacts that may hold test results; at most ${limits.artifacts} are read.`,
    );
  const documents: ArtifactDocument[] = [];
  for (const artifact of [...named, ...small].slice(0, limits.artifacts))
    documents.push(...(await documentsOf(api, artifact, call)));
  return documents;
}

async function documentsOf(api: GitHubApi, artifact: GitHubArtifact, call: GitHubCall): Promise<readonly ArtifactDocument[]> {
  const { lasting } = api.host;
  const key = `artifact ${api.repository.owner}/${api.repository.repo} ${artifact.id}`;
  const known = lasting.get(key) as readonly ArtifactDocument[] | undefined;
  if (known !== undefined) return known;
  const name = cleanLine(artifact.name, 100);
  if (artifact.size_in_bytes > limits.archiveBytes)
    throw new HumanError(`The artifact “${name}” is larger than the ${limits.archiveBytes / 1024 / 1024} MiB that are read.`);
  const archive = await downloadArtifact(api, artifact.id, limits.archiveBytes, call);
  if (archive === undefined) return [];
  const files = readZip(archive, limits, (file) => /\.xml$/i.test(file));
  const documents = files.flatMap((file): ArtifactDocument[] => {
    const text = new TextDecoder().decode(file.bytes);
    return isJunit(text) ? [{ name: `${name}/${cleanLine(file.name, 200)}`, text }] : [];
  });
  lasting.set(key, documents);
  for (const oldest of lasting.keys()) if (lasting.size > remembered) lasting.delete(oldest);
  return documents;
}

/**
 * By its root element, behind declaration, comments and white space; a coverage report is XML, too. A comment without an end is
 * taken to the end: each of thousands of them would be looked for to there.
 */
function isJunit(text: string): boolean {
  const head = text.slice(0, 20_000).replace(/<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)/g, '');
  return /^\uFEFF?\s*<testsuites?[\s/>]/.test(head);
}
