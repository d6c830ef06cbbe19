import * as v from 'valibot';
import { deliveryFields } from './deliverySchema';
import { command, day, days, globs, text } from './schemaParts';

/** The shape of `.patchline.json`; the JSON schema that the editor offers is made from it. */
export const policySchema = v.pipe(
  v.strictObject({
    $schema: v.optional(v.string()),
    slaDays: v.optional(
      v.pipe(
        v.strictObject({
          critical: days('critical'),
          high: days('high'),
          medium: days('medium'),
          low: days('low'),
          info: days('info'),
        }),
        v.description(
          'Days from first detection to the due date, by severity. Without a number: critical 7, high 30, medium 90, low 180, info no due date.',
        ),
      ),
    ),
    components: v.optional(
      v.pipe(
        v.array(
          v.strictObject({
            name: text('What the component is called where its points are explained.'),
            paths: globs('Files that belong to it.'),
            points: v.pipe(
              v.number(),
              v.minValue(-50),
              v.maxValue(50),
              v.description(
                'Added to the priority of findings in it: more for what customers or revenue depend on, less for tools and demos.',
              ),
            ),
            owners: v.optional(
              v.pipe(v.array(text('@user, @org/team or an address.')), v.description('Owners where CODEOWNERS names none.')),
            ),
          }),
        ),
        v.description('Parts of the code that matter more or less than the rest. The first that holds a finding counts.'),
      ),
    ),
    ignore: v.optional(
      v.pipe(
        v.array(
          v.strictObject({
            rule: text('Rule id, exactly or with * for any characters.'),
            paths: v.optional(globs('Only in these files.')),
            reason: text('Why: shown wherever the finding would have been.'),
            until: v.optional(day('Last day it holds (YYYY-MM-DD); after it the findings come back.')),
          }),
        ),
        v.description('Findings that are suppressed by decision of the team. They are counted and can be shown, never dropped.'),
      ),
    ),
    licences: v.optional(
      v.pipe(
        v.array(
          v.pipe(
            v.strictObject({
              licence: v.optional(text('SPDX id or expression that is allowed, such as MPL-2.0.')),
              package: v.optional(text('Name of the package it is allowed for, without a version; every package by default.')),
              reason: text('Why: shown in the checklist wherever it is used.'),
              until: v.optional(day('Last day it holds (YYYY-MM-DD).')),
            }),
            v.check((one) => one.licence !== undefined || one.package !== undefined, 'it must name a licence or a package'),
          ),
        ),
        v.description(
          'Licences and packages that somebody has looked at. A dependency that comes under a licence that asks for more than a notice otherwise keeps a patch from being ready.',
        ),
      ),
    ),
    rescan: v.optional(
      v.pipe(
        v.record(
          v.string(),
          v.strictObject({
            command: command('Program and arguments that run the scanner in the folder it is started in.'),
            format: text('Format of its report: sarif, npm-audit, semgrep, or auto.'),
            report: v.optional(
              text('File that the command writes its report to; without it the report is read from standard output.'),
            ),
          }),
        ),
        v.description(
          'How a scanner is run again to see that a finding is gone, by the scanner’s name as it stands in the finding.',
        ),
      ),
    ),
    test: v.optional(
      v.pipe(
        v.strictObject({
          framework: v.optional(
            v.pipe(
              v.picklist(['node-test', 'mocha', 'jest', 'vitest']),
              v.description('Instead of what the project seems to use.'),
            ),
          ),
          folder: v.optional(text('Where regression tests are put; otherwise beside the tests that are there.')),
          suite: v.optional(command('The project’s own tests; otherwise the package’s test script.')),
        }),
        v.description('Regression tests and the project’s own suite.'),
      ),
    ),
    forge: v.optional(
      v.pipe(
        v.strictObject({
          provider: v.optional(v.pipe(v.picklist(['github', 'local']), v.description('Where pull requests are opened.'))),
          repository: v.optional(
            v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/), v.description('owner/name; otherwise taken from the remote.')),
          ),
          baseBranch: v.optional(text('Branch that pull requests go to; otherwise the checked-out one.')),
          branchPrefix: v.optional(text('What Patchline’s branches begin with; patchline/ by default.')),
        }),
        v.description('Pull requests.'),
      ),
    ),
    ...deliveryFields,
  }),
  v.title('Patchline policy'),
  v.description('How this team triages, tests and ships its patches.'),
);
