/** The MCP servers of a folder, bound to it: their programs are permitted, held and watched as commands are. */

import { join } from "node:path";
import type { McpServer } from "../config/config.ts";
import { cacheFolder } from "../config/folders.ts";
import type { EventBody } from "../events.ts";
import type { OpenServers, ServersParts } from "../mcp/servers.ts";
import { findSandbox, type SandboxOptions } from "../sandbox/command_sandbox.ts";
import { isPermitted } from "../run_tool.ts";
import type { Permission } from "./open_permission.ts";
import type { Project } from "./open_project.ts";
import type { Session } from "./session.ts";

export interface FolderServers {
  readonly servers: readonly McpServer[];
  readonly confine: SandboxOptions;
  readonly home: string;
  readonly version: string;
  readonly permission: Permission;
  /** Names of the tools that there are already. */
  readonly taken: readonly string[];
  readonly now: () => number;
}

const NO_SERVERS: OpenServers = {
  tools: [],
  listed: () => [],
  notices: [],
  close: () => Promise.resolve(),
};

/** Opens the servers of a session; without one nothing is loaded. */
export async function addServers(
  session: Session,
  project: Project,
  { permission, taken }: { readonly permission: Permission; readonly taken: readonly string[] },
): Promise<OpenServers & { readonly tell: () => void }> {
  const { opening, loaded: { config }, profile, ahead } = session;
  const held: EventBody[] = [];
  let isTold = false;
  const emit = (body: EventBody) => isTold ? session.events.emit(body) : void held.push(body);
  const open = await openFolderServers({
    servers: profile.harness.mcp ? config.mcp : [],
    confine: { ...ahead.confine, env: project.env },
    home: opening.bundle.home,
    version: opening.bundle.version,
    permission: { ...permission, emit },
    taken,
    now: () => performance.now(),
  }, opening.signal);
  return {
    ...open,
    /** What happened until now, once the session has told of its own beginning. */
    tell() {
      isTold = true;
      for (const body of held.splice(0)) session.events.emit(body);
    },
  };
}

/** Opens the servers of a folder, also without a session. @throws the signal's reason */
export async function openFolderServers(parts: FolderServers, signal: AbortSignal): Promise<OpenServers> {
  if (parts.servers.length === 0) return NO_SERVERS;
  const { openServers } = await import("../mcp/servers.ts");
  return await openServers(partsOf(parts), signal);
}

function partsOf({ servers, confine, home, version, permission, taken, now }: FolderServers): ServersParts {
  const { root, env, platform } = confine;
  return {
    servers,
    taken,
    world: {
      root,
      env,
      platform,
      version,
      now,
      cacheFolder: join(cacheFolder({ env, home, platform }), "mcp"),
      emit: permission.emit,
      sandbox: (network) => findSandbox({ ...confine, ...(network === undefined ? {} : { network }) }),
    },
    permit: (request, isHeld, signal) => {
      // Whoever leaves the sandbox is asked about, also where commands in it are free.
      const rules = () => {
        const own = permission.rules();
        return { ...own, sandboxed: own.sandboxed && isHeld };
      };
      return isPermitted("mcp", request, signal, { ...permission, rules });
    },
  };
}

/** Whether a name in `tools.enabled` can only be known once the servers are open. */
export function isServerTool(name: string): boolean {
  return name.startsWith("mcp_");
}
