/** Reads YAML; a file of its own, so that the library is loaded only for a reply that may hold some. */

import { parse, YAMLError } from "yaml";

/** The value of a YAML text; `undefined` for what is none. No aliases, no key twice. */
export function parseYaml(source: string): unknown {
  try {
    return parse(source, { maxAliasCount: 0, logLevel: "error", uniqueKeys: true });
  } catch (error) {
    if (error instanceof YAMLError || error instanceof ReferenceError) return undefined;
    throw error;
  }
}
