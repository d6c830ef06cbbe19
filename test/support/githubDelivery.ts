import type { OpenApi } from './openApi';

export interface SeedCheckRun {
  readonly sha: string;
  readonly name: string;
  readonly status?: string;
  readonly conclusion?: string | null;
  readonly suite?: number;
  readonly appId?: number;
  readonly slug?: string;
  readonly title?: string;
}

export interface SeedRun {
  readonly id: number;
  readonly sha: string;
  readonly workflow?: number;
  readonly event?: string;
  readonly number?: number;
  attempt?: number;
  readonly suite?: number;
  status?: string;
  conclusion?: string | null;
}

export interface SeedArtifact {
  readonly id: number;
  readonly run: number;
  readonly name: string;
  readonly zip: Uint8Array;
  readonly size?: number;
  readonly expired?: boolean;
}

export interface SeedReview {
  readonly user: string;
  readonly state: string;
  readonly commit: string | null;
  readonly body?: string;
  readonly association?: string;
  readonly at?: string;
}

export interface StoredStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
}

export interface StoredDeployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly production: boolean;
  readonly statuses: StoredStatus[];
}

export interface Answer {
  readonly status: number;
  readonly data?: unknown;
  readonly location?: string;
}

type Params = Readonly<Record<string, string>>;
type Json = Record<string, unknown>;

export const deliveryOperations = [
  'actions/download-artifact',
  'actions/download-job-logs-for-workflow-run',
  'actions/list-workflow-run-artifacts',
  'actions/list-workflow-runs-for-repo',
  'actions/re-run-workflow-failed-jobs',
  'checks/list-for-ref',
  'pulls/create-review',
  'pulls/list-reviews',
  'repos/compare-commits-with-basehead',
  'repos/create-deployment',
  'repos/create-deployment-status',
  'repos/get',
  'repos/get-branch-rules',
  'repos/get-collaborator-permission-level',
  'repos/get-combined-status-for-ref',
  'repos/list-deployment-statuses',
  'repos/list-deployments',
] as const;

const at = '2026-01-05T08:00:00Z';

/** What the stand-in knows of checks, reviews and deployments: tests write into it, requests read and change it. */
export class GitHubDelivery {
  readonly checkRuns: SeedCheckRun[] = [];
  readonly statuses: { sha: string; context: string; state: string; description?: string; picture?: string }[] = [];
  readonly runs: SeedRun[] = [];
  readonly artifacts: SeedArtifact[] = [];
  readonly logs = new Map<number, string>();
  /** Of branch protection; undefined: the branch is not protected; 'hidden': it is, but is not shown. */
  protection: { readonly context: string; readonly app_id: number | null }[] | 'hidden' | undefined;
  rules: { readonly context: string; readonly integration_id?: number }[] = [];
  readonly otherRules: { readonly type: string; readonly parameters?: object }[] = [];
  readonly reviews: SeedReview[] = [];
  readonly permissions = new Map<string, string>();
  /** Changed files between base and commit, by `base...commit`. */
  readonly comparisons = new Map<string, readonly { readonly filename: string; readonly patch?: string }[]>();
  readonly deployments: StoredDeployment[] = [];
  mayPush = true;
  /** Ways of merging that the repository's settings do not allow. */
  readonly forbiddenMerges = new Set<string>();
  /** The person whose token it is. */
  me = 'ada';
  pullAuthor = 'ada';
  /** The team's workflow, run after a deployment was made. */
  onDeployment: ((deployment: StoredDeployment) => void) | undefined;

  constructor(
    private readonly api: OpenApi,
    /** Address of the other host, where files lie. */
    private readonly files: () => string,
    private readonly sha: (ref: string) => string | undefined,
  ) {}

  addStatus(deployment: StoredDeployment, state: string, description = ''): void {
    const id = 1000 + this.deployments.reduce((sum, { statuses }) => sum + statuses.length, 0);
    deployment.statuses.unshift({ id, state, description });
  }

  /** What lies at the other host. */
  file(path: string): Uint8Array | undefined {
    const [, kind, id] = /^\/(log|artifact)\/(\d+)$/.exec(path) ?? [];
    const log = kind === 'log' ? this.logs.get(Number(id)) : undefined;
    if (log !== undefined) return Buffer.from(log);
    return kind === 'artifact' ? this.artifacts.find((each) => each.id === Number(id))?.zip : undefined;
  }

