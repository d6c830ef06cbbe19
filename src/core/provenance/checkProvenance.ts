import * as v from 'valibot';
import { cleanLine } from '../findings/cleanText';
import { buildType, predicateType, repositoryUri, statementType } from './provenanceOf';

export interface ExpectedProvenance {
  readonly sha256: string;
  readonly commit: string;
  readonly tree?: string;
  readonly name?: string;
  /** Address of the repository, in any form that git takes. */
  readonly repository?: string;
  /** `builder.id`s that are believed; any where absent. */
  readonly builders?: readonly string[];
  readonly command?: readonly string[];
}

/** Larger than any statement of an honest build: a lock file of 50,000 packages makes 15 MB. */
const longest = 32 * 1024 * 1024;

const text = v.pipe(v.string(), v.maxLength(10_000));
const digest = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(100)), text),
  v.check((value) => Object.keys(value).length > 0, 'it has no digest'),
);
const descriptor = v.pipe(
  v.object({ name: v.optional(text), uri: v.optional(text), digest: v.optional(digest), content: v.optional(v.unknown()) }),
  // A descriptor must say what it means by one of these (in-toto ResourceDescriptor v1).
  v.check(
    ({ uri, digest: digests, content }) => uri !== undefined || digests !== undefined || content !== undefined,
    'it names nothing',
  ),
);
const instant = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'it is no RFC 3339 time in UTC'));

/** Unknown fields are passed over, as the specification asks. */
const statementSchema = v.object({
  _type: v.string(),
  subject: v.pipe(v.array(v.object({ name: v.optional(text), digest })), v.minLength(1), v.maxLength(10_000)),
  predicateType: v.string(),
  predicate: v.object({
    buildDefinition: v.object({
      buildType: text,
      externalParameters: v.record(v.string(), v.unknown()),
      internalParameters: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
      resolvedDependencies: v.optional(v.nullable(v.pipe(v.array(descriptor), v.maxLength(200_000)))),
    }),
    runDetails: v.object({
      builder: v.object({ id: text, version: v.optional(v.nullable(v.record(v.string(), v.string()))) }),
      metadata: v.optional(
        v.nullable(
          v.object({
            invocationId: v.optional(text),
            startedOn: v.optional(instant),
            finishedOn: v.optional(instant),
          }),
        ),
      ),
    }),
  }),
});

type Statement = v.InferOutput<typeof statementSchema>;

/**
 * Everything in which a provenance statement does not say what is expected; empty when it does. It says nothing of who made the
 * statement: that takes a signature.
 *
 * @param statement - the text of the document, or what was parsed from it; hostile
 */
export function checkProvenance(statement: unknown, expected: ExpectedProvenance): readonly string[] {
  const value = typeof statement === 'string' ? parse(statement) : statement;
  if (value === undefined) return ['The provenance is no JSON document that can be read.'];
  const parsed = v.safeParse(statementSchema, value);
  if (!parsed.success) {
    return parsed.issues.slice(0, 10).map((issue) => {
      const place = cleanLine(v.getDotPath(issue) ?? 'the document', 200);
      return `The provenance is not of the expected form at ${place}: ${cleanLine(issue.message, 200)}.`;
    });
  }
  return [...aboutForm(parsed.output), ...aboutSubject(parsed.output, expected), ...aboutBuild(parsed.output, expected)];
}

function parse(document: string): unknown {
  if (document.length > longest) return undefined;
  try {
    return JSON.parse(document) as unknown;
  } catch {
    return undefined;
  }
}

function aboutForm(statement: Statement): readonly string[] {
  return [
    ...differs('The statement is of the type', statement._type, statementType),
    ...differs('The predicate is of the type', statement.predicateType, predicateType),
  ];
}

/** Subjects are matched by digest alone (in-toto Statement v1); the name is looked at only where one is expected. */
function aboutSubject({ subject }: Statement, { sha256, name }: ExpectedProvenance): readonly string[] {
  const found = subject.find((each) => each.digest['sha256'] === sha256);
  if (found === undefined) {
    const named = subject.map((each) => each.digest['sha256'] ?? 'no SHA-256');
    return [`The provenance is of another artifact: ${shortList(named)}, not ${sha256}.`];
  }
  return name === undefined ? [] : differs('The artifact is named', found.name, name);
}

function aboutBuild({ predicate }: Statement, expected: ExpectedProvenance): readonly string[] {
  const { buildDefinition, runDetails } = predicate;
  const { externalParameters: parameters } = buildDefinition;
  const problems = [...differs('The build is of the type', buildDefinition.buildType, buildType)];
  // Verifiers should reject parameters they do not know: each may have changed what was built (SLSA Provenance v1).
  const unknown = Object.keys(parameters).filter((key) => !['repository', 'commit', 'command'].includes(key));
  if (unknown.length > 0) problems.push(`The build had parameters that are not known: ${shortList(unknown)}.`);
  problems.push(...differs('It was built from the commit', parameters['commit'], expected.commit));
  const source = (buildDefinition.resolvedDependencies ?? []).find(({ digest: each }) => each?.['gitCommit'] === expected.commit);
  if (source === undefined) problems.push(`The commit ${expected.commit} is not among what went into the build.`);
  else if (expected.tree !== undefined)
    problems.push(...differs('The source is the tree', source.digest?.['gitTree'], expected.tree));
  if (expected.repository !== undefined) {
    const repository = repositoryUri(expected.repository) ?? expected.repository;
    problems.push(...differs('It was built from the repository', parameters['repository'], repository));
  }
  if (expected.command !== undefined)
    problems.push(...differs('It was built by', JSON.stringify(parameters['command']), JSON.stringify(expected.command)));
  if (expected.builders !== undefined && !expected.builders.includes(runDetails.builder.id))
    problems.push(`It was built by ${cleanLine(runDetails.builder.id, 200)}, which is not believed here.`);
  const { startedOn, finishedOn } = runDetails.metadata ?? {};
  if (startedOn !== undefined && finishedOn !== undefined && Date.parse(startedOn) > Date.parse(finishedOn))
    problems.push(`The build ended (${finishedOn}) before it began (${startedOn}).`);
  return problems;
}

function differs(what: string, is: unknown, expected: string): readonly string[] {
  if (is === expected) return [];
  const said = is === undefined ? 'none' : cleanLine(typeof is === 'string' ? is : JSON.stringify(is), 200);
  return [`${what} ${said}, not ${cleanLine(expected, 200)}.`];
}

function shortList(items: readonly string[]): string {
  const shown = items.slice(0, 3).map((item) => cleanLine(item, 100));
  return `${shown.join(', ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''}`;
}
