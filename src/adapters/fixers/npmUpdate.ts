import { satisfies, valid } from 'semver';
import { isHumanError, isVendorError } from '../../core/errors';
import { applyEdits } from '../../core/edits/applyEdits';
import { tellApart } from '../../core/dependencies/chooseVersion';
import { describeUpdate } from '../../core/dependencies/describeUpdate';
import { advisoriesOfFindings, affects, mergeAdvisories } from '../../core/dependencies/knownAdvisories';
import type { KnownAdvisory } from '../../core/dependencies/knownAdvisories';
import { isAffected, overridesOf, planUpdate } from '../../core/dependencies/planUpdate';
import type { UpdatePlan } from '../../core/dependencies/planUpdate';
import { instancesOf } from '../../core/dependencies/npmLock';
import type { LockManager, PackageRegistry } from '../../core/dependencies/ports';
import type { PublishedPackage } from '../../core/dependencies/publishedPackage';
import { readNpmProject } from '../../core/dependencies/readNpmProject';
import type { NpmProject } from '../../core/dependencies/readNpmProject';
import { updateLock } from '../../core/dependencies/updateLock';
import type { LockUpdate } from '../../core/dependencies/updateLock';
import type { Finding, PackageRef } from '../../core/model/finding';
import type { FileChange, NoFix, Patch } from '../../core/model/patch';
import type { Clock, FixContext, Fixer } from '../../core/ports';

export interface NpmUpdateOptions {
  readonly registry: PackageRegistry;
  readonly locks: LockManager;
  readonly clock: Clock;
  /** Node version that the project is taken to run on where it names none; default: the running one. */
  readonly runningNode?: string;
}

/**
 * Updates a vulnerable npm package to the lowest clean version: the manifest's value in place, the lock file by the project's
 * own npm in a temporary copy. Copies that only other packages bring in are refreshed where every user's range allows it.
 */
