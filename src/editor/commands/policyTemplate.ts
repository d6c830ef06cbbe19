/** What a new `.patchline.json` holds: every part as a comment, so that nothing changes until somebody decides. */
export const policyTemplate = `// The team's policy for Patchline. Everything is optional; complete with Ctrl+Space.
{
  // Days from first detection to the due date.
  // "slaDays": { "critical": 7, "high": 30, "medium": 90 },

  // What matters more (or less) here: points are added to the priority, and shown as a reason.
  // "components": [
  //   { "name": "payments", "paths": ["src/payments/**"], "points": 20, "owners": ["@org/payments"] }
  // ],

  // What is not to be shown, with the reason. Ignored findings count as suppressed; they are never lost.
  // "ignore": [
  //   { "rule": "security/detect-object-injection", "paths": ["scripts/**"], "reason": "build scripts, no outside input", "until": "2027-06-30" }
  // ],

  // Licences and packages that somebody has looked at, beside those that only ask for a notice.
  // "licences": [{ "package": "some-package", "licence": "MPL-2.0", "reason": "used unchanged, looked at by legal" }],

  // How regression tests are written and the project's own suite is run. Found by itself where left out.
  // "test": { "framework": "node-test", "folder": "test", "suite": ["npm", "test"] },

  // Where pull requests go.
  // "forge": { "provider": "github", "repository": "org/name", "baseBranch": "main", "branchPrefix": "patchline/" }
}
`;
