import { importSteps } from '../../src/core/stages/detection';
import type { DetectionChange } from '../../src/core/stages/detection';
import { finish } from '../../src/core/steps';

/** An import at once. */
export const importInto = (...args: Parameters<typeof importSteps>): DetectionChange => finish(importSteps(...args));
