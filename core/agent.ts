/**
 * The loop: one user message up to its outcome, readable as the specification of a turn. It owns a readonly `Turn` that is replaced at
 * each change; every way around the loop consumes a bounded budget; the history is valid at every moment.
 */

import type { Config } from "./config/config.ts";
import { readMerged, recoverEdit, type Recovery } from "./edit_recovery.ts";
import { ProviderError } from "./errors.ts";
import type { Emit } from "./events.ts";
import { callKey, type CutFor, govern, spentBudget } from "./guard/govern.ts";
import { addChanges, addCommand, freshChecks } from "./guard/ledger.ts";
import { type ConstraintTrust, dialectNow, needsConstraint, noteMisread } from "./guard/misread.ts";
import { redChecks } from "./guard/red_checks.ts";
import type { ChatOptions, ModelRequest, StreamPart, Transport } from "./model/transport.ts";
import { type Constraint, constraintFor, keepsTo } from "./parse/constraint.ts";
import { describeMalformed } from "./parse/dialect.ts";
import { parseReply } from "./parse/parse_reply.ts";
import { ReplyWatch } from "./parse/stream.ts";
import type { Profile, Sampling } from "./profile.ts";
import { budgetTokens, clampOutput, resultRoom } from "./prompt/budget.ts";
import { compact } from "./prompt/compact.ts";
import { type Layout, sharedMessages } from "./prompt/shared_prefix.ts";
import { finishReport, importNotThere, OTHER_FORM, roomLeft, TOOLS_OPENED } from "./prompt/text.ts";
import { unwrapUse } from "./route/menu.ts";
import { needsTools } from "./route/need_tools.ts";
import { runCheck } from "./run_check.ts";
import { type Ran, type RunDeps, runTool } from "./run_tool.ts";
import type { Tool, ToolContext } from "./tool.ts";
import type {
  Args,
  AssistantMessage,
  FileChange,
  Head,
  Malformed,
  Message,
  Outcome,
  Parsed,
  Reply,
  ToolCall,
  ToolMessage,
  ToolSchema,
  Turn,
} from "./types.ts";
import { missingImports } from "./verify/local_imports.ts";
import { judgeOutcome } from "./verify/outcome.ts";
import { failureExcerpt } from "./verify/failures.ts";

/** The first edit waits this long for the baseline. */
const BASELINE_MS = 20_000;

/** Above this, code of small models falls apart. */
const MAX_TEMPERATURE = 0.9;

/** Share of the window, in percent, that a compaction comes down to: deep, so that it is rare. */
const COMPACTED_PCT = 40;

/** Everything the loop acts through; made once per session. */
export interface AgentDeps extends RunDeps {
  readonly config: Config;
  readonly profile: Profile;
  readonly transport: Transport;
  readonly emit: Emit;
  /** What tools are given, less what changes from step to step. */
  readonly world: Omit<ToolContext, "signal" | "output" | "limits">;
  /** Watches the workspace around commands; gives what a command changed. */
  readonly watchFiles: (signal: AbortSignal) => Promise<() => Promise<readonly FileChange[]>>;
  /** The head's tools: what the menu added since the last request, and all of them for a model that asks. */
  readonly heads: { readonly takeOpened: () => Head | undefined; readonly openAll: () => Head };
  /** Whether the server kept to constraints so far. */
  readonly constraints: ConstraintTrust;
  /** Whether a path is a file that was there when the session began: a bare fence under its name is a new version of it. */
  readonly isKnownFile: (path: string) => boolean;
  /** The project's own check, e.g. `npm test`; absent where none was found. */
  readonly checkCommand?: string;
  /** Puts the files of the running turn back; gives what became of each, a line a file. */
  readonly putBack: () => Promise<readonly string[]>;
  readonly newId: () => string;
  /** Keeps the history for resuming; called whenever messages were added. */
  readonly save: (turn: Turn) => void;
}

/** A turn that came to its end. */
export interface Finished {
  readonly turn: Turn;
  readonly outcome: Outcome;
  readonly reason: string;
  /** The model's last words. */
  readonly text: string;
  readonly report: string;
}