  answer(operation: string, params: Params, query: URLSearchParams, body: Json, notFound: Answer): Answer | undefined {
    const page = <T>(items: readonly T[]): readonly T[] => {
      const size = Number(query.get('per_page') ?? 30);
      return items.slice((Number(query.get('page') ?? 1) - 1) * size).slice(0, size);
    };
    const ok = (data: unknown): Answer => ({ status: 200, data });
    const deployment = this.deployments.find(({ id }) => id === Number(params['deployment_id']));
    switch (operation) {
      case 'checks/list-for-ref': {
        const all = this.checkRuns.map((run, i) => ({ ...run, id: i + 1 })).filter(({ sha }) => sha === params['ref']);
        const latest = all.filter(
          (run) => !all.some((other) => other.id > run.id && other.name === run.name && (other.suite ?? 1) === (run.suite ?? 1)),
        );
        const wanted = query.get('filter') === 'all' ? all : latest;
        return ok({ total_count: wanted.length, check_runs: page(wanted).map((run) => this.renderCheckRun(run)) });
      }
      case 'repos/get-combined-status-for-ref': {
        const all = this.statuses.filter(({ sha }) => sha === params['ref']);
        const latest = all.filter((each, i) => !all.slice(i + 1).some(({ context }) => context === each.context));
        return ok({
          ...this.api.example('combined-commit-status'),
          sha: params['ref'],
          state: 'pending',
          total_count: latest.length,
          statuses: page(latest).map((each) => this.renderStatus(each)),
        });
      }
      case 'actions/list-workflow-runs-for-repo': {
        const wanted = this.runs.filter(({ sha }) => query.get('head_sha') === null || sha === query.get('head_sha'));
        return ok({ total_count: wanted.length, workflow_runs: page(wanted).map((run) => this.renderRun(run)) });
      }
      case 'actions/re-run-workflow-failed-jobs': {
        const run = this.runs.find(({ id }) => id === Number(params['run_id']));
        if (!run) return notFound;
        if (run.status === 'queued')
          return {
            status: 403,
            data: { message: 'This workflow is already running', documentation_url: 'https://docs.github.com/rest' },
          };
        run.attempt = (run.attempt ?? 1) + 1;
        run.status = 'queued';
        run.conclusion = null;
        return { status: 201, data: {} };
      }
      case 'actions/download-job-logs-for-workflow-run': {
        const id = Number(params['job_id']);
        return this.logs.has(id) ? { status: 302, location: `${this.files()}/log/${id}?sig=secret` } : notFound;
      }
      case 'actions/list-workflow-run-artifacts': {
        const wanted = this.artifacts.filter(({ run }) => run === Number(params['run_id']));
        return ok({ total_count: wanted.length, artifacts: page(wanted).map((each) => this.renderArtifact(each)) });
      }
      case 'actions/download-artifact': {
        const artifact = this.artifacts.find(({ id }) => id === Number(params['artifact_id']));
        return artifact ? { status: 302, location: `${this.files()}/artifact/${artifact.id}?sig=secret` } : notFound;
      }
      case 'repos/get-branch-rules': {
        const parameters = { strict_required_status_checks_policy: false, required_status_checks: this.rules };
        return ok(
          page(
            [...(this.rules.length === 0 ? [] : [{ type: 'required_status_checks', parameters }]), ...this.otherRules].map(
              (rule) => ({ ...rule, ruleset_source_type: 'Repository', ruleset_source: 'octo-org/orders', ruleset_id: 1 }),
            ),
          ),
        );
      }
      case 'pulls/list-reviews':
        return ok(page(this.reviews.map((review, i) => this.renderReview(review, i + 1))));
      case 'pulls/create-review': {
        if (this.me === this.pullAuthor && body['event'] !== 'COMMENT') {
          const said = `Can not ${body['event'] === 'APPROVE' ? 'approve' : 'request changes on'} your own pull request`;
          return {
            status: 422,
            data: {
              message: 'Unprocessable Entity',
              errors: [said],
              documentation_url: 'https://docs.github.com/rest',
              status: '422',
            },
          };
        }
        const states: Readonly<Record<string, string>> = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED' };
        this.reviews.push({
          user: this.me,
          state: states[String(body['event'])] ?? 'COMMENTED',
          commit: String(body['commit_id']),
          body: String(body['body'] ?? ''),
        });
        return ok(this.renderReview(this.reviews.at(-1)!, this.reviews.length));
      }
      case 'repos/get-collaborator-permission-level': {
        const permission = this.permissions.get(params['username'] ?? '');
        const example = this.api.example('repository-collaborator-permission-response-if-user-has-admin-permissions');
        return permission === undefined
          ? notFound
          : ok({ ...example, permission, role_name: permission, user: { ...(example['user'] as Json), role_name: permission } });
      }
      case 'repos/compare-commits-with-basehead': {
        const files = this.comparisons.get(params['basehead'] ?? '');
        if (!files) return notFound;
        const example = this.api.example('commit-comparison');
        const file = (example['files'] as Json[])[0]!;
        return ok({
          ...example,
          files: files.map(({ filename, patch }) => {
            const { patch: _, ...rest } = file;
            return { ...rest, filename, ...(patch === undefined ? {} : { patch }) };
          }),
        });
      }
      case 'repos/get': {
        // GitHub's example lacks what its own schema requires, in the repository and in those that it names.
        const { source, parent, template_repository, ...example } = this.api.example('full-repository-default-response');
        const permissions = { admin: false, maintain: false, push: this.mayPush, triage: true, pull: true };
        const allowed = {
          allow_merge_commit: !this.forbiddenMerges.has('merge'),
          allow_squash_merge: !this.forbiddenMerges.has('squash'),
          allow_rebase_merge: !this.forbiddenMerges.has('rebase'),
        };
        return ok({ ...example, ...allowed, language: null, permissions });
      }
      case 'repos/list-deployments':
        return ok(
          page(
            [...this.deployments]
              .reverse()
              .filter((each) =>
                (['sha', 'ref', 'task', 'environment'] as const).every(
                  (name) => query.get(name) === null || query.get(name) === each[name],
                ),
              )
              .map((each) => this.renderDeployment(each)),
          ),
        );
      case 'repos/create-deployment': {
        const ref = String(body['ref']);
        const sha = /^[0-9a-f]{40}$/.test(ref) ? ref : this.sha(ref);
        if (sha === undefined)
          return {
            status: 422,
            data: { message: `No ref found for: ${ref}`, documentation_url: 'https://docs.github.com/rest' },
          };
        const made: StoredDeployment = {
          id: this.deployments.length + 1,
          sha,
          ref,
          task: String(body['task'] ?? 'deploy'),
          environment: String(body['environment'] ?? 'production'),
          payload: body['payload'] ?? {},
          production: body['production_environment'] === true,
          statuses: [],
        };
        this.deployments.push(made);
        this.onDeployment?.(made);
        return { status: 201, data: this.renderDeployment(made) };
      }
      case 'repos/list-deployment-statuses':
        return deployment ? ok(page(deployment.statuses.map((each) => this.renderDeploymentStatus(each)))) : notFound;
      case 'repos/create-deployment-status': {
        if (!deployment) return notFound;
        this.addStatus(deployment, String(body['state']), String(body['description'] ?? ''));
        return { status: 201, data: this.renderDeploymentStatus(deployment.statuses[0]!) };
      }
      default:
        return undefined;
    }
  }

