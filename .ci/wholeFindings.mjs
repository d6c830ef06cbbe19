// A rule for the linter: an object's own members are copied only from findings that have them. Findings of large reports are read
// from their rows by getters (core/findings/findingHandle), which spread, rest patterns and Object.assign pass over without a word.

/** Members by which a type is told to be a finding or a draft of one. */
const telling = ['witnesses', 'ruleId', 'locations', 'aliases'];
/** Functions that look at an object's own members only. */
const copiers = /^(?:Object\.(?:assign|keys|values|entries|getOwnPropertyNames)|structuredClone|canonicalJson)$/;

/** True for a finding and for a list of findings, which a call may spread. */
function isFinding(type) {
  if (type.isUnion()) return type.types.some(isFinding);
  if (telling.every((name) => type.getProperty(name) !== undefined)) return true;
  const item = type.getNumberIndexType();
  return item !== undefined && isFinding(item);
}

/** @type {import('eslint').Rule.RuleModule} */
export const wholeFindings = {
  meta: {
    type: 'problem',
    messages: {
      copied: 'Copies a finding member by member, and one of a large report has none of its own: take plainFinding of it.',
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    const { parserServices } = sourceCode;

    /** True for what has members of its own: a literal, what plainFinding gives, and constants that hold one of these. */
    function isPlain(node) {
      if (node.type === 'ObjectExpression') return true;
      if (node.type === 'CallExpression') {
        const called = sourceCode.getText(node.callee);
        return called === 'plainFinding' || (/\.map$/.test(called) && sourceCode.getText(node.arguments[0]) === 'plainFinding');
      }
      if (node.type !== 'Identifier') return false;
      for (let scope = sourceCode.getScope(node); scope !== null; scope = scope.upper) {
        const definition = scope.set.get(node.name)?.defs[0];
        if (definition === undefined) continue;
        const declared = definition.type === 'Variable' && definition.parent.kind === 'const' ? definition.node : undefined;
        // Of `const { id, ...rest } = plain` the rest is plain as well.
        const holdsAll = declared?.id === definition.name || definition.name.parent.type === 'RestElement';
        return declared?.init != null && holdsAll && isPlain(declared.init);
      }
      return false;
    }

    function check(node) {
      const value = node.type === 'SpreadElement' ? node.argument : node;
      if (!isPlain(value) && isFinding(parserServices.getTypeAtLocation(value))) context.report({ node, messageId: 'copied' });
    }

    return {
      'ObjectExpression > SpreadElement': check,
      CallExpression(node) {
        if (copiers.test(sourceCode.getText(node.callee))) node.arguments.forEach(check);
      },
      'ObjectPattern > RestElement'({ parent: pattern }) {
        const { parent } = pattern;
        check(parent.type === 'VariableDeclarator' && parent.id === pattern ? (parent.init ?? pattern) : pattern);
      },
    };
  },
};
