// @ts-check
// A rule of the house that needs types: an object's own members are copied only from findings that have them. Findings of large
// reports are read from their rows by getters (core/findings/findingHandle), which spread, rest patterns and Object.assign pass over
// without a word.
import ts from 'typescript';

/** Members by which a type is told to be a finding or a draft of one. */
const telling = ['witnesses', 'ruleId', 'locations', 'aliases'];
/** Functions that look at an object's own members only. */
const copiers = /^(?:Object\.(?:assign|keys|values|entries|getOwnPropertyNames)|structuredClone|canonicalJson)$/;

/** What to do about it. */
export const advice =
  'Copies a finding member by member, and one of a large report has none of its own: take plainFinding of it.';

/** True for a finding and for a list of findings, which a call may spread. @param {ts.Type} type @returns {boolean} */
function isFinding(type) {
  if (type.isUnion()) return type.types.some(isFinding);
  if (telling.every((name) => type.getProperty(name) !== undefined)) return true;
  const item = type.getNumberIndexType();
  return item !== undefined && isFinding(item);
}

/**
 * Places where a finding is copied member by member.
 * @param {ts.Program} program @param {readonly ts.SourceFile[]} files of the program, those to look at
 * @returns {ts.Node[]}
 */
export function findPartialCopies(program, files) {
  const checker = program.getTypeChecker();
  /** @type {ts.Node[]} */
  const found = [];

  /**
   * True for what has members of its own: a literal, what plainFinding gives, and constants that hold one of these.
   * @param {ts.Expression} node @returns {boolean}
   */
  function isPlain(node) {
    if (ts.isParenthesizedExpression(node)) return isPlain(node.expression);
    if (ts.isObjectLiteralExpression(node)) return true;
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText();
      return called === 'plainFinding' || (/\.map$/.test(called) && node.arguments[0]?.getText() === 'plainFinding');
    }
    if (!ts.isIdentifier(node)) return false;
    const declaration = checker.getSymbolAtLocation(node)?.declarations?.[0];
    if (declaration === undefined) return false;
    // Of `const { id, ...rest } = plain` the rest is plain as well.
    const isRest = ts.isBindingElement(declaration) && declaration.dotDotDotToken !== undefined;
    const declared = isRest ? declaration.parent.parent : declaration;
    if (!ts.isVariableDeclaration(declared) || declared.initializer === undefined) return false;
    return (ts.getCombinedNodeFlags(declared) & ts.NodeFlags.Const) !== 0 && isPlain(declared.initializer);
  }

  /** @param {ts.Expression} value @param {ts.Node} [node] what is pointed at */
  function check(value, node = value) {
    if (!isPlain(value) && isFinding(checker.getTypeAtLocation(value))) found.push(node);
  }

  function visit(/** @type {ts.Node} */ node) {
    if (ts.isSpreadAssignment(node)) check(node.expression, node);
    if (ts.isCallExpression(node) && copiers.test(node.expression.getText()))
      for (const argument of node.arguments) check(ts.isSpreadElement(argument) ? argument.expression : argument, argument);
    if (ts.isBindingElement(node) && node.dotDotDotToken !== undefined && ts.isObjectBindingPattern(node.parent)) {
      const declared = node.parent.parent;
      if (ts.isVariableDeclaration(declared) && declared.initializer !== undefined) check(declared.initializer);
      else if (isFinding(checker.getTypeAtLocation(declared))) found.push(declared);
    }
    ts.forEachChild(node, visit);
  }
  for (const file of files) visit(file);
  return found;
}
