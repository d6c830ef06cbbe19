import { runInNewContext } from 'node:vm';
import { HumanError, isHumanError } from '../../core/errors';
import { applySuggestedFix } from '../../core/scannerFix/applySuggestedFix';
import type { FindMatches } from '../../core/scannerFix/applySuggestedFix';
import type { PatternMatch } from '../../core/scannerFix/pythonRegex';
import type { Finding } from '../../core/model/finding';
import type { NoFix, Patch } from '../../core/model/patch';
import type { FixContext, Fixer } from '../../core/ports';
import { findBroken } from '../../core/syntax/stillParses';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { treeSitter } from '../clients/treeSitter';

/** Milliseconds that a pattern from a report may run. */
const patternTimeMs = 500;

/** The fix that the scanner itself brought along (SARIF `fixes`, Semgrep `fix` and `fix_regex`), carried out as splices. */
export function createScannerFix(parser: SyntaxParser = treeSitter): Fixer {
  return {
    id: 'scanner-fix',
    displayName: 'The scanner’s own fix',
    url: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317878',
    capabilities: ['sarif-fixes', 'semgrep-fix', 'semgrep-fix-regex'],
    trust: 'scanner',
    accepts: (finding) => finding.suggestedFix !== undefined,
    propose: (finding, context) => propose(finding, context, parser),
  };
}

async function propose(finding: Finding, context: FixContext, parser: SyntaxParser): Promise<Patch | NoFix> {
  const fix = finding.suggestedFix;
  if (fix === undefined) return { findingId: finding.id, noFix: 'the report brings no fix along' };
  const home = finding.locations[0]?.path;
  const paths = new Set([...(home === undefined ? [] : [home]), ...fix.replacements.map(({ path }) => path)]);
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await context.workspace.readText(path);
    if (text !== undefined) texts.set(path, text);
  }
  try {
    const { changes, notes } = applySuggestedFix(finding, fix, texts, findMatches);
    const { broken } = await findBroken(changes, parser);
    if (broken.length > 0)
      return { findingId: finding.id, noFix: `with the scanner's own fix ${broken.join(', ')} would no longer parse` };
    const about = fix.description ?? `the fix that ${finding.scanner} proposes`;
    return {
      findingId: finding.id,
      fixer: 'scanner-fix',
      trust: 'scanner',
      title: `Apply ${finding.scanner}'s fix for ${finding.ruleId}`,
      reason: `${finding.scanner} reported ${finding.ruleId} and brought a fix along: ${about}.`.replace(/\.\.$/, '.'),
      changes,
      notes,
    };
  } catch (error) {
    if (isHumanError(error)) return { findingId: finding.id, noFix: clause(error.message) };
    throw error;
  }
}

/**
 * Runs a pattern of a report in a context of its own with a time limit, which also ends a pattern that backtracks without end.
 * Nothing but texts goes in and comes out.
 */
export const findMatches: FindMatches = (source, flags, text, limit) => {
  const code = `
    JSON.stringify(Array.from((function* () {
      let count = 0;
      for (const match of text.matchAll(new RegExp(source, flags))) {
        if (limit !== null && count++ >= limit) return;
        yield { index: match.index, text: match[0], groups: match.slice(1), named: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? null])) };
      }
    })()))`;
  const input = Object.assign(Object.create(null) as object, { source, flags, text, limit: limit ?? null });
  let answer: unknown;
  try {
    answer = runInNewContext(code, input, { timeout: patternTimeMs });
  } catch (error) {
    // Errors of the other context are not instances of this one's Error.
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new HumanError('the pattern of the scanner’s fix runs too long over the finding’s place');
    throw new HumanError(`the pattern of the scanner’s fix cannot be read: ${String(message)}`);
  }
  const matches = JSON.parse(String(answer)) as readonly RawMatch[];
  return matches.map(({ groups, named, ...match }): PatternMatch => ({
    ...match,
    groups: groups.map((group) => group ?? undefined),
    named: present(named),
  }));
};

function present(named: RawMatch['named']): PatternMatch['named'] {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value ?? undefined]));
}

/** As JSON gives it: a group that took no part is null. */
interface RawMatch {
  readonly index: number;
  readonly text: string;
  readonly groups: readonly (string | null)[];
  readonly named: Readonly<Record<string, string | null>>;
}

/** "No fix, because …": the sentences of other parts go on in lower case and without a full stop. */
function clause(message: string): string {
  return message.replace(/\.$/, '').replace(/^(?:The|Two|An|There|Line|Byte)\b/, (word) => word.toLowerCase());
}
