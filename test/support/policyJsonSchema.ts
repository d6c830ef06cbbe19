import { toJsonSchema } from '@valibot/to-json-schema';
import { policySchema } from '../../src/core/policy/policySchema';

/** The policy's JSON schema as the editor offers it; rules that JSON Schema cannot say are left to the parser. */
export function policyJsonSchema(): unknown {
  return JSON.parse(JSON.stringify(toJsonSchema(policySchema, { ignoreActions: ['check'] })));
}
