/** Writes a turn's events as a person reads them in a terminal that only scrolls. Used by `run` and the REPL. */

import type { Event } from "../core/events.ts";
import { contractLines } from "../core/plan/contract.ts";
import { oneLine, painter, plainText } from "./terminal_text.ts";

export interface TranscriptOptions {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly columns: number;
  /** A line that is overwritten shows what the server is doing; only on a terminal. */
  readonly isLive: boolean;
}

const DIFF_LINES = 16;
/** Of what a plugin says during one call. */
const SAID_LINES = 5;
/** What a call written as text begins with; such text is held back until it is known to be an answer. */
const CALL_START =
  /^\s*(```|~~~|<|\{|\[|(write_file|patch|read_file|bash|search|find_files|list_files)(\s|$))/;

/** A line's beginning shorter than this may still become a call's header. */
const UNDECIDED_CHARS = 24;

/** Gives the listener for a conversation's events. */
export function openTranscript(options: TranscriptOptions): (event: Event) => void {
  const { write, columns } = options;
  const paint = painter(options.colour);
  let pending = ""; // streamed text that is not yet written
  let holding = false;
  let streamed = false;
  let status = "";
  const said = new Map<string, number>(); // lines of each plugin since the last call

  const clearStatus = () => {
    if (status === "") return;
    write(`\r${" ".repeat(status.length)}\r`);
    status = "";
  };
  const showStatus = (text: string) => {
    if (!options.isLive) return;
    clearStatus();
    status = oneLine(text, columns - 1);
    write(paint("dim", status));
  };
  const line = (text: string) => {
    clearStatus();
    if (streamed) write("\n");
    streamed = false;
    write(`${text}\n`);
  };
  const stream = (text: string) => {
    clearStatus();
    write(text);
    streamed = !text.endsWith("\n");
  };
  const addToken = (text: string) => {
    pending += plainText(text);
    if (holding) return;
    const end = pending.lastIndexOf("\n") + 1;
    for (const part of pending.slice(0, end).split(/(?<=\n)/)) {
      holding ||= CALL_START.test(part);
      if (holding) return;
      stream(part);
      pending = pending.slice(part.length);
    }
    if (CALL_START.test(pending) || pending.trim().length < UNDECIDED_CHARS) return;
    stream(pending);
    pending = "";
  };
  /** What a person should know; each file and host that it reached is in the trace. */
  const showPlugin = ({ plugin, action, what }: Extract<Event, { type: "plugin" }>) => {
    if (action === "said") {
      const times = (said.get(plugin) ?? 0) + 1;
      said.set(plugin, times);
      if (times <= SAID_LINES) line(paint("dim", `  ${plugin}: ${oneLine(what, 400)}`));
      if (times === SAID_LINES) line(paint("dim", `  ${plugin}: what it says further is in smallcode trace`));
    }
    if (action === "denied") line(paint("yellow", `  plugin ${plugin} was refused: ${oneLine(what, 400)}`));
    if (action === "stopped") line(paint("yellow", `  plugin ${plugin} was stopped: ${oneLine(what, 400)}`));
  };
  const endReply = (isAnswer: boolean) => {
    if (isAnswer && pending !== "") stream(pending);
    pending = "";
    holding = false;
    if (streamed) write("\n");
    streamed = false;
  };

  return (event) => {
    switch (event.type) {
      case "session_start":
        line(
          paint("bold", `smallcode ${event.version}`) +
            paint(
              "dim",
              ` · ${event.model.split("/").at(-1)} · ${event.server} ${event.baseUrl} · mode ${event.mode}`,
            ),
        );
        line(
          paint("dim", `window ${event.window} tokens (${event.windowSource}) · profile ${event.profile}`),
        );
        break;
      case "notice":
        line(paint(event.level === "warning" ? "yellow" : "dim", plainText(event.text)));
        break;
      case "first_look":
        line(
          paint(
            "dim",
            `shown first: ${event.files.map(({ path, reason }) => `${path} (${reason})`).join(", ")}`,
          ),
        );
        break;
      case "step_start":
        showStatus(
          `step ${event.step}: the server reads ${event.promptTokens - event.sharedTokens} tokens …`,
        );
        break;
      case "prefill":
        showStatus(
          `the server reads the prompt: ${event.done} of ${event.total} tokens (${event.cached} from cache)`,
        );
        break;
      case "retry":
        endReply(false); // what was shown of the reply is void
        line(
          paint(
            "yellow",
            `asking again (${event.attempt}) in ${Math.ceil(event.waitMs / 1000)} s: ${
              plainText(event.reason)
            }`,
          ),
        );
        break;
      case "token":
        addToken(event.text);
        if (holding) showStatus(`writing … ${pending.length} characters`);
        break;
      case "reasoning":
        showStatus(`thinking … ${oneLine(event.text, 60)}`);
        break;
      case "parsed":
        clearStatus();
        endReply(event.kind === "final");
        if (event.kind === "malformed") line(paint("yellow", `not a call: ${plainText(event.why)}`));
        break;
      case "verdict":
        if (event.kind === "correct") line(paint("yellow", `corrected: ${event.reason}`));
        break;
      case "tool_start":
        said.clear();
        line(
          `${paint("cyan", `● ${event.name}`)} ${
            paint("dim", oneLine(describeArgs(event.args), columns - event.name.length - 4))
          }`,
        );
        break;
      case "permission":
        if (event.answer === "denied") line(paint("yellow", `  not permitted: ${plainText(event.what)}`));
        break;
      case "tool_end":
        line(
          paint(
            event.ok ? "dim" : "red",
            `  ${oneLine(event.summary, columns - 12)} (${Math.round(event.ms)} ms)`,
          ),
        );
        break;
      case "edit":
        if (event.diff !== "") line(showDiff(event.diff, paint));
        break;
      case "compaction":
        line(paint("dim", `older results masked: ${event.before} -> ${event.after} tokens`));
        break;
      case "attempt":
        line(
          paint("dim", `  a check is red: attempt ${event.number}, ${event.strategy.replaceAll("_", " ")}`),
        );
        break;
      case "escalation":
        if (event.answer === "declined") {
          line(paint("yellow", `not sent to ${event.host}: nobody said yes (escalation.confirm)`));
        }
        break;
      case "plan":
        line(paint("dim", planText(event.steps)));
        break;
      case "contract":
        line(paint("dim", contractText(event.items)));
        break;
      case "candidate":
        line(
          paint(
            "dim",
            `  reply ${event.number} of ${event.of}, tried in a copy: ${event.state.replaceAll("_", " ")}`,
          ),
        );
        break;
      case "error":
        line(paint("red", plainText(event.message)));
        break;
      case "turn_end":
        clearStatus();
        line(
          paint(
            event.outcome === "failed" || event.outcome === "stopped" ? "red" : "green",
            plainText(event.report),
          ),
        );
        break;
      case "turn_start":
      case "route":
      case "epoch":
      case "reply":
      case "tool_output":
      case "check":
        break;
      case "plugin":
        showPlugin(event);
        break;
    }
  };
}

function contractText(items: Extract<Event, { type: "contract" }>["items"]): string {
  const lines = items.length === 0 ? ["is empty"] : contractLines(items);
  return lines.map((text) => `  contract ${plainText(text)}`).join("\n");
}

/** A plan as lines; the current step is pointed at. */
export function planText(steps: Extract<Event, { type: "plan" }>["steps"]): string {
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

function showDiff(diff: string, paint: ReturnType<typeof painter>): string {
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
