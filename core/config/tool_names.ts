/** Names in `[tools] enabled`, held against the tools that there are. */

import { ConfigError } from "../errors.ts";
import { nearest } from "./keys.ts";

/** Names that the ordered configuration uses for parts that are not built yet: accepted, and said to have no effect. */
const NOT_BUILT: readonly string[] = ["symbols", "memory"];

/**
 * Checks the names.
 * @returns those that have no effect yet
 * @throws {ConfigError} for a name that no tool has, with the nearest one
 */
export function checkToolNames(enabled: readonly string[], known: readonly string[]): readonly string[] {
  for (const name of enabled) {
    if (known.includes(name) || NOT_BUILT.includes(name)) continue;
    const near = nearest(name, known);
    throw new ConfigError(
      `Cannot use tools.enabled: there is no tool "${name}"${
        near ? `; did you mean "${near}"?` : ""
      } Tools: ${known.join(", ")}`,
    );
  }
  return enabled.filter((name) => NOT_BUILT.includes(name) && !known.includes(name));
}
