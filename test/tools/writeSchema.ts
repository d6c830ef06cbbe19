// Writes media/patchline.schema.json from the policy's own schema: `npm run schema`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { policySchema } from '../../src/core/policy/policySchema';

const file = path.resolve(__dirname, '../../media/patchline.schema.json');
writeFileSync(file, `${JSON.stringify(toJsonSchema(policySchema), null, 2)}\n`);
console.log(`wrote ${path.relative(process.cwd(), file)}`);
