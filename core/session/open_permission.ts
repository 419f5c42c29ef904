/** Who may do what: the rules, the person, and what the person has allowed before. */

import type { Config } from "../config/config.ts";
import { addPermit, readPermits } from "../config/permits.ts";
import type { RunDeps } from "../run_tool.ts";
import type { Mode } from "../types.ts";
import type { Project } from "./open_project.ts";
import { modeOf, type Session } from "./session.ts";

export type Permission = Pick<RunDeps, "emit" | "ask" | "rules" | "remember">;

export async function openPermission(
  session: Session,
  { sandbox }: Pick<Project, "sandbox">,
): Promise<Permission> {
  const { opening: { options }, loaded: { config }, root, events } = session;
  return {
    emit: events.emit,
    ask: options.ask ?? (() => Promise.resolve("no")),
    ...await openRules({ root, config, mode: () => modeOf(session), isSandboxed: sandbox.kind !== "none" }),
  };
}

/** The rules of a folder, also without a session. @param folder `mode`: as it is at each question */
export async function openRules(
  { root, config, mode, isSandboxed }: {
    readonly root: string;
    readonly config: Pick<Config, "paths" | "permissions">;
    readonly mode: () => Mode;
    readonly isSandboxed: boolean;
  },
): Promise<Pick<Permission, "rules" | "remember">> {
  const granted = new Set(await readPermits(config.paths.config, root));
  const { allow, deny } = config.permissions;
  return {
    rules: () => ({ mode: mode(), allow, deny, sandboxed: isSandboxed, sessionAllowed: granted, root }),
    remember: async ({ what }, answer) => {
      granted.add(what);
      if (answer === "always") await addPermit(config.paths.config, root, what);
    },
  };
}
