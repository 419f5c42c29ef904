/** What a person is told when a session begins: where it works, what was found wrong, what holds commands, which plugins take part. */

import type { EventBody } from "../events.ts";
import type { ListedServer } from "../mcp/servers.ts";
import { grantedOf } from "../plugins/roster.ts";
import type { CommandSandbox } from "../sandbox/command_sandbox.ts";
import type { Mode } from "../types.ts";
import { modeOf, type Session } from "./session.ts";

/** Emits the events of a beginning. @param found `notices`: in sentences; `idle`: names in `tools.enabled` without effect */
export function tellStart(
  session: Session,
  found: {
    readonly sandbox: CommandSandbox;
    readonly notices: readonly string[];
    readonly idle: readonly string[];
    readonly servers: readonly ListedServer[];
  },
): void {
  const { opening: { bundle }, root, loaded: { config }, transport: { facts }, profile, plugins } = session;
  const { emit } = session.events;
  emit({
    type: "session_start",
    cwd: root,
    model: facts.model,
    baseUrl: facts.baseUrl,
    server: `${facts.kind} ${facts.version}`.trim(),
    profile: profile.name,
    window: facts.window,
    windowSource: facts.windowSource,
    mode: modeOf(session),
    resumed: session.isResumed,
    version: bundle.version,
  });
  for (const text of found.notices) emit({ type: "notice", level: "warning", text });
  if (found.idle.length > 0) {
    const text = `tools.enabled: ${found.idle.join(", ")} have no effect yet`;
    emit({ type: "notice", level: "warning", text });
  }
  emit(sandboxNotice(found.sandbox, modeOf(session), config.permissions.network));
  const names = profile.harness.plugins ? grantedOf(plugins.listed).map(({ manifest }) => manifest.name) : [];
  if (names.length > 0) emit({ type: "notice", level: "info", text: `Plugins: ${names.join(", ")}` });
  const open = found.servers.filter(({ state }) => state === "on").map(({ name, tools }) =>
    `${name} (${tools.length} ${tools.length === 1 ? "tool" : "tools"})`
  );
  if (open.length > 0) emit({ type: "notice", level: "info", text: `MCP servers: ${open.join(", ")}` });
}

/** What holds commands, said at every start. */
function sandboxNotice(sandbox: CommandSandbox, mode: Mode, network: boolean): EventBody {
  if (sandbox.kind === "none") {
    const text = `Commands run unconfined (${sandbox.reason})${mode === "auto" ? "" : "; each is asked for"}`;
    return { type: "notice", level: "warning", text };
  }
  const reach = network ? "with network" : "no network (permissions.network)";
  return {
    type: "notice",
    level: "info",
    text: `Commands run in ${sandbox.kind}: they write this folder and temp only, ${reach}`,
  };
}