/** Runs a turn to its outcome. @throws {ProviderError} when no first reply can be had. */
export async function runTurn(start: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Finished> {
  let turn = start;
  let before: Layout | undefined;
  let text = "";
  let replyEnded = 0;
  try {
    while (true) {
      const spent = spentBudget(turn, deps.config.limits, deps.now());
      if (spent) return end(turn, "stopped", spent, text, deps);
      turn = makeRoom(changeHead(turn, deps.heads.takeOpened(), deps), deps);
      const asked = await askModel(turn, before, replyEnded, deps, signal);
      if ("problem" in asked) return end(turn, "stopped", asked.problem, text, deps);
      replyEnded = deps.now();
      before = { head: turn.head, messages: turn.messages };
      const { reply } = asked;
      const read = parseReply(reply, turn.head.offered, {
        repair: deps.profile.harness.repairCalls,
        text: deps.profile.harness.textCalls,
        files: deps.isKnownFile,
      });
      const parsed = await readMerged(turn, read, reply.text, deps.world.files);
      turn = countReply(turn, reply, asked.promptTokens);
      if (parsed.kind === "malformed") turn = noteMisread(turn, parsed.problem);
      if (parsed.kind === "final" && turn.head.shown.length === 0 && needsTools(parsed.text)) {
        turn = addMessages(turn, [assistantMessage(reply, parsed, [])], deps);
        turn = addCorrection(changeHead(turn, deps.heads.openAll(), deps), [], "tools", TOOLS_OPENED, deps);
        continue;
      }
      if (parsed.kind === "final") turn = await checkChanges(turn, deps, signal);
      const calls = callsOf(parsed, turn, deps);
      const said = { parsed, finish: reply.finish, calls, ...(asked.cutFor ? { cutFor: asked.cutFor } : {}) };
      const verdict = govern(turn, said, {
        limits: deps.config.limits,
        govern: deps.profile.harness.govern,
        maxRetries: deps.config.planner.maxRetries,
        describe: ({ problem }) => correctionFor(problem, turn, deps),
      });
      emitParsed(parsed, verdict, deps);
      turn = addMessages(turn, [assistantMessage(reply, parsed, calls)], deps);
      text = parsed.kind === "final" ? parsed.text : text;
      switch (verdict.kind) {
        case "run":
          turn = await runCalls(turn, verdict.calls, parsed, deps, signal);
          break;
        case "correct":
          turn = addCorrection(turn, calls, verdict.reason, verdict.message, deps);
          break;
        case "finish": {
          const { outcome, reason } = judgeOutcome(turn);
          const notes = await putBackIfBroken(turn, outcome, deps);
          return end(turn, outcome, reason, verdict.text, deps, notes);
        }
        case "escalate":
        case "stop":
          turn = answerOpenCalls(turn, calls, `Stopped: ${verdict.reason}`, deps);
          return end(turn, "stopped", verdict.reason, text, deps);
      }
    }
  } catch (error) {
    if (signal.aborted) {
      return end(closeHistory(turn, deps), "cancelled", "cancelled by the user", text, deps);
    }
    if (!(error instanceof ProviderError) || turn.step === 0) throw error;
    deps.emit({ type: "error", name: error.name, message: error.message, fault: error.fault });
    return end(turn, "stopped", error.message, text, deps);
  }
}

/** Another tool list: a new epoch, since the server must read everything again. */
function changeHead(turn: Turn, head: Head | undefined, deps: AgentDeps): Turn {
  if (!head || head.hash === turn.head.hash) return turn;
  const epoch = turn.epoch + 1;
  deps.emit({ type: "epoch", epoch, reason: `tools now: ${head.shown.join(", ")}`, prefixHash: head.hash });
  return { ...turn, head, epoch, measured: { messages: 0, tokens: 0 } };
}

/** Over the budget, old results make room: a new epoch, since the server must read again from the first change on. */
function makeRoom(turn: Turn, deps: AgentDeps): Turn {
  const { transport, config, profile } = deps;
  const window = transport.facts.window;
  const budget = budgetTokens(window, config.context.maxBudgetPct);
  const added = turn.messages.slice(turn.measured.messages).map(textOf).join("\n");
  if (!profile.harness.compaction || turn.measured.tokens + transport.estimateTokens(added) <= budget) {
    return turn;
  }
  const compacted = compact(turn.messages, {
    headTokens: transport.estimateTokens(renderForCount(turn, 0)),
    targetTokens: budgetTokens(window, COMPACTED_PCT),
    estimate: (text) => transport.estimateTokens(text),
    start: turn.start,
  });
  if (!compacted) return turn;
  deps.world.seen.hideAll();
  const { before, after, how, messages, start } = compacted;
  deps.emit({ type: "compaction", before, after, how });
  deps.emit({
    type: "epoch",
    epoch: turn.epoch + 1,
    reason: "old results made room",
    prefixHash: turn.head.hash,
  });
  const next = { ...turn, epoch: turn.epoch + 1, messages, start, measured: { messages: 0, tokens: 0 } };
  deps.save(next);
  return next;
}

/** One model call. A request that does not fit the window is a problem in words, with the numbers. */
async function askModel(
  turn: Turn,
  before: Layout | undefined,
  replyEnded: number,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ reply: Reply; promptTokens: number; cutFor?: CutFor } | { problem: string }> {
  const { transport, profile, config } = deps;
  const window = transport.facts.window;
  const wanted = Math.min(profile.maxOutputTokens, config.limits.outputTokens - turn.tokens.output);
  const messages: Message[] = [{ role: "system", content: turn.head.system }, ...turn.messages];
  const size = await measure(turn, messages, window - wanted, deps, signal);
  const maxTokens = profile.harness.clampOutput ? clampOutput(window, size.tokens, wanted) : wanted;
  if (maxTokens === 0) {
    return {
      problem:
        `the window is full: ${size.tokens} tokens of ${window} are used. Start a new session, or give the server a larger window`,
    };
  }
  const shared = sharedMessages(before, turn);
  deps.emit({
    type: "step_start",
    tier: "default",
    model: transport.facts.model,
    epoch: turn.epoch,
    prefixHash: turn.head.hash,
    promptTokens: size.tokens,
    exact: size.exact,
    sharedTokens: before ? transport.estimateTokens(renderForCount(turn, shared)) : 0,
    maxTokens,
    harnessMs: replyEnded === 0 ? 0 : deps.now() - replyEnded,
  });
  const started = deps.now();
  const watch = new ReplyWatch(turn.head.offered);
  let cutFor: CutFor | undefined;
  const onPart = (part: StreamPart) => {
    emitPart(part, deps.emit);
    if (part.type !== "text" || !profile.harness.govern || !profile.harness.textCalls) return;
    const sign = watch.push(part.text).find(({ kind }) => kind !== "call");
    if (!sign || sign.kind === "call") return;
    cutFor = sign.kind;
    return "stop" as const;
  };
  const reply = await chatConstrained(constraintOf(turn, deps), {
    messages,
    tools: turn.head.nativeTools,
    sampling: samplingFor(turn, profile.sampling),
    maxTokens,
    ...(profile.thinking.supported ? { thinking: profile.thinking.enabled } : {}),
  }, { deps, signal, onPart, tools: shownTools(turn) });
  emitReply(reply, deps.now() - started, deps.emit);
  return { reply, promptTokens: size.tokens, ...(cutFor ? { cutFor } : {}) };
}

/** After repeated misread calls: the constraint under which the next reply can be nothing but a call. */
function constraintOf(turn: Turn, deps: AgentDeps): Constraint | undefined {
  if (!deps.profile.harness.govern || !needsConstraint(turn) || !deps.constraints.isTrusted()) {
    return undefined;
  }
  return constraintFor(shownTools(turn), turn.misread?.tool, {
    can: deps.transport.facts.can.constrain,
    withTools: turn.head.nativeTools.length > 0,
  });
}

function shownTools({ head }: Turn): readonly ToolSchema[] {
  return head.offered.filter(({ name }) => head.shown.includes(name));
}

/** One request, under a constraint where there is one. A server that refuses or ignores it is not given another in this session. */
async function chatConstrained(
  constraint: Constraint | undefined,
  request: ModelRequest,
  { deps, tools, ...options }: ChatOptions & { deps: AgentDeps; tools: readonly ToolSchema[] },
): Promise<Reply> {
  if (!constraint) return await deps.transport.chat(request, options);
  const distrust = (how: string) => {
    deps.constraints.distrust();
    deps.emit({
      type: "notice",
      level: "warning",
      text: `The server ${how} a constraint (${constraint.kind})`,
    });
  };
  deps.emit({ type: "notice", level: "info", text: `The next call is constrained (${constraint.kind})` });
  try {
    const reply = await deps.transport.chat({ ...request, constraint }, options);
    if (!keepsTo(constraint, reply.text, tools)) distrust("ignored");
    return reply;
  } catch (error) {
    if (!(error instanceof ProviderError) || error.fault !== "rejected") throw error;
    distrust("refused");
    return await deps.transport.chat(request, options);
  }
}

/** Tokens of the request: what the last reply's usage told plus an estimate of the rest; asked of the server only when it is near the window. */
async function measure(
  turn: Turn,
  messages: readonly Message[],
  nearTokens: number,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ tokens: number; exact: boolean }> {
  const { measured, head } = turn;
  const added = turn.messages.slice(measured.messages).map(textOf).join("\n");
  const base = measured.tokens > 0 ? "" : `${head.system}\n${JSON.stringify(head.nativeTools)}\n`;
  const tokens = measured.tokens + deps.transport.estimateTokens(base + added);
  const isFirst = measured.tokens === 0;
  if (!isFirst && tokens < nearTokens * 0.85) return { tokens, exact: false };
  return await deps.transport.countTokens({ messages, tools: head.nativeTools }, signal);
}

function renderForCount(turn: Turn, messages: number): string {
  const head = `${turn.head.system}${
    turn.head.nativeTools.length > 0 ? JSON.stringify(turn.head.nativeTools) : ""
  }`;
  return head + turn.messages.slice(0, messages).map(textOf).join("\n");
}

function textOf(message: Message): string {
  if (message.role !== "assistant" || message.via === "text") return message.content;
  return message.content + message.calls.map((call) => JSON.stringify(call.args) + call.name).join("\n");
}

/** Counts a reply. The server's own numbers, where it gives them, replace the estimates. */
function countReply(turn: Turn, reply: Reply, estimated: number): Turn {
  const prompt = reply.usage.promptTokens ?? estimated;
  const output = reply.usage.outputTokens ?? 0;
  const { merge: _, ...rest } = turn; // a merge is asked of one reply
  return {
    ...rest,
    step: turn.step + 1,
    tokens: {
      prompt: turn.tokens.prompt + prompt,
      prefilled: turn.tokens.prefilled + prompt - (reply.usage.cachedTokens ?? 0),
      output: turn.tokens.output + output,
    },
    measured: reply.usage.promptTokens === undefined
      ? turn.measured
      : { messages: turn.messages.length + 1, tokens: prompt + output },
  };
}

function callsOf(parsed: Parsed, turn: Turn, deps: AgentDeps): readonly ToolCall[] {
  if (parsed.kind !== "calls") return [];
  const taken = new Set(
    turn.messages.flatMap((m) => m.role === "assistant" ? m.calls.map((call) => call.id) : []),
  );
  return parsed.calls.map(({ id, name, args }) => {
    const free = id !== undefined && id !== "" && !taken.has(id) ? id : deps.newId();
    taken.add(free);
    return { id: free, name, args };
  });
}

function assistantMessage(reply: Reply, parsed: Parsed, calls: readonly ToolCall[]): AssistantMessage {
  const via = parsed.kind === "calls" ? parsed.via : "text";
  return {
    role: "assistant",
    content: reply.text,
    calls,
    via,
    ...(reply.reasoning ? { reasoning: reply.reasoning } : {}),
  };
}

/** Runs the calls in order; each is answered at once, so an abort between two leaves only unanswered ones to close. */
async function runCalls(
  start: Turn,
  calls: readonly ToolCall[],
  parsed: Parsed,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  let turn = start;
  let recovery: Recovery | undefined;
  let edits: readonly Ran[] = [];
  for (const [index, call] of calls.entries()) {
    const room = deps.config.limits.toolCalls - turn.toolCalls;
    if (room <= 0) return answerOpenCalls(turn, calls, "Not run: the turn's tool calls are used up", deps);
    turn = await takeBaseline(turn, call, deps, signal);
    const ran = await runWatched(call, turn, deps, signal);
    const isLast = index === calls.length - 1;
    const counted = countCall(turn, ran, deps);
    if (ran.record.missed !== undefined) recovery = await recoverFrom(counted, call, deps) ?? recovery;
    if (ran.output?.diff) edits = [...edits, ran];
    const notes = isLast
      ? [
        ...await importNotes(edits, deps),
        ...tailNotes(turn, parsed, deps),
        ...recovery ? [recovery.note] : [],
      ]
      : [];
    const message = notes.length === 0
      ? ran.message
      : { ...ran.message, content: [ran.message.content, ...notes].join("\n") };
    turn = addMessages(counted, [message], deps);
  }
  return recovery?.merge ? { ...turn, merge: recovery.merge } : turn;
}

/** Once all calls of a reply ran: what its edits import and is not there. */
async function importNotes(edits: readonly Ran[], deps: AgentDeps): Promise<readonly string[]> {
  if (!checksOn(deps)) return [];
  const notes: string[] = [];
  for (const { output } of edits) {
    for (const { path, kind } of output?.changes ?? []) {
      if (kind === "deleted") continue;
      const missing = await missingImports(path, output?.diff ?? "", deps.world.files);
      notes.push(...missing.map(({ line, name }) => importNotThere(path, line, name)));
    }
  }
  return [...new Set(notes)];
}

/** After a refused edit: another form to ask for, where the same was refused before. */
async function recoverFrom(turn: Turn, made: ToolCall, deps: AgentDeps): Promise<Recovery | undefined> {
  if (!deps.profile.harness.govern) return undefined;
  const { files, seen } = deps.world;
  const dialect = dialectNow(turn, deps.profile.dialect);
  return await recoverEdit(turn, unwrapUse(made, deps.tools), { files, seen, dialect });
}

/** Before the first edit of a turn: how the project's own check stands, so that only new failures count later. */
async function takeBaseline(turn: Turn, call: ToolCall, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  const command = deps.checkCommand;
  const isEdit = deps.tools.get(call.name)?.effect === "write";
  if (turn.baseline || !isEdit || !checksOn(deps) || command === undefined) return turn;
  const context = contextFor("check_baseline", turn, deps, signal);
  const checked = await runCheck({ command, phase: "baseline", timeoutMs: BASELINE_MS }, context, deps);
  return {
    ...turn,
    baseline: checked.kind === "ran" ? checked : { command, exitCode: null, failures: [], tests: undefined },
  };
}

/** Before a turn with changes ends: the project's own check, unless it ran after the last change already. */
async function checkChanges(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  const command = deps.checkCommand;
  if (turn.ledger.changes.length === 0 || !checksOn(deps) || command === undefined) return turn;
  if (freshChecks(turn.ledger).some((run) => run.command === command)) return turn;
  const context = contextFor("check_after", turn, deps, signal);
  const timeoutMs = Math.max(deps.config.tools.bashTimeoutMs, BASELINE_MS);
  const checked = await runCheck({ command, phase: "after", timeoutMs }, context, deps);
  if (checked.kind === "not_run") return turn;
  const where = { cwd: deps.world.files.root, by: "harness" as const, writesBefore: turn.ledger.writes };
  return {
    ...turn,
    ledger: addCommand(turn.ledger, checked, where),
    check: { ...checked, excerpt: failureExcerpt(checked.output) },
  };
}

function checksOn(deps: AgentDeps): boolean {
  return deps.profile.harness.verify && deps.config.planner.validateAfterEdit;
}

/** Broken code is not delivered: where a check that was green is red, the files go back to their state before the turn. */
async function putBackIfBroken(turn: Turn, outcome: Outcome, deps: AgentDeps): Promise<readonly string[]> {
  if (outcome !== "failed" || !deps.profile.harness.hardFail) return [];
  if (!redChecks(turn).some(({ kind }) => kind === "broke")) return [];
  return await deps.putBack();
}

function contextFor(id: string, turn: Turn, deps: AgentDeps, signal: AbortSignal): ToolContext {
  const { window } = deps.transport.facts;
  return {
    ...deps.world,
    signal,
    output: (text) => deps.emit({ type: "tool_output", id, text }),
    limits: {
      resultChars: deps.config.context.resultChars,
      bashTimeoutMs: deps.config.tools.bashTimeoutMs,
      roomTokens: resultRoom(window, deps.config.context.maxBudgetPct, turn.measured.tokens),
      windowTokens: window,
    },
  };
}

/** A call that came through `use` runs as the call inside it; the history keeps it as it was made. */
async function runWatched(made: ToolCall, turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Ran> {
  const call = unwrapUse(made, deps.tools);
  const ran = await runAndCompare(call, turn, deps, signal);
  if (call === made) return ran;
  const { message, record } = ran;
  return {
    ...ran,
    message: { ...message, name: made.name },
    record: { ...record, name: made.name, key: callKey(made) },
  };
}

async function runAndCompare(call: ToolCall, turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Ran> {
  const context = contextFor(call.id, turn, deps, signal);
  if (deps.tools.get(call.name)?.effect !== "run") return await runTool(call, turn.step, context, deps);
  const compare = await deps.watchFiles(signal);
  const ran = await runTool(call, turn.step, context, deps);
  const changes = await compare();
  if (changes.length === 0 || !ran.output) return ran;
  return { ...ran, output: { ...ran.output, changes: [...ran.output.changes ?? [], ...changes] } };
}

function countCall(turn: Turn, ran: Ran, deps: AgentDeps): Turn {
  const { output } = ran;
  const writesBefore = turn.ledger.writes;
  const changes = (output?.changes ?? []).filter(isReal);
  let ledger = addChanges(turn.ledger, changes);
  if (output?.command) {
    // What a command itself wrote was there while it ran: it covers its own changes.
    const where = {
      cwd: deps.world.files.root,
      by: "model" as const,
      writesBefore: Math.max(writesBefore, ledger.writes),
    };
    ledger = addCommand(ledger, output.command, where);
  }
  for (const change of changes) deps.emit({ type: "edit", change, diff: output?.diff ?? "" });
  // A write changes what calls give: earlier calls no longer count as repetition. Refused edits of other files still count.
  const changed = new Set(changes.map(({ path }) => path));
  const calls = changed.size > 0
    ? turn.calls.filter(({ missed }) => missed !== undefined && !changed.has(missed))
    : turn.calls;
  return { ...turn, toolCalls: turn.toolCalls + 1, ledger, calls: [...calls, ran.record] };
}

/** A write of what stood there already changed nothing. */
function isReal(change: FileChange): boolean {
  return change.by === "command" || change.kind !== "edited" || change.linesAdded + change.linesRemoved > 0;
}

/** Lines for the newest tool result: what of the reply did not run, and how much room is left when it is scarce. */
function tailNotes(turn: Turn, parsed: Parsed, deps: AgentDeps): string[] {
  const notes: string[] = [];
  if (parsed.kind === "calls" && parsed.problem) {
    notes.push(correctionFor(parsed.problem, turn, deps));
  }
  const left = deps.transport.facts.window - turn.measured.tokens;
  if (turn.measured.tokens > 0 && left < deps.transport.facts.window / 4) notes.push(roomLeft(left));
  return notes;
}

/** What was sent, what is expected, and one example: in the dialect that was asked for, or in another after the same fault twice. */
function correctionFor(problem: Malformed, turn: Turn, deps: AgentDeps): string {
  const isOther = deps.profile.harness.govern && turn.misread?.otherDialect === true;
  const dialect = isOther ? dialectNow(turn, deps.profile.dialect) : deps.profile.dialect;
  // Another dialect has to be shown, even where it is not clear what was meant.
  const name = problem.tool ?? (isOther ? turn.head.shown[0] : undefined);
  const tool = name === undefined ? undefined : deps.tools.get(name);
  const text = describeMalformed(problem, {
    dialect,
    ...(tool ? { tool: tool.schema, example: exampleArgs(tool, turn) } : {}),
  });
  return isOther ? `${text}\n${OTHER_FORM}` : text;
}

/** A small model copies an example as it stands: it is made of the file that the task is about, so that a copy does no harm. */
function exampleArgs(tool: Tool, turn: Turn): Args {
  if (!turn.focus) return tool.example;
  const { path, line } = turn.focus;
  const real: Args = { path, search: line, replace: line, content: line, pattern: line };
  return Object.fromEntries(Object.entries(tool.example).map(([name, value]) => [name, real[name] ?? value]));
}

/** Each correction of a turn makes the next reply vary more: at the same temperature the same mistake comes again. */
function samplingFor(turn: Turn, sampling: Sampling): Sampling {
  const corrections = Object.values(turn.corrections).reduce((sum, n) => sum + n, 0);
  if (corrections === 0) return sampling;
  return {
    ...sampling,
    temperature: Math.min(MAX_TEMPERATURE, (sampling.temperature ?? 0.3) + corrections * 0.2),
  };
}

/** Calls that will not run are answered with the correction; a reply without calls is answered by a user message. */
function addCorrection(
  turn: Turn,
  calls: readonly ToolCall[],
  reason: string,
  message: string,
  deps: AgentDeps,
): Turn {
  const corrections = { ...turn.corrections, [reason]: (turn.corrections[reason] ?? 0) + 1 };
  const counted = { ...turn, corrections };
  if (calls.length === 0) return addMessages(counted, [{ role: "user", content: message }], deps);
  return answerOpenCalls(counted, calls, message, deps);
}

function answerOpenCalls(turn: Turn, calls: readonly ToolCall[], content: string, deps: AgentDeps): Turn {
  const answered = new Set(turn.messages.flatMap((m) => m.role === "tool" ? [m.callId] : []));
  const open = calls.filter((call) => !answered.has(call.id));
  const messages = open.map((call): ToolMessage => ({
    role: "tool",
    callId: call.id,
    name: call.name,
    content,
  }));
  return addMessages(turn, messages, deps);
}

/** Answers what an abort left open, so that the session can be resumed. */
function closeHistory(turn: Turn, deps: AgentDeps): Turn {
  const last = turn.messages.findLast((m) => m.role === "assistant");
  return answerOpenCalls(turn, last?.role === "assistant" ? last.calls : [], "Cancelled by the user", deps);
}

function addMessages(turn: Turn, messages: readonly Message[], deps: AgentDeps): Turn {
  if (messages.length === 0) return turn;
  const next = { ...turn, messages: [...turn.messages, ...messages] };
  deps.save(next);
  return next;
}

function end(
  turn: Turn,
  outcome: Outcome,
  reason: string,
  text: string,
  deps: AgentDeps,
  notes: readonly string[] = [],
): Finished {
  const report = finishReport(turn.ledger, [...notes, `${outcome}: ${reason}`]);
  const corrections = Object.values(turn.corrections).reduce((sum, n) => sum + n, 0);
  const isSolved = outcome === "verified" || outcome === "unverified" || outcome === "answered";
  deps.emit({
    type: "turn_end",
    outcome,
    reason,
    text,
    report,
    changes: turn.ledger.changes,
    steps: turn.step,
    toolCalls: turn.toolCalls,
    corrections,
    promptTokens: turn.tokens.prompt,
    prefilledTokens: turn.tokens.prefilled,
    outputTokens: turn.tokens.output,
    ms: deps.now() - turn.startedAt,
    solvedBy: !isSolved ? "none" : corrections > 0 ? "harness" : "model",
  });
  return { turn, outcome, reason, text, report };
}

function emitPart(part: StreamPart, emit: Emit): void {
  switch (part.type) {
    case "text":
      return emit({ type: "token", text: part.text });
    case "reasoning":
      return emit({ type: "reasoning", text: part.text });
    case "prefill":
      return emit(part);
    case "retry":
      return emit(part);
    case "call":
      return;
  }
}

function emitReply(reply: Reply, ms: number, emit: Emit): void {
  emit({
    type: "reply",
    text: reply.text,
    reasoning: reply.reasoning,
    calls: reply.calls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    finish: reply.finish,
    ms,
    ...reply.usage,
    ...reply.timings,
  });
}

function emitParsed(parsed: Parsed, verdict: { kind: string; reason?: string }, deps: AgentDeps): void {
  deps.emit({
    type: "parsed",
    kind: parsed.kind,
    calls: parsed.kind === "calls" ? parsed.calls.map((call) => call.name) : [],
    dialect: parsed.kind === "final" ? "" : parsed.dialect,
    repairs: parsed.kind === "final" ? [] : parsed.repairs,
    why: parsed.kind === "malformed" ? parsed.problem.why : "",
  });
  deps.emit({ type: "verdict", kind: verdict.kind as "run", reason: verdict.reason ?? "" });
}
