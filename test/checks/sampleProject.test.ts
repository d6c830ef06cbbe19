import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { satisfies } from 'semver';
import { lockInstances } from '../../src/core/proof/lockInstances';

const sample = fileURLToPath(new URL('../workspaces/orders-service/', import.meta.url));
const read = (path: string): string => readFileSync(join(sample, path), 'utf8');

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
}

/** The sample's reports are written by test/tools/regenerateReports.mjs; here is held that they still fit the sample. */
describe('sample project', () => {
  it('the ESLint report points at the weak places and names no machine', () => {
    const text = read('reports/eslint.sarif');
    assert.doesNotMatch(text, /file:\/\//);
    const log = JSON.parse(text) as {
      runs: {
        results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string }; region: Region } }[] }[];
      }[];
    };
    const places = (log.runs[0]?.results ?? []).map(({ ruleId, locations }) => {
      const { artifactLocation, region } = locations[0]?.physicalLocation ?? assert.fail('a result without a place');
      const line = read(artifactLocation.uri).split('\n')[region.startLine - 1] ?? '';
      return `${ruleId} ${artifactLocation.uri} ${
        line
          .slice(region.startColumn - 1)
          .split('(')[0]
          ?.split(' ')[0] ?? ''
      }`;
    });
    assert.deepEqual(places, [
      'security/detect-possible-timing-attacks src/access.js if',
      'security/detect-non-literal-fs-filename src/catalogue.js fs.readFileSync',
      'security/detect-child-process src/diagnostics.js exec',
      'security/detect-non-literal-fs-filename src/invoices.js fs.readFile',
      'sql-template/no-unsafe-query src/orders.js `SELECT',
    ]);
  });

  it('the prepared report says what stands at its place, and that it was prepared', () => {
    const log = JSON.parse(read('reports/prepared-review.sarif')) as {
      runs: {
        tool: { driver: { name: string; fullDescription: { text: string } } };
        results: {
          locations: {
            physicalLocation: {
              artifactLocation: { uri: string };
              region: Region & { endColumn: number; snippet: { text: string } };
            };
          }[];
          fixes: { artifactChanges: { replacements: { deletedRegion: Region & { endColumn: number } }[] }[] }[];
        }[];
      }[];
    };
    const [one] = log.runs;
    assert.match(`${one?.tool.driver.name}: ${one?.tool.driver.fullDescription.text}`, /^Prepared Review: Written by hand/);
    assert.equal(one?.results.length, 1);
    const { artifactLocation, region } = one?.results[0]?.locations[0]?.physicalLocation ?? assert.fail('no place');
    const line = read(artifactLocation.uri).split('\n')[region.startLine - 1] ?? '';
    assert.equal(line.slice(region.startColumn - 1, region.endColumn - 1), region.snippet.text);
    const { deletedRegion } = one?.results[0]?.fixes[0]?.artifactChanges[0]?.replacements[0] ?? assert.fail('no fix');
    assert.deepEqual({ ...deletedRegion, snippet: region.snippet }, region);
  });

  it('npm’s report names packages that the lock file installs in the affected versions', () => {
    const audit = JSON.parse(read('reports/npm-audit.json')) as {
      vulnerabilities: Record<string, { isDirect: boolean; via: { url: string; range: string }[] }>;
    };
    const known = JSON.parse(readFileSync(fileURLToPath(new URL('../tools/advisories.json', import.meta.url)), 'utf8')) as {
      advisories: { package: string; ghsa: string; vulnerable_versions: string }[];
    };
    assert.deepEqual(Object.keys(audit.vulnerabilities), ['ini', 'json5', 'lodash', 'minimist']);
    assert.equal(Object.values(audit.vulnerabilities).filter((one) => one.isDirect).length, 3);
    const lock = read('package-lock.json');
    for (const { package: name, ghsa, vulnerable_versions: range } of known.advisories) {
      assert.ok(
        lockInstances(lock, name)?.some(({ version }) => satisfies(version, range)),
        `${name} is not installed in ${range}`,
      );
      const via = audit.vulnerabilities[name]?.via.find((one) => one.url.endsWith(ghsa));
      assert.equal(via?.range, range, `${ghsa} is not in the report`);
    }
  });

  it('its lock file names no registry, and nothing is installed in the checkout', () => {
    assert.doesNotMatch(read('package-lock.json'), /"resolved"/);
    assert.match(read('.gitignore'), /^node_modules\/$/m);
    assert.ok(existsSync(join(sample, '.github/CODEOWNERS')));
  });
});
