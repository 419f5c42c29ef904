/** The one place where a call is checked, permitted, run, timed, cut and turned into the message that the model reads. */

import { createHash } from "node:crypto";
import { DiskFullError, PermissionError, ToolError } from "./errors.ts";
import type { Emit } from "./events.ts";
import { missedPath } from "./guard/edit_misses.ts";
import { callKey } from "./guard/repetition.ts";
import { judge, type PermissionRules } from "./guard/permissions.ts";
import { byteLength, sliceBytes } from "./model/tokens.ts";
import type { Hooks } from "./plugins/hooks.ts";
import { namesLine } from "./prompt/text/calls.ts";
import { cutResult } from "./prompt/text/results.ts";
import type { PermissionRequest, Tool, ToolContext, ToolOutput } from "./tool.ts";
import type { Answer, CallRecord, FileChange, Question, ToolCall, ToolMessage } from "./types.ts";

/** Even in a full window a result says this much; the loop then makes room. */
const MIN_RESULT_CHARS = 1_000;

/** What running a call needs beside the tool's own context. */
export interface RunDeps {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly emit: Emit;
  readonly ask: (question: Question, signal: AbortSignal) => Promise<Answer>;
  readonly rules: () => PermissionRules;
  /** Remembers an answer that holds for more than this call. */
  readonly remember: (request: PermissionRequest, answer: "session" | "always") => Promise<void>;
  readonly now: () => number;
  /** What plugins say about calls. */
  readonly hooks: Hooks;
}

/** A call that was answered. `output` is absent when it did not run or failed. */
export interface Ran {
  readonly message: ToolMessage;
  readonly record: CallRecord;
  readonly output?: ToolOutput;
  /** Not permitted by the rules or the person. */
  readonly isForbidden?: true;
  /** Files that something else changed around the call: plugins; background jobs where the call itself failed. */
  readonly byOthers: readonly FileChange[];
  /** A command ran in a workspace too large to see all that it changed. */
  readonly isUnwatched?: true;
}

/** Whatever goes wrong is the result that the model reads. @throws the signal's reason when aborted, and {DiskFullError} */
export async function runTool(
  call: ToolCall,
  step: number,
  context: ToolContext,
  deps: RunDeps,
): Promise<Ran> {
  const tool = deps.tools.get(call.name);
  const started = deps.now();
  deps.emit({
    type: "tool_start",
    id: call.id,
    name: call.name,
    args: call.args,
    effect: tool?.effect ?? "none",
  });
  let output: ToolOutput | undefined;
  let missed: string | undefined;
  let isForbidden = false;
  let text: string;
  let summary: string;
  try {
    output = await permitAndRun(call, tool, context, deps);
    text = cut(output.text, context);
    summary = output.summary;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof DiskFullError) throw error; // no work of the model mends it
    text = `Error: ${modelMessage(error)}`;
    isForbidden = error instanceof PermissionError;
    if (tool?.effect === "write" && error instanceof ToolError) missed = missedPath(call);
    summary = text.split("\n")[0] ?? text;
  }
  const ok = output !== undefined;
  const { name, args } = call;
  const changed = (output?.changes ?? []).map(({ path }) => path);
  const after = await deps.hooks.afterTool({ name, args, ok, result: text, changed }, context.signal);
  text = [text, ...after.add].join("\n");
  deps.emit({
    type: "tool_end",
    id: call.id,
    name: call.name,
    ok,
    ms: deps.now() - started,
    result: text,
    summary,
  });
  return {
    message: { role: "tool", callId: call.id, name: call.name, content: text },
    record: {
      step,
      name: call.name,
      key: callKey(call),
      ok,
      result: hash(text),
      ...(tool ? { effect: tool.effect } : {}),
      ...(missed === undefined ? {} : { missed }),
    },
    ...(output ? { output } : {}),
    ...(isForbidden ? { isForbidden } : {}),
    byOthers: after.changes,
  };
}

