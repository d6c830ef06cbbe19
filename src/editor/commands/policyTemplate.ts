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
  // "forge": { "provider": "github", "repository": "org/name", "baseBranch": "main", "branchPrefix": "patchline/" },

  // The checks of a pull request: GitHub Actions, or the project's own commands in a clean work tree.
  // "ci": { "provider": "github-actions", "required": ["test"] },

  // What is built and kept; built twice, to see whether it is the same bit for bit.
  // "build": { "command": ["npm", "pack"], "output": "name-*.tgz", "registry": "local" },

  // How many people beside the author must approve, by the risk of the change; and who.
  // "approval": { "people": { "low": 1, "medium": 1, "high": 2 }, "from": ["@org/security"] },

  // How each service is rolled out, what watches it, and the way back, without which there is no rollout. The commands are told
  // what to do in the environment (PATCHLINE_WEIGHT, PATCHLINE_DIGEST, PATCHLINE_STEP).
  // "rollout": {
  //   "services": [
  //     {
  //       "name": "web",
  //       "environment": "production",
  //       "provider": "command",
  //       "strategy": { "kind": "canary", "steps": [{ "weight": 10, "bakeSeconds": 600 }, { "weight": 50, "bakeSeconds": 600 }] },
  //       "commands": { "step": ["./deploy", "shift"], "rollback": ["./deploy", "back"], "rehearse": ["./deploy", "rehearse"] },
  //       "watchSeconds": 1800,
  //       "metrics": [
  //         {
  //           "name": "errors",
  //           "kind": "ratio",
  //           "provider": "prometheus",
  //           "canary": {
  //             "url": "http://prometheus:9090",
  //             "events": "sum(increase(http_requests_total{version='new',code=~'5..'}[$window])) or vector(0)",
  //             "total": "sum(increase(http_requests_total{version='new'}[$window]))"
  //           },
  //           "threshold": { "max": 0.05 },
  //           "minSample": 100
  //         }
  //       ]
  //     }
  //   ]
  // }
}
`;
