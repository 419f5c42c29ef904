/** An event of a turn as the line that a person reads. Pure. */

import type { Event } from "../core/events.ts";
import { contractLines } from "../core/plan/contract.ts";
import { oneLine, type painter, plainText } from "./terminal_text.ts";

type Paint = ReturnType<typeof painter>;
type EventOf<Type extends Event["type"]> = Extract<Event, { type: Type }>;

const DIFF_LINES = 16;
/** Of what a plugin says during one call. */
const SAID_LINES = 5;

/** Events that are shown while they happen, and no line of their own. */
type Passing = EventOf<"step_start" | "prefill" | "reasoning" | "token" | "plugin">;

/** `undefined`: nothing is to be read of it. */
export function eventLine(
  event: Exclude<Event, Passing>,
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string | undefined {
  switch (event.type) {
    case "session_start":
      return sessionLines(event, paint);
    case "notice":
      return paint(event.level === "warning" ? "yellow" : "dim", plainText(event.text));
    case "first_look": {
      const files = event.files.map(({ path, reason }) => `${path} (${reason})`);
      return paint("dim", `shown first: ${files.join(", ")}`);
    }
    case "retry": {
      const seconds = Math.ceil(event.waitMs / 1000);
      return paint("yellow", `asking again (${event.attempt}) in ${seconds} s: ${plainText(event.reason)}`);
    }
    case "parsed":
      return event.kind === "malformed" ? paint("yellow", `not a call: ${plainText(event.why)}`) : undefined;
    case "verdict":
      return event.kind === "correct" ? paint("yellow", `corrected: ${event.reason}`) : undefined;
    case "tool_start": {
      const args = oneLine(describeArgs(event.args), columns - event.name.length - 4);
      return `${paint("cyan", `● ${event.name}`)} ${paint("dim", args)}`;
    }
    case "permission":
      return event.answer === "denied"
        ? paint("yellow", `  not permitted: ${plainText(event.what)}`)
        : undefined;
    case "tool_end": {
      const text = `  ${oneLine(event.summary, columns - 12)} (${Math.round(event.ms)} ms)`;
      return paint(event.ok ? "dim" : "red", text);
    }
    case "edit":
      return event.diff === "" ? undefined : showDiff(event.diff, paint);
    case "compaction":
      return paint("dim", `older results masked: ${event.before} -> ${event.after} tokens`);
    case "attempt":
      return paint("dim", `  a check is red: attempt ${event.number}, ${inWords(event.strategy)}`);
    case "escalation":
      return event.answer === "declined"
        ? paint("yellow", `not sent to ${event.host}: nobody said yes (escalation.confirm)`)
        : undefined;
    case "plan":
      return paint("dim", planText(event.steps));
    case "contract":
      return paint("dim", contractText(event.items));
    case "candidate":
      return paint(
        "dim",
        `  reply ${event.number} of ${event.of}, tried in a copy: ${inWords(event.state)}`,
      );
    case "mcp":
      return event.action === "stopped"
        ? paint("yellow", `  MCP server ${event.server} stopped: ${oneLine(event.what, 400)}`)
        : undefined; // its start is told by a notice
    case "error":
      return paint("red", plainText(event.message));
    case "turn_end": {
      const isBad = event.outcome === "failed" || event.outcome === "stopped";
      return paint(isBad ? "red" : "green", plainText(event.report));
    }
    case "turn_start":
    case "route":
    case "epoch":
    case "reply":
    case "tool_output":
    case "check":
      return undefined;
  }
}

/**
 * What a person should know of a plugin; each file and host that it reached is in the trace.
 * @param said lines of each plugin since the last call; counted on
 */
export function pluginLines(
  { plugin, action, what }: EventOf<"plugin">,
  said: Map<string, number>,
  paint: Paint,
): readonly string[] {
  const told = oneLine(what, 400);
  if (action === "denied") return [paint("yellow", `  plugin ${plugin} was refused: ${told}`)];
  if (action === "stopped") return [paint("yellow", `  plugin ${plugin} was stopped: ${told}`)];
  if (action !== "said") return [];
  const times = (said.get(plugin) ?? 0) + 1;
  said.set(plugin, times);
  if (times > SAID_LINES) return [];
  const line = paint("dim", `  ${plugin}: ${told}`);
  return times < SAID_LINES
    ? [line]
    : [line, paint("dim", `  ${plugin}: what it says further is in smallcode trace`)];
}

function sessionLines(event: EventOf<"session_start">, paint: Paint): string {
  const model = event.model.split("/").at(-1);
  const where = ` · ${model} · ${event.server} ${event.baseUrl} · mode ${event.mode}`;
  const size = `window ${event.window} tokens (${event.windowSource}) · profile ${event.profile}`;
  return `${paint("bold", `smallcode ${event.version}`)}${paint("dim", where)}\n${paint("dim", size)}`;
}

function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

function contractText(items: EventOf<"contract">["items"]): string {
  const lines = items.length === 0 ? ["is empty"] : contractLines(items);
  return lines.map((text) => `  contract ${plainText(text)}`).join("\n");
}

/** A plan as lines; the current step is pointed at. */
export function planText(steps: EventOf<"plan">["steps"]): string {
  if (steps.length === 0) return "plan: dropped, the message is about something else";
  const mark = { done: "✓", current: "›", open: " " };
  return steps.map(({ text, state }, index) => `  ${mark[state]} ${index + 1}. ${plainText(text)}`).join(
    "\n",
  );
}

function describeArgs(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  ).join(" ");
}

function showDiff(diff: string, paint: Paint): string {
  const lines = plainText(diff).split("\n").filter((line) =>
    /^[-+@ ]/.test(line) && !/^(---|\+\+\+)/.test(line)
  );
  const shown = lines.slice(0, DIFF_LINES).map((line) =>
    `  ${
      line.startsWith("+")
        ? paint("green", line)
        : line.startsWith("-")
        ? paint("red", line)
        : paint("dim", line)
    }`
  );
  if (lines.length > DIFF_LINES) shown.push(paint("dim", `  … ${lines.length - DIFF_LINES} more lines`));
  return shown.join("\n");
}