/**
 * A write that is answered without being run. `call` is as it is meant, which faces are told; `made` as the model wrote it, which it reads.
 * @param answer `text` is what the model reads, `record` what the governor goes by
 */
export function answerUnrun(
  { call, made, step }: { readonly call: ToolCall; readonly made: ToolCall; readonly step: number },
  answer: {
    readonly ok: boolean;
    readonly text: string;
    readonly summary: string;
    readonly record: Pick<CallRecord, "result" | "isNews">;
  },
  emit: Emit,
): Ran {
  const { ok, text, summary, record } = answer;
  const about = { id: made.id, name: call.name };
  emit({ type: "tool_start", ...about, args: call.args, effect: "write" });
  emit({ type: "tool_end", ...about, ok, ms: 0, result: text, summary });
  return {
    message: { role: "tool", callId: made.id, name: made.name, content: text },
    record: { step, name: made.name, key: callKey(made), ok, ...record },
    byOthers: [],
  };
}

async function permitAndRun(
  call: ToolCall,
  tool: Tool | undefined,
  context: ToolContext,
  deps: RunDeps,
): Promise<ToolOutput> {
  if (!tool) {
    throw new ToolError(`There is no tool "${call.name}". Tools: ${namesLine([...deps.tools.keys()])}`);
  }
  const checked = await tool.check(call.args);
  if ("problem" in checked) {
    throw new ToolError(
      `${checked.problem}. Example: ${JSON.stringify({ name: tool.name, arguments: tool.example })}`,
    );
  }
  const { args, changedBy, deny } = await deps.hooks.beforeTool(
    { name: tool.name, args: checked.args, effect: tool.effect },
    context.signal,
  );
  if (deny !== undefined) throw new ToolError(`Not run: ${deny}`);
  const again = args === checked.args ? checked : await tool.check(args);
  if ("problem" in again) throw new ToolError(`A plugin changed the arguments: ${again.problem}`);
  const request = { ...tool.request(again.args), ...(changedBy === undefined ? {} : { changedBy }) };
  if (!await isPermitted(call.id, request, context.signal, deps)) {
    throw new PermissionError(
      `Not permitted: ${request.what}. Do the task without it, or say what is needed and why`,
    );
  }
  return await tool.run(again.args, context);
}

/** Judges by the rules, and asks the person where they say so. */
export async function isPermitted(
  id: string,
  request: PermissionRequest,
  signal: AbortSignal,
  deps: Pick<RunDeps, "rules" | "ask" | "remember" | "emit">,
): Promise<boolean> {
  const judged = judge(request, deps.rules());
  if (judged.decision !== "ask") {
    const answer = judged.decision === "allow" ? "allowed" : "denied";
    if (request.effect !== "none" && request.effect !== "read") {
      deps.emit({ type: "permission", id, what: request.what, answer, by: judged.by });
    }
    return answer === "allowed";
  }
  const answer = await deps.ask({ kind: "permission", what: request.what, why: judged.why }, signal);
  signal.throwIfAborted();
  if (answer === "session" || answer === "always") await deps.remember(request, answer);
  deps.emit({
    type: "permission",
    id,
    what: request.what,
    answer: answer === "no" ? "denied" : "allowed",
    by: "person",
  });
  return answer !== "no";
}

/** Cuts at a line's end and keeps the whole under a handle. */
function cut(text: string, context: ToolContext): string {
  // Three bytes a token is the densest that code gets: a result never adds more than the room.
  const limit = Math.max(
    MIN_RESULT_CHARS,
    Math.min(context.limits.resultChars, context.limits.roomTokens * 3),
  );
  if (byteLength(text) <= limit) return text;
  const handle = context.results.keep(text);
  const most = sliceBytes(text, limit);
  const end = most.lastIndexOf("\n");
  const head = most.slice(0, end > most.length / 2 ? end : undefined);
  return `${head}\n${cutResult(head.length, text.length, handle)}`;
}

function modelMessage(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
