/** Who may do what in a session: the rules, the person, and what the person has allowed before. */

import { addPermit, readPermits } from "../config/permits.ts";
import type { RunDeps } from "../run_tool.ts";
import type { Project } from "./open_project.ts";
import { modeOf, type Session } from "./session.ts";

export type Permission = Pick<RunDeps, "emit" | "ask" | "rules" | "remember">;

export async function openPermission(
  session: Session,
  { sandbox }: Pick<Project, "sandbox">,
): Promise<Permission> {
  const { opening: { options }, loaded: { config }, root, events } = session;
  const granted = new Set(await readPermits(config.paths.config, root));
  return {
    emit: events.emit,
    ask: options.ask ?? (() => Promise.resolve("no")),
    rules: () => ({
      mode: modeOf(session),
      allow: config.permissions.allow,
      deny: config.permissions.deny,
      sandboxed: sandbox.kind !== "none",
      sessionAllowed: granted,
      root,
    }),
    remember: async ({ what }, answer) => {
      granted.add(what);
      if (answer === "always") await addPermit(config.paths.config, root, what);
    },
  };
}
