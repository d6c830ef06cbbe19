import type { Finding } from '../../src/core/model/finding';
import type { ReportReader } from '../../src/core/ports';
import { makeFinding } from './findings';

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: {
            readonly startLine: number;
            readonly startColumn?: number;
            readonly endLine?: number;
            readonly endColumn?: number;
          };
        };
      }[];
    }[];
  }[];
}

/** The least of SARIF that ESLint writes, so that tests of the proof do not hang on the real reader. */
export const plainSarif: ReportReader = {
  id: 'sarif',
  displayName: 'SARIF',
  url: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html',
  capabilities: [],
  recognises: () => true,
  read(file, root) {
    const log = JSON.parse(Buffer.from(file.bytes ?? []).toString('utf8')) as Log;
    const findings = log.runs.flatMap((run) =>
      run.results.flatMap((result, index): Finding[] => {
        const place = result.locations[0]?.physicalLocation;
        if (place === undefined) return [];
        const path = place.artifactLocation.uri.replace(/^file:\/\//, '').replace(`${root}/`, '');
        const scanner = run.tool.driver.name;
        return [
          makeFinding({
            id: `pl-${file.name}-${index}`,
            scanner,
            ruleId: result.ruleId,
            title: result.message.text,
            locations: [{ path, ...place.region }],
            witnesses: [{ scanner, file: file.name, ruleId: result.ruleId, index }],
          }),
        ];
      }),
    );
    return Promise.resolve({
      format: 'sarif',
      scanner: log.runs[0]?.tool.driver.name ?? '',
      findings,
      rejected: [],
      results: findings.length,
      notes: [],
      complete: true,
    });
  },
};
