/** `smallcode trace`: what happened in a session, step by step. */

import { resolve } from "node:path";
import { loadConfig } from "../core/config/load.ts";
import { writeAtomic } from "../core/config/private_file.ts";
import { secretsOf } from "../core/config/secrets.ts";
import type { Event } from "../core/events.ts";
import { contractLines } from "../core/plan/contract.ts";
import { maskSecrets } from "../core/store/mask.ts";
import { sessionsCommand } from "./sessions.ts";
import { withStored } from "./_stored.ts";
import { oneLine } from "./terminal_text.ts";
import type { World } from "./world.ts";

export type TraceOptions =
  | { readonly action: "list"; readonly cwd?: string; readonly all?: boolean; readonly json?: boolean }
  | { readonly action: "show"; readonly id: string; readonly cwd?: string }
  | {
    readonly action: "export";
    readonly id: string;
    readonly cwd?: string;
    /** Relative to the current folder; default: stdout. */
    readonly out?: string;
  };

/**
 * Lists sessions, shows one as a timeline, or writes its events as JSON lines with secrets masked.
 * @returns exit code 0
 * @throws {RangeError} when there is no such session
 * @throws {ConfigError} on export, when the configuration, which holds the keys to mask, cannot be read
 */
export async function traceCommand(options: TraceOptions, world: World): Promise<number> {
  switch (options.action) {
    case "list":
      return await sessionsCommand(options, world);
    case "show":
      return await withStored(world, options.cwd, ({ store, root }) => {
        const { meta, events } = store.load(options.id, root);
        world.out(`session ${meta.id}  ${meta.cwd}  ${meta.model}\n`);
        const start = events[0]?.at ?? 0;
        for (const event of events) world.out(`${lineOf(event, start, world.columns)}\n`);
        return 0;
      });
    case "export":
      return await withStored(world, options.cwd, async ({ store, root }) => {
        const { events } = store.load(options.id, root);
        const { config } = await loadConfig({ ...world, flags: {}, isTerminal: world.stdinIsTerminal });
        const lines = exportEvents(events, secretsOf(config));
        if (options.out === undefined) world.out(lines);
        else await writeAtomic(resolve(world.cwd, options.out), lines, 0o600);
        return 0;
      });
  }
}

function exportEvents(events: readonly Event[], secrets: readonly string[]): string {
  const mask = maskSecrets(secrets);
  const maskTexts = (_: string, value: unknown) => typeof value === "string" ? mask(value) : value;
  return events.map((event) => `${JSON.stringify(event, maskTexts)}\n`).join("");
}

function lineOf(event: Event, start: number, columns: number): string {
  const seconds = ((event.at - start) / 1000).toFixed(1).padStart(8);
  const place = `${event.turn}.${event.step}`.padEnd(6);
  const head = `${seconds} s  ${place}${event.type.padEnd(14)}`;
  return `${head}${oneLine(summaryOf(event), Math.max(20, columns - head.length))}`;
}

/** What a person looks for first in each kind of event. */
function summaryOf(event: Event): string {
  switch (event.type) {
    case "session_start":
      return `${event.server} ${event.baseUrl} ${event.model}, window ${event.window} (${event.windowSource}), mode ${event.mode}`;
    case "turn_start":
      return event.task;
    case "route":
      return `${event.category}: ${event.tools.join(", ")} (${event.reason})`;
    case "first_look":
      return event.files.map(({ path, reason }) => `${path} (${reason})`).join(", ");
    case "epoch":
      return `${event.epoch}: ${event.reason}`;
    case "step_start":
      return `${event.promptTokens} prompt tokens${
        event.exact ? "" : " (estimated)"
      }, ${event.sharedTokens} shared, ${event.model}`;
    case "prefill":
      return `${event.done} of ${event.total}`;
    case "retry":
      return `${event.attempt}, waits ${event.waitMs} ms: ${event.reason}`;
    case "reply":
      return `${event.finish}, ${event.outputTokens ?? "?"} tokens, ${event.ms} ms: ${
        event.text || event.calls.map(({ name }) => name).join(", ")
      }`;
    case "parsed":
      return `${event.kind} ${event.calls.join(", ")} ${
        [event.dialect, ...event.repairs, event.why].filter(Boolean).join("; ")
      }`;
    case "verdict":
      return `${event.kind} ${event.reason}`;
    case "tool_start":
      return `${event.name} ${JSON.stringify(event.args)}`;
    case "permission":
      return `${event.answer} by ${event.by}: ${event.what}`;
    case "tool_end":
      return `${event.name} ${event.ok ? "ok" : "failed"}, ${event.ms} ms: ${event.summary}`;
    case "edit":
      return `${event.change.kind} ${event.change.path} +${event.change.linesAdded} -${event.change.linesRemoved}`;
    case "compaction":
      return `${event.before} to ${event.after} tokens: ${event.how}`;
    case "plan":
      return `update ${event.update}: ${
        event.steps.map(({ text, state }) => `[${state}] ${text}`).join(" ")
      }`;
    case "contract":
      return contractLines(event.items).join("; ");
    case "check":
      return `${event.phase} ${event.state}, ${event.ms} ms: ${event.command} ${event.failures.join("; ")}`;
    case "attempt":
      return `${event.number}: ${event.strategy}`;
    case "candidate":
      return `${event.number} of ${event.of}: ${event.state}, ${event.failures} failures, ${event.lines} lines`;
    case "escalation":
      return `${event.answer}: ${event.from} to ${event.to} (${event.reason})`;
    case "plugin":
      return `${event.plugin} ${event.action}: ${event.what}${
        event.ms > 0 ? `, ${Math.round(event.ms)} ms` : ""
      }`;
    case "mcp":
      return `${event.server} ${event.action}: ${event.what}, ${Math.round(event.ms)} ms`;
    case "error":
      return `${event.name}: ${event.message}`;
    case "turn_end":
      return `${event.outcome}, ${event.steps} steps, ${event.toolCalls} calls, ${event.ms} ms: ${event.reason}`;
    case "notice":
    case "token":
    case "reasoning":
    case "tool_output":
      return event.text;
  }
}
