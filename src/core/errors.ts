/**
 * Errors by class, never by text. Bundles may hold this module twice, so they are told apart by `name`, not by instanceof:
 * use the `is…` functions.
 */

/** A message fit for a person: what is wrong, where, what to do. Shown as it is. */
export class HumanError extends Error {
  override readonly name = 'HumanError';
}

/** A vendor's system said no or could not be reached; the pipeline turns it into outcome `error` in one place. */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  constructor(
    readonly vendor: string,
    message: string,
    readonly options: { readonly status?: number; readonly retryable: boolean; readonly cause?: unknown } = { retryable: false },
  ) {
    super(message, { cause: options.cause });
  }
}

/** Thrown when an AbortSignal fired; silent everywhere. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor() {
    super('cancelled');
  }
}

export function isHumanError(error: unknown): error is HumanError {
  return error instanceof Error && error.name === 'HumanError';
}

export function isVendorError(error: unknown): error is VendorError {
  return error instanceof Error && error.name === 'VendorError';
}

/** True for our own cancellation and for the platform's AbortError. */
export function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'CancelledError' || error.name === 'AbortError');
}

/** Throws CancelledError when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}

/** The message of anything thrown, for a log line or a detail. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
