/** How the envelope of the next call is held: left to the model, constrained by the server, or begun for it. Code inside it never is. */

import type { AgentDeps } from "./agent_deps.ts";
import { askHeader, askRest } from "./call_header.ts";
import { ProviderError } from "../errors.ts";
import { countMisses } from "../guard/edit_misses.ts";
import { courseOf, needsConstraint } from "../guard/misread.ts";
import type { ChatOptions, ModelRequest } from "../model/transport.ts";
import { type Answers, type Constraint, constraintFor, keepsTo } from "../parse/constraint.ts";
import type { Reply, ToolSchema, Turn } from "../types.ts";

/** What a request is given besides its messages. */
export type Envelope =
  | { readonly kind: "free" }
  | {
    readonly kind: "constrained";
    readonly constraint: Constraint;
    readonly answers: Answers;
    readonly tools: readonly ToolSchema[];
  }
  | { readonly kind: "prefill"; readonly text: string };

const FREE: Envelope = { kind: "free" };

/** After repeated misread calls the next reply can be nothing but a call; else it is as the profile wants it, where the server can. */
export function envelopeOf(turn: Turn, deps: AgentDeps): Envelope {
  const { profile } = deps;
  if (turn.merge) return FREE; // the reply is to be a block, not a call
  if (profile.harness.govern && needsConstraint(turn)) return constrain(turn, deps, "none");
  switch (profile.envelope) {
    case "free":
      return FREE;
    case "constrained":
      return constrain(turn, deps, "allowed");
    case "prefill":
      return prefill(turn, deps);
  }
}

function constrain(turn: Turn, deps: AgentDeps, answers: Answers): Envelope {
  if (!deps.profile.harness.constrain || !deps.constraints.isTrusted()) return FREE;
  const tools = shownTools(turn);
  const constraint = constraintFor(tools, turn.misread?.tool, {
    can: deps.transport.facts.can.constrain,
    withTools: turn.head.nativeTools.length > 0,
  }, answers);
  return constraint ? { kind: "constrained", constraint, answers, tools } : FREE;
}

/** The first line of the change, while none was made or tried: in the raw dialect, where it holds nothing but tool, path and a mark. */
function prefill(turn: Turn, { profile, transport, world }: AgentDeps): Envelope {
  const { focus, head } = turn;
  const isDue = turn.wantsChange && turn.ledger.writes === 0 && focus?.isSure === true &&
    countMisses(turn.calls, focus.path) === 0 && Object.keys(turn.corrections).length === 0;
  if (!isDue || courseOf(turn, profile).dialect !== "raw" || !transport.facts.can.prefill) return FREE;
  const shown = world.seen.shown(focus.path);
  const isWhole = shown !== undefined && world.seen.isWhole(focus.path, shown.hash);
  const tool = profile.editFormat === "whole_file" && isWhole ? "write_file" : "patch";
  if (!head.shown.includes(tool)) return FREE;
  return {
    kind: "prefill",
    text: `${tool} ${focus.path}\n${tool === "write_file" ? "```" : "<<<<<<< SEARCH"}`,
  };
}

function shownTools({ head }: Turn): readonly ToolSchema[] {
  return head.offered.filter(({ name }) => head.shown.includes(name));
}

/** One request in its envelope. A server that refuses or ignores a constraint is not given another in this session. */
export async function chatInEnvelope(
  envelope: Envelope,
  request: ModelRequest,
  { deps, ...options }: ChatOptions & { readonly deps: AgentDeps },
): Promise<Reply> {
  switch (envelope.kind) {
    case "free":
      return await deps.transport.chat(request, options);
    case "prefill":
      return await deps.transport.chat({ ...request, prefill: envelope.text }, options);
    case "constrained":
      return await chatConstrained(envelope, request, { deps, ...options });
  }
}

async function chatConstrained(
  { constraint, answers, tools }: Extract<Envelope, { kind: "constrained" }>,
  request: ModelRequest,
  { deps, ...options }: ChatOptions & { readonly deps: AgentDeps },
): Promise<Reply> {
  const distrust = (how: string) => {
    deps.constraints.distrust();
    const text = `The server ${how} a constraint (${constraint.kind})`;
    deps.emit({ type: "notice", level: "warning", text });
  };
  if (answers === "none") {
    const text = `The next call is constrained (${constraint.kind})`;
    deps.emit({ type: "notice", level: "info", text });
  }
  try {
    if (constraint.kind === "json_schema") {
      const header = await askHeader({ ...request, constraint }, deps.transport, options);
      if (keepsTo(constraint, header.text, tools)) {
        return await askRest(header, request, { deps, tools, options });
      }
      distrust("ignored");
      return header;
    }
    const reply = await deps.transport.chat({ ...request, constraint }, options);
    if (!keepsTo(constraint, reply.text, tools, answers)) distrust("ignored");
    return reply;
  } catch (error) {
    if (!(error instanceof ProviderError) || error.fault !== "rejected") throw error;
    distrust("refused");
    return await deps.transport.chat(request, options);
  }
}
