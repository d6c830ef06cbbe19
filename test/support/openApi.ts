import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

type Json = Record<string, unknown>;

export interface OpenApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface MatchedOperation {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  /** What is wrong with the request; empty when nothing is. */
  readonly problems: readonly string[];
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly parameters: readonly Json[];
  readonly body?: { readonly required: boolean; readonly schema: Json };
  readonly responses: Readonly<Record<string, unknown>>;
}

/**
 * Checks requests and responses against GitHub's own OpenAPI description (npm: @octokit/openapi). The description is large, so
 * only the named operations are looked at, and only the schemas they reach are compiled.
 */
export class OpenApi {
  private readonly ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false, logger: false });
  private readonly operations: readonly Operation[];
  private readonly compiled = new Map<unknown, ValidateFunction>();

  constructor(
    private readonly description: Json,
    operationIds: readonly string[],
  ) {
    (addFormats as unknown as (ajv: Ajv) => void)(this.ajv);
    // Go's durations, which Prometheus means, beside those of ISO 8601.
    this.ajv.addFormat('duration', /^(P.+|(\d+(ms|[smhdwy]))+)$/);
    const found: Operation[] = [];
    for (const [path, item] of Object.entries(this.object(description['paths']))) {
      for (const [method, value] of Object.entries(this.object(item))) {
        const operation = this.object(value);
        if (operationIds.includes(String(operation['operationId']))) found.push(this.operation(path, method, operation));
      }
    }
    const missing = operationIds.filter((id) => !found.some((operation) => operation.id === id));
    if (missing.length > 0) throw new Error(`The description has no operation ${missing.join(', ')}.`);
    this.operations = found;
  }

  /** GitHub's description as the npm package carries it. */
  static forGitHub(operationIds: readonly string[]): OpenApi {
    const require = createRequire(import.meta.url);
    const file = require.resolve('@octokit/openapi/generated/api.github.com.json');
    return new OpenApi(JSON.parse(readFileSync(file, 'utf8')) as Json, operationIds);
  }

  /** An example of the description, by its component name: a template for answers. */
  example(name: string): Json {
    const examples = this.object(this.object(this.description['components'])['examples']);
    return structuredClone(this.object(this.object(examples[name])['value']));
  }

  /** Undefined when no named operation has this method and path. */
  match(request: OpenApiRequest): MatchedOperation | undefined {
    for (const operation of this.operations) {
      const match = operation.method === request.method.toLowerCase() ? operation.pattern.exec(request.path) : null;
      if (!match) continue;
      const params = Object.fromEntries(operation.names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]));
      return { id: operation.id, params, problems: this.requestProblems(operation, params, request) };
    }
    return undefined;
  }

  /** What is wrong with an answer; an undescribed status is wrong, too. */
  responseProblems(operationId: string, status: number, body: unknown): readonly string[] {
    const operation = this.operations.find((each) => each.id === operationId);
    const response = operation?.responses[String(status)] ?? operation?.responses['default'];
    if (response === undefined) return [`status ${status} is not described for ${operationId}`];
    const schema = this.jsonSchema(this.resolve(response));
    return schema === undefined ? [] : this.problems(schema, body, 'response');
  }

  private requestProblems(operation: Operation, params: Readonly<Record<string, string>>, request: OpenApiRequest): string[] {
    const problems: string[] = [];
    const known = new Set<string>();
    for (const parameter of operation.parameters) {
      const name = String(parameter['name']);
      const schema = this.object(parameter['schema']);
      if (parameter['in'] === 'query') known.add(name);
      const given = parameter['in'] === 'path' ? params[name] : request.query.get(name);
      if (given === null || given === undefined) {
        if (parameter['required'] === true) problems.push(`${name} is missing`);
        continue;
      }
      const value = schema['type'] === 'integer' && /^-?\d+$/.test(given) ? Number(given) : given;
      problems.push(...this.problems(schema, value, name));
    }
    for (const name of request.query.keys()) if (!known.has(name)) problems.push(`query parameter ${name} is not described`);
    if (!operation.body) {
      if (request.body !== undefined) problems.push('a body is not described');
    } else if (request.body === undefined) {
      if (operation.body.required) problems.push('the body is missing');
    } else {
      problems.push(...this.problems(operation.body.schema, request.body, 'body'));
      // The description allows more; GitHub would ignore it, so it is a mistake of ours.
      const properties = this.object(operation.body.schema['properties']);
      for (const name of Object.keys(this.object(request.body))) {
        if (!(name in properties)) problems.push(`body.${name} is not described`);
      }
    }
    return problems;
  }

  private operation(path: string, method: string, operation: Json): Operation {
    const names: string[] = [];
    const pattern = path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    const body = operation['requestBody'] === undefined ? undefined : this.resolve(operation['requestBody']);
    const schema = body && this.jsonSchema(body);
    return {
      id: String(operation['operationId']),
      method,
      pattern: new RegExp(`^${pattern}$`),
      names,
      parameters: ((operation['parameters'] ?? []) as unknown[]).map((each) => this.resolve(each)),
      ...(schema ? { body: { required: body['required'] === true, schema } } : {}),
      responses: this.object(operation['responses']),
    };
  }

  private problems(schema: Json, value: unknown, where: string): string[] {
    let validate = this.compiled.get(schema);
    if (!validate) {
      validate = this.ajv.compile(this.selfContained(schema));
      this.compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${where}${error.instancePath} ${error.message ?? ''}`);
  }

  /** The schema with all that it reaches under `$defs`, in plain JSON Schema: OpenAPI 3.0 says `nullable` where that says null. */
  private selfContained(schema: Json): Json {
    const defs: Json = {};
    const convert = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(convert);
      if (typeof node !== 'object' || node === null) return node;
      const source = node as Json;
      if (typeof source['$ref'] === 'string') {
        const name = source['$ref'].replace(/^#\//, '').replaceAll('/', '.');
        if (!(name in defs)) {
          defs[name] = {};
          defs[name] = convert(this.resolve(source));
        }
        return { $ref: `#/$defs/${name}` };
      }
      const { nullable, example, examples, ...rest } = source;
      const converted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, convert(value)]));
      // `example` is also a property name somewhere: then it is a schema and stays.
      if (typeof example === 'object' && example !== null && 'type' in example) converted['example'] = convert(example);
      if (examples !== undefined && typeof examples === 'object' && 'type' in (examples as Json))
        converted['examples'] = convert(examples);
      return nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted;
    };
    return { ...(convert(schema) as Json), $defs: defs };
  }

  private jsonSchema(described: Json): Json | undefined {
    const content = this.object(described['content'] ?? {});
    const json = content['application/json'] ?? content['application/x-www-form-urlencoded'];
    return json === undefined ? undefined : this.resolve(this.object(json)['schema']);
  }

  private resolve(node: unknown): Json {
    const value = this.object(node);
    const ref = value['$ref'];
    if (typeof ref !== 'string') return value;
    let target: unknown = this.description;
    for (const part of ref.replace(/^#\//, '').split('/'))
      target = this.object(target)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    return this.resolve(target);
  }

  private object(value: unknown): Json {
    if (typeof value !== 'object' || value === null) throw new Error('The description is not as expected.');
    return value as Json;
  }
}
