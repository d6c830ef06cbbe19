import type { RegressionTest } from '../model/regressionTest';
import type { TestPlan } from '../ports';
import type { SqlDriver } from '../rules/sqlDrivers';

/** A test plan with what the regression test says about itself. */
export interface PlannedTest {
  readonly plan: TestPlan;
  readonly strength: RegressionTest['strength'];
  readonly expectedFailure: string;
  readonly claim: string;
}

/** What every planner is told beside the way to the code. */
export interface PlanContext {
  readonly findingId: string;
  readonly ruleId: string;
  /** Path of the code with the weakness, relative to the package's folder. */
  readonly path: string;
  /** File name without folders and extension, for the name of the test file. */
  readonly stem: string;
  /** Whether declarations carry types. */
  readonly typescript: boolean;
  /** The driver by which the code, as far as one can tell, asks a database. */
  readonly driver?: Pick<SqlDriver, 'name' | 'embedded'>;
}
