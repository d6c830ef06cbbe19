// Writes media/patchline.schema.json from the policy's own schema: `npm run schema`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { policyJsonSchema } from '../support/policyJsonSchema';

const file = path.resolve(__dirname, '../../media/patchline.schema.json');
writeFileSync(file, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
console.log(`wrote ${path.relative(process.cwd(), file)}`);
