/** `smallcode sessions`: the conversations that can be gone on with. */

import type { SessionSummary } from "../core/store/store.ts";
import { withStored } from "./_stored.ts";
import { oneLine } from "./terminal_text.ts";
import type { World } from "./world.ts";

export interface SessionsOptions {
  /** The project folder; default: the current one. */
  readonly cwd?: string;
  /** Those of every folder. */
  readonly all?: boolean;
  readonly json?: boolean;
  /** Default 20. */
  readonly limit?: number;
}

/** Lists sessions, the newest first. @returns exit code 0 */
export function sessionsCommand(options: SessionsOptions, world: World): Promise<number> {
  return withStored(world, options.cwd, ({ store, root }) => {
    const where = options.all ? {} : { cwd: root };
    const sessions = store.list({ ...where, limit: options.limit ?? 20 });
    if (options.json) world.out(`${JSON.stringify(sessions, null, 2)}\n`);
    else {world.out(
        sessions.map((session) => lineOf(session, options, world)).join("") || nothing(options, root),
      );}
    return 0;
  });
}

function lineOf(session: SessionSummary, options: SessionsOptions, world: World): string {
  const when = new Date(session.updatedAt).toISOString().slice(0, 16).replace("T", " ");
  const turns = `${session.turns} turn${session.turns === 1 ? "" : "s"}`;
  const what = `${session.title || "(nothing said)"}${options.all ? `  ${session.cwd}` : ""}`;
  const head = `${session.id}  ${when}  ${turns.padEnd(8)}  ${(session.outcome ?? "-").padEnd(10)}`;
  return `${head}  ${oneLine(what, Math.max(20, world.columns - head.length - 2))}\n`;
}

function nothing(options: SessionsOptions, root: string): string {
  return options.all
    ? "there is no session yet\n"
    : `there is no session of ${root} yet; --all lists every folder's\n`;
}
