/** What `patchline --help` prints. */
export const help = `patchline: carries a security patch from detection to rollout

  patchline import REPORT… [--format auto|sarif|npm-audit|semgrep] [--workspace DIR]
      Reads scanner reports and lists their findings, merged across scanners.
  patchline triage REPORT… --workspace DIR [--policy FILE]
      The findings by priority, each with its explanation, owner and due date.
  patchline fix REPORT… --workspace DIR (--finding ID | --all) [--write]
      The fix as a unified diff (git apply takes it); --write applies it.
  patchline test REPORT… --workspace DIR (--finding ID | --all) [--write]
      A regression test for the project's own test framework.
  patchline prove [REPORT…] --workspace DIR (--finding ID | --all)
      Red without the fix, green with it, the suite not worse, the finding gone.
  patchline run [REPORT…] --workspace DIR (--finding ID | --all) [--forge auto|local|github]
      [--until pull-request|checks|approved|deployed] [--approve-as IDENTITY|solo]
      The way, headless: fix, test, proof, pull request; with --until further: checks, artifact,
      approval, merge, rollout and watch. All of it in the run log.
  patchline watch --workspace DIR [--forge auto|local|github]
      Watches every rollout that is under way, until none is.
  patchline metrics --workspace DIR [--json | --csv]
      The figures of the run log: time to repair, success rate, stages, incidents, weeks.
  patchline cvss                     CVSS vectors in, one a line; scores out
  patchline owners --codeowners FILE paths in, one a line; owners out
  patchline providers                every system Patchline can work with
  patchline log verify FILE [--anchor N:HASH]
      Checks a chain of the run log and names the first bad entry.

Every command takes --json: one JSON document on standard output, everything else on
standard error (cvss and owners answer each line of input with a document of its own).
Exit: 0 it went well; 1 a gate or proof says no; 2 bad usage or unreadable input.
GitHub's token is read from PATCHLINE_GITHUB_TOKEN or GITHUB_TOKEN.`;