  renderProtection(): Json {
    if (this.protection === undefined || this.protection === 'hidden')
      return { protected: this.protection === 'hidden', protection: { enabled: false } };
    const checks = this.protection;
    const contexts = checks.map(({ context }) => context);
    return {
      protected: true,
      protection: { enabled: true, required_status_checks: { enforcement_level: 'everyone', contexts, checks } },
    };
  }

  private renderCheckRun(run: SeedCheckRun & { readonly id: number }): Json {
    const example = this.first('check-run-paginated', 'check_runs');
    const status = run.status ?? 'completed';
    return {
      ...example,
      id: run.id,
      head_sha: run.sha,
      name: run.name,
      status,
      conclusion: run.conclusion ?? (status === 'completed' ? 'success' : null),
      started_at: at,
      completed_at: status === 'completed' ? at : null,
      check_suite: { id: run.suite ?? 1 },
      app: { ...(example['app'] as Json), id: run.appId ?? 15368, slug: run.slug ?? 'github-actions' },
      output: { ...(example['output'] as Json), title: run.title ?? null },
    };
  }

  private renderStatus(each: { context: string; state: string; description?: string; picture?: string }): Json {
    const example = (this.api.example('combined-commit-status')['statuses'] as Json[])[0]!;
    const avatar = each.picture === undefined ? {} : { avatar_url: `https://avatars.githubusercontent.com/${each.picture}?v=4` };
    return { ...example, ...avatar, context: each.context, state: each.state, description: each.description ?? null };
  }

  private renderRun(run: SeedRun): Json {
    const status = run.status ?? 'completed';
    return {
      ...this.first('workflow-run-paginated', 'workflow_runs'),
      id: run.id,
      name: `workflow ${run.workflow ?? 1}`,
      head_sha: run.sha,
      workflow_id: run.workflow ?? 1,
      event: run.event ?? 'pull_request',
      run_number: run.number ?? run.id,
      run_attempt: run.attempt ?? 1,
      check_suite_id: run.suite ?? 1,
      status,
      conclusion: run.conclusion ?? (status === 'completed' ? 'success' : null),
    };
  }

  private renderArtifact(each: SeedArtifact): Json {
    const example = this.first('artifact-paginated', 'artifacts');
    return {
      ...example,
      id: each.id,
      name: each.name,
      size_in_bytes: each.size ?? each.zip.byteLength,
      expired: each.expired ?? false,
    };
  }

  private renderReview(review: SeedReview, id: number): Json {
    const example = (this.api.example('pull-request-review-items') as unknown as Json[])[0]!;
    return {
      ...example,
      id,
      user: { ...(example['user'] as Json), login: review.user },
      body: review.body ?? '',
      state: review.state,
      commit_id: review.commit,
      submitted_at: review.at ?? `2026-01-05T08:00:${String(id).padStart(2, '0')}Z`,
      author_association: review.association ?? 'COLLABORATOR',
    };
  }

  private renderDeployment(each: StoredDeployment): Json {
    const example = (this.api.example('deployment-items') as unknown as Json[])[0]!;
    const { id, sha, ref, task, environment, payload } = each;
    return { ...example, id, sha, ref, task, environment, original_environment: environment, payload, created_at: at };
  }

  private renderDeploymentStatus(each: StoredStatus): Json {
    const example = (this.api.example('deployment-status-items') as unknown as Json[])[0]!;
    return { ...example, id: each.id, state: each.state, description: each.description };
  }

  private first(example: string, key: string): Json {
    return (this.api.example(example)[key] as Json[])[0]!;
  }
}
