/** Arguments of a call against a tool's parameters; loaded with the first call. */

import { z } from "zod";
import type { Parameters } from "./tool_schema.ts";
import type { Args } from "./types.ts";

/** The arguments as the shape gives them, or what is wrong with the first that does not fit, e.g. `path: Invalid input: …`. */
export function checkArgs(
  parameters: Parameters,
  args: Args,
): { readonly args: Args } | { readonly problem: string } {
  const result = parameters(z).safeParse(args);
  if (result.success) return { args: result.data as Args };
  const issue = result.error.issues[0];
  return { problem: `${issue?.path.join(".") || "arguments"}: ${issue?.message ?? "not valid"}` };
}
