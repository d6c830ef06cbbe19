import { throwIfCancelled } from '../../core/errors';
import type { Fixer } from '../../core/ports';
import { projectPackages } from '../../core/rules/projectPackages';
import { proposeFix } from '../../core/rules/proposeFix';
import { answerTo } from '../../core/rules/rules';
import { sqlInjection } from '../../core/rules/sqlInjection';
import type { SyntaxParser } from '../../core/syntax/syntaxTree';
import { treeSitter } from '../clients/treeSitter';

/** Fixes by our own structural rules: pattern on the syntax tree, change as splices, nothing but what the finding names. */
export function createStructuralRuleFixer(parser: SyntaxParser = treeSitter): Fixer {
  return {
    id: 'structural-rule',
    displayName: 'Structural rules',
    url: 'https://ast-grep.github.io/guide/pattern-syntax.html',
    capabilities: ['javascript', 'typescript'],
    trust: 'rule',
    accepts: (finding) => answerTo(finding) !== undefined,
    async propose(finding, context) {
      const findingId = finding.id;
      const answer = answerTo(finding);
      if (answer === undefined) return { findingId, noFix: 'no structural rule answers this finding' };
      const { rule, location } = answer;
      const { path } = location;
      const text = await context.workspace.readText(path);
      if (text === undefined) return { findingId, noFix: `${path} is not there` };
      throwIfCancelled(context.signal);
      const packages =
        rule.id === sqlInjection.id
          ? await projectPackages({ path, text }, (file) => context.workspace.readText(file), parser)
          : [];
      const fix = await proposeFix(rule, { path, text, packages }, location, parser);
      throwIfCancelled(context.signal);
      if ('because' in fix) return { findingId, noFix: fix.because };
      return {
        findingId,
        fixer: 'structural-rule',
        trust: 'rule',
        title: fix.title,
        reason: rule.reason,
        changes: [{ path, before: text, after: fix.after, edits: fix.edits }],
        notes: fix.notes,
      };
    },
  };
}
