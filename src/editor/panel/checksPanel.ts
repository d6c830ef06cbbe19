import { cleanLine } from '../../core/findings/cleanText';
import type { Artifact } from '../../core/model/artifact';
import type { CheckState, CiReport } from '../../core/model/ci';
import type { TestComparison } from '../../core/model/testReport';
import type { PanelArtifact, PanelCi, PanelOutcome, PanelTestList, PanelTests } from '../../webview/protocol';
import { sizeWords } from '../delivery/deliveryWords';
import { httpsLink } from '../plainMarkdown';

/** Names of a list that are shown; the whole report is one click away as evidence. */
const mostNames = 50;
const mostChecks = 100;

const checkOutcomes: Readonly<Record<CheckState, PanelOutcome>> = {
  queued: 'waiting',
  running: 'waiting',
  successful: 'successful',
  failed: 'failed',
  'timed-out': 'failed',
  cancelled: 'error',
  'action-required': 'inconclusive',
  stale: 'error',
  neutral: 'closed',
  skipped: 'closed',
};

const checkWords: Readonly<Record<CheckState, string>> = {
  queued: 'queued',
  running: 'running',
  successful: 'passed',
  failed: 'failed',
  'timed-out': 'timed out',
  cancelled: 'cancelled',
  'action-required': 'a person must act',
  stale: 'stale',
  neutral: 'neutral',
  skipped: 'skipped',
};

/** The checks of the head commit, as the panel draws them: those that stand in the way first. */
export function checksPanel(ci: CiReport, canRerun: boolean): PanelCi {
  const count = (...states: readonly CheckState[]) => ci.checks.filter((check) => states.includes(check.state)).length;
  const parts = [
    [count('failed', 'timed-out', 'cancelled', 'stale', 'action-required'), 'did not pass'],
    [count('running'), 'running'],
    [count('queued'), 'queued'],
    [ci.missing.length, 'not reported yet'],
  ] as const;
  const rest = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  const passed = count('successful', 'neutral', 'skipped');
  const rank: readonly PanelOutcome[] = ['failed', 'error', 'inconclusive', 'waiting', 'successful', 'closed'];
  return {
    outcome: ci.outcome,
    summary: `${[`${passed} of ${ci.checks.length + ci.missing.length} passed`, ...rest].join(', ')}.`,
    provider: ci.provider,
    commit: ci.commit.slice(0, 10),
    readAt: ci.readAt,
    missing: ci.missing.slice(0, mostChecks).map((name) => cleanLine(name, 200)),
    canRerun,
    checks: ci.checks
      .toSorted((a, b) => rank.indexOf(checkOutcomes[a.state]) - rank.indexOf(checkOutcomes[b.state]))
      .slice(0, mostChecks)
      .map((check) => {
        const link = httpsLink(check.url);
        return {
          id: check.id,
          name: cleanLine(check.name, 200),
          outcome: checkOutcomes[check.state],
          word: checkWords[check.state],
          attempt: check.attempt,
          ...(check.required === undefined ? {} : { required: check.required ? 'required' : 'not required' }),
          ...(check.startedAt === undefined ? {} : { since: check.startedAt }),
          ...(check.startedAt === undefined || check.completedAt === undefined
            ? {}
            : { duration: Date.parse(check.completedAt) - Date.parse(check.startedAt) }),
          ...(check.summary === undefined ? {} : { summary: cleanLine(check.summary, 400) }),
          hasLog: check.hasLog,
          ...(link === undefined ? {} : { url: link }),
        };
      }),
  };
}

/** The artifact with everything that tells one from another. */
export function artifactPanel(artifact: Artifact): PanelArtifact {
  const { verdict, differences } = artifact.reproducibility;
  const words = {
    reproducible: 'Reproducible: a second build from a clean work tree gave the same bytes.',
    different: 'Not reproducible: a second build gave other bytes.',
    'not-checked': 'Whether it is reproducible was not checked.',
  };
  const outcomes = { reproducible: 'successful', different: 'failed', 'not-checked': 'error' } as const;
  return {
    name: cleanLine(`${artifact.name} ${artifact.version}`, 200),
    digest: artifact.digest.sha256,
    size: sizeWords(artifact.size),
    registry: artifact.registry,
    uri: cleanLine(artifact.uri, 400),
    commit: artifact.commit.slice(0, 10),
    reproducible: outcomes[verdict],
    verdict: words[verdict],
    differences: differences.slice(0, mostNames).map((line) => cleanLine(line, 300)),
    provenance: {
      name: cleanLine(artifact.provenance.name, 120),
      mediaType: artifact.provenance.mediaType,
      sha256: artifact.provenance.digest.sha256,
    },
  };
}

const regressionWords: Readonly<Record<TestComparison['regression'], string>> = {
  passed: 'The patch’s own regression test passed in this report.',
  failed: 'The patch’s own regression test failed.',
  skipped: 'The patch’s own regression test was skipped.',
  missing: 'The patch’s own regression test is not in this report.',
  none: 'The patch brings no regression test.',
};

/** The test report beside that of its base: what the patch broke first. */
export function testsPanel(tests: TestComparison): PanelTests {
  const list = (title: string, names: readonly string[], bad = false): readonly PanelTestList[] =>
    names.length === 0
      ? []
      : [
          {
            title: `${title} (${names.length})`,
            bad,
            names: names.slice(0, mostNames).map((name) => cleanLine(name, 300)),
            cut: Math.max(0, names.length - mostNames),
          },
        ];
  const slower = tests.slower.map(({ name, before, after }) => `${name}: ${before.toFixed(2)} s → ${after.toFixed(2)} s`);
  return {
    outcome: tests.outcome,
    summary: cleanLine(tests.summary, 400),
    passed: tests.passed,
    failed: tests.failed,
    skipped: tests.skipped,
    regression: regressionWords[tests.regression],
    lists: [
      ...list('Broken by the patch', tests.broken, true),
      ...list('Lost: ran on the base, not here', tests.lost, true),
      ...list('Skipped, ran on the base', tests.newlySkipped, true),
      ...list('Flaky: failed first, then passed', tests.flaky),
      ...list('Slower beyond the noise', slower),
      ...list('Failing before already, not the patch’s doing', tests.failingBefore),
      ...list('Fixed', tests.fixed),
      ...list('New', tests.added),
    ],
  };
}
