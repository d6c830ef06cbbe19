import { HumanError } from '../../errors';
import { plainFinding } from '../../findings/findingHandle';
import type { Finding } from '../../model/finding';
import { readResult } from '../result';
import { createRunContext } from '../runContext';
import { Tally } from '../tally';
import type { RunOutline } from './streamLog';

/**
 * The finding with all its detail, from the bytes of its result (`Finding.detail`) and the outline of the log's runs.
 * @throws HumanError when the bytes are not that result any more.
 */
export function completeFinding(finding: Finding, slice: string, runs: readonly RunOutline[], root: string): Finding {
  const { detail } = finding;
  const file = finding.witnesses[0]?.file ?? '';
  if (detail === undefined) return finding;
  const number = runs.findIndex(
    ({ results }) => results !== undefined && detail.offset >= results.from && detail.offset < results.to,
  );
  const run = runs[number];
  let value: unknown;
  try {
    value = JSON.parse(slice);
  } catch {
    throw changed(file);
  }
  if (run === undefined) throw changed(file);
  const context = createRunContext(run.members, number, { file, root, tally: new Tally(file) });
  const whole = readResult(value, context, 0, finding.witnesses[0]?.index ?? 0, detail);
  if (whole === undefined || whole.ruleId !== finding.ruleId || whole.title !== finding.title) throw changed(file);
  const { codeFlows, properties, description, fingerprints } = whole;
  return {
    ...plainFinding(finding),
    locations: finding.locations.map((location, i) => ({ ...whole.locations[i], ...location })),
    ...(description === undefined ? {} : { description }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
    ...(codeFlows === undefined ? {} : { codeFlows }),
    ...(properties === undefined ? {} : { properties }),
  };
}

function changed(file: string): HumanError {
  return new HumanError(`${file} has changed since it was imported; import it again to see all of this finding.`);
}
