/** Error classes that some caller catches. Everything else uses the built-in that fits. */

/** A tool could not do what was asked. The message is read by the model: what is wrong and the exact next call. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** What went wrong with a model server; decides what the user is told and the exit code. */
export type ProviderFault =
  | "unreachable"
  | "unauthorized"
  | "unknown_model"
  | "window_exceeded"
  | "rejected"
  | "unreadable"
  | "overloaded"
  | "cut";

/** The model server could not be used. The message is read by the user and says what to do. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly fault: ProviderFault;
  /** HTTP status, where one came. */
  readonly status: number | undefined;
  /** For `window_exceeded`: tokens sent and tokens the server holds, where it says. */
  readonly tokens: { readonly prompt: number; readonly window: number } | undefined;

  constructor(
    fault: ProviderFault,
    message: string,
    details: { status?: number; tokens?: { prompt: number; window: number }; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.fault = fault;
    this.status = details.status;
    this.tokens = details.tokens;
  }
}

/** For `catch` of a promise: what a tool refuses (a path outside, a file that is gone or no text) is `undefined`. @throws everything else */
export function ifRefused(error: unknown): undefined {
  if (!(error instanceof ToolError)) throw error;
}

/** The user's configuration or command line is wrong. The message names file, line and key. Exit code 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** An action was not permitted. The message is read by the model. */
export class PermissionError extends Error {
  override readonly name = "PermissionError";
}

/** Sessions, journal and events cannot be written any more. The message is read by the user; an edit that could not be journaled was not made. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}
