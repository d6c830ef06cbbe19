import { HumanError } from '../core/errors';

/** A button under a message: its label and the command it runs. */
export interface Action {
  readonly title: string;
  readonly command: string;
  readonly args?: readonly unknown[];
}

/** A HumanError that also knows what the person can do about it. */
export class ActionableError extends HumanError {
  constructor(
    message: string,
    readonly actions: readonly Action[],
  ) {
    super(message);
  }
}

/** The actions an error brings; errors cross bundles, so the class is not asked. */
export function actionsOf(error: unknown): readonly Action[] {
  if (!(error instanceof Error) || !('actions' in error) || !Array.isArray(error.actions)) return [];
  return error.actions.filter(
    (action: unknown): action is Action =>
      typeof action === 'object' &&
      action !== null &&
      'title' in action &&
      typeof action.title === 'string' &&
      'command' in action &&
      typeof action.command === 'string',
  );
}