export function createNpmUpdate(options: NpmUpdateOptions): Fixer {
  const runningNode = options.runningNode ?? process.versions.node;

  async function propose(finding: Finding, context: FixContext): Promise<Patch | NoFix> {
    const refuse = (because: string): NoFix => ({ findingId: finding.id, noFix: because });
    const reference = finding.package;
    if (reference === undefined) return refuse('the finding names no package');
    const { name } = reference;
    const project = await readNpmProject(context.workspace, reference.manifest);
    if (project === undefined) return refuse(`there is no package.json beside ${reference.manifest}`);
    const root = project.manifests[0];
    if (root !== undefined && overridesOf(root.manifest, name, reference.direct === true))
      return refuse(`${root.path} overrides ${name}: npm resolves it by that entry, which is the team's to change`);

    context.onProgress?.(`Looking up the versions of ${name}`);
    let knowledge: Knowledge | undefined;
    try {
      knowledge = await gather(reference, [finding, ...context.findings.filter((each) => each.id !== finding.id)], context);
    } catch (error) {
      // Could not be measured: an honest refusal with the reason, so that the fixes of other findings go on.
      if (isVendorError(error)) return refuse(`the registry could not be asked: ${error.message}`);
      throw error;
    }
    if (knowledge === undefined) return refuse(`the registry knows no package ${name}`);
    const { published, advisories, registryAnswered } = knowledge;
    const plan = planUpdate({
      name,
      published,
      advisories,
      manifests: project.manifests,
      runningNode,
      ...(project.lock === undefined ? {} : { lock: project.lock.tree }),
      ...(reference.version === undefined ? {} : { reported: reference.version }),
    });
    // Copies that other advisories alone affect move along, but they are no answer to this finding.
    const own = advisoriesOf(finding, advisories);
    const named = (version: string): boolean => isAffected(own, name, version);
    const moves = plan.moves.filter(
      ({ from, range }) =>
        named(from) || (range !== undefined && tellApart(published, own).affected.some((each) => satisfies(each, range))),
    );
    const main = moves.find((move) => move.from === reference.version) ?? moves[0];
    if (main === undefined) return refuse(whyNothingMoves(finding, plan, project, named));

    const manifestChanges = changesOf(project, plan);
    let lock: LockUpdate;
    try {
      lock = await updateLock({ name, project, plan, manifestChanges, ...options }, context);
    } catch (error) {
      if (isVendorError(error)) lock = { kind: 'stale', because: error.message };
      else throw error;
    }
    if (lock.kind === 'refused') return refuse(lock.because);
    if (lock.kind === 'stale' && manifestChanges.length === 0)
      return refuse(`only the lock file would change, and it could not be written: ${lock.because}`);

    const words = describeUpdate({ name, plan, main, advisories, registryAnswered, now: options.clock.now() });
    const lockChange: FileChange[] =
      lock.kind === 'written' && project.lock !== undefined
        ? [{ path: project.lock.path, before: project.lock.text, after: lock.text }]
        : [];
    const left = lock.kind === 'written' ? remaining(name, lock, advisories, plan) : [];
    const closes = lock.kind === 'written' ? closedBy(lock, project, name, context.findings, finding) : undefined;
    return {
      findingId: finding.id,
      fixer: 'npm-update',
      trust: 'dependency',
      ...words,
      notes: [...words.notes, ...lockNotes(lock, project), ...left, ...introduced(lock, project, context.findings)],
      changes: [...manifestChanges, ...lockChange],
      update: { name, from: main.from, to: main.to, manifest: manifestChanges[0]?.path ?? root?.path ?? reference.manifest },
      ...(closes === undefined ? {} : { closes }),
    };
  }

  interface Knowledge {
    readonly published: PublishedPackage;
    readonly advisories: readonly KnownAdvisory[];
    readonly registryAnswered: boolean;
  }

  async function gather({ name }: PackageRef, findings: readonly Finding[], context: FixContext): Promise<Knowledge | undefined> {
    const published = await options.registry.published(name, context);
    if (published === undefined) return undefined;
    const versions = published.versions.map((each) => each.version);
    let answered: Readonly<Record<string, readonly KnownAdvisory[]>> | undefined;
    try {
      answered = await options.registry.advisories({ [name]: versions }, context);
    } catch (error) {
      // The reports' advisories remain; the patch says that they are all that is known.
      if (!isVendorError(error)) throw error;
    }
    return {
      published,
      advisories: mergeAdvisories(advisoriesOfFindings(findings, name), answered?.[name] ?? []),
      registryAnswered: answered !== undefined,
    };
  }

  return {
    id: 'npm-update',
    displayName: 'npm update',
    url: 'https://docs.npmjs.com/cli/commands/npm-install',
    capabilities: ['npm', 'package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'workspaces'],
    trust: 'dependency',
    accepts: (finding) => finding.kind === 'dependency' && finding.package?.ecosystem === 'npm',
    propose: async (finding, context) => {
      try {
        return await propose(finding, context);
      } catch (error) {
        // A manifest or lock that cannot be read stops this fix, not those of other findings.
        if (isHumanError(error)) return { findingId: finding.id, noFix: error.message.replace(/\.$/, '') };
        throw error;
      }
    },
  };
}

/** What is known of the finding's own advisory: the registry's word for it where there is one, else its own. */
function advisoriesOf(finding: Finding, known: readonly KnownAdvisory[]): readonly KnownAdvisory[] {
  const own = advisoriesOfFindings([finding], finding.package?.name ?? '');
  const ids = new Set(own.flatMap((advisory) => advisory.ids));
  return known.filter((advisory) => advisory.ids.some((id) => ids.has(id)));
}

function whyNothingMoves(finding: Finding, plan: UpdatePlan, project: NpmProject, named: (version: string) => boolean): string {
  const name = finding.package?.name ?? '';
  // Of a declaration (a git address, say) it is not known which version it means.
  const held = plan.held.filter(({ version }) => valid(version, { loose: true }) === null || named(version));
  if (held.length > 0) return held.map((copy) => `${name} ${copy.version} (${copy.key}) stays: ${copy.because}`).join('. ');
  const id = finding.aliases[0] ?? finding.ruleId;
  if (project.lock === undefined) return `no package.json of the project asks for a ${name} that ${id} affects`;
  const versions = [...new Set(instancesOf(project.lock.tree, name).map((each) => each.version))].join(', ');
  return versions === ''
    ? `${project.lock.path} has no ${name}; scan again`
    : `${project.lock.path} has ${name} ${versions}, which ${id} does not affect; scan again`;
}

function changesOf(project: NpmProject, plan: UpdatePlan): FileChange[] {
  return project.manifests.flatMap(({ path, manifest }) => {
    const edits = plan.edits.get(path);
    return edits === undefined ? [] : [{ path, before: manifest.text, after: applyEdits(manifest.text, edits), edits }];
  });
}

/** Vulnerable copies in the finished lock that the plan did not already name as held. */
function remaining(
  name: string,
  lock: LockUpdate & { readonly kind: 'written' },
  advisories: readonly KnownAdvisory[],
  plan: UpdatePlan,
): readonly string[] {
  const named = new Set(plan.held.map((copy) => copy.key));
  return instancesOf(lock.tree, name)
    .filter((copy) => copy.version !== undefined && !named.has(copy.key) && isAffected(advisories, name, copy.version))
    .map((copy) => `Left: ${name} ${copy.version ?? ''} at ${copy.key}: its parent's range allows no clean version.`);
}

/** Copies of other packages that the update brings in although a report knows an advisory about them. */
function introduced(lock: LockUpdate, project: NpmProject, findings: readonly Finding[]): readonly string[] {
  if (lock.kind !== 'written') return [];
  const before = new Set([...(project.lock?.tree.packages.values() ?? [])].map((each) => `${each.name}@${each.version ?? ''}`));
  return [...lock.tree.packages.values()].flatMap((place) => {
    const { name, version, key } = place;
    if (version === undefined || before.has(`${name}@${version}`)) return [];
    return isAffected(advisoriesOfFindings(findings, name), name, version)
      ? [`Brings in ${name} ${version} (${key}), which a report's advisory affects.`]
      : [];
  });
}

function lockNotes(lock: LockUpdate, project: NpmProject): readonly string[] {
  switch (lock.kind) {
    case 'written':
      return lock.notes;
    case 'stale':
      return [
        `${project.lock?.path ?? 'The lock file'} is stale: ${lock.because}. Run \`npm install --package-lock-only --ignore-scripts\`${
          project.folder === '' ? '' : ` in ${project.folder}`
        }. Until then nobody can claim that the finding is gone.`,
      ];
    case 'none':
      return project.foreignLock === undefined
        ? ['The project has no lock file: which version an install takes is decided then.']
        : [
            `${project.foreignLock.path} is stale: npm does not write it. Run \`${project.foreignLock.command}\`. Until then nobody can claim that the finding is gone.`,
          ];
    case 'refused':
      return [];
  }
}

/** Findings about the package in this project whose own advisory affects no copy that the finished lock has. */
function closedBy(
  lock: LockUpdate & { readonly kind: 'written' },
  project: NpmProject,
  name: string,
  findings: readonly Finding[],
  asked: Finding,
): readonly string[] {
  const folders = new Set(project.manifests.map(({ path }) => folderOf(path)));
  const copies = instancesOf(lock.tree, name);
  const closed = [asked, ...findings.filter((each) => each.id !== asked.id)].filter((each) => {
    if (each.package?.name !== name || !folders.has(folderOf(each.package.manifest))) return false;
    return advisoriesOfFindings([each], name).every((advisory) =>
      copies.every((copy) => copy.version !== undefined && affects(advisory, name, copy.version) === false),
    );
  });
  return closed.map((each) => each.id);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
