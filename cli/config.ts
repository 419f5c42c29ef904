/** `smallcode config`: every value with where it came from. */

import type { Explained } from "../core/config/config.ts";
import { type Flags, loadConfig } from "../core/config/load.ts";
import { explainProfile, loadProfiles, matchProfile } from "../core/config/profiles.ts";
import type { World } from "./world.ts";

export interface ConfigOptions {
  /** The flags that all commands share, as they would hold for a run. */
  readonly flags: Flags;
  /** One JSON object on stdout instead of the table. */
  readonly json: boolean;
}

/**
 * Prints the configuration as it would hold for a run here: secrets masked, keys whose part is not built yet marked.
 * @returns exit code 0
 * @throws {ConfigError}
 */
export async function configCommand(options: ConfigOptions, world: World): Promise<number> {
  const { config, explained, warnings } = await loadConfig({
    ...world,
    flags: options.flags,
    isTerminal: world.stdinIsTerminal && world.stdoutIsTerminal,
  });
  const profiles = await loadProfiles(world.assets("profiles/"));
  // Which profile holds is only sure once the server has told its model; with no name asked for nothing is filled in.
  const rows = config.model === undefined
    ? explained
    : explainProfile(explained, matchProfile(config.model, profiles));
  if (options.json) {
    world.out(
      `${
        JSON.stringify({ values: rows, warnings, trusted: config.trusted, paths: config.paths }, null, 2)
      }\n`,
    );
    return 0;
  }
  world.out(layTable(rows));
  world.out(`\nconfiguration ${config.paths.config}\ndata          ${config.paths.data}\n`);
  world.out(
    `this folder   ${config.trusted ? "trusted" : 'not trusted (run "smallcode trust" to change that)'}\n`,
  );
  for (const warning of warnings) world.err(`warning: ${warning}\n`);
  return 0;
}

function layTable(rows: readonly Explained[]): string {
  const keyWidth = Math.max(...rows.map((row) => row.key.length));
  // A long list or URL pushes its own line out, not the whole column.
  const valueWidth = Math.min(40, Math.max(...rows.map((row) => row.value.length)));
  return rows.map((row) => {
    const mark = row.takesEffect || row.from === "not set" ? "" : "  (no effect yet)";
    return `${row.key.padEnd(keyWidth)}  ${(row.value || "-").padEnd(valueWidth)}  ${row.from}${mark}\n`;
  }).join("");
}
