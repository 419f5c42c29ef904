/**
 * A call in two requests that share their prefix, for servers that know JSON schemas and no grammar: first its header under a schema, then its
 * body as free text, so that code never stands inside JSON.
 */

import type { AgentDeps } from "./agent_deps.ts";
import type { ChatOptions, ModelRequest, Transport } from "../model/transport.ts";
import { ANSWER, bodiesOf, headerKeys, readHeader } from "../parse/constraint.ts";
import { formatRaw } from "../parse/dialects/raw.ts";
import { askBody } from "../prompt/text/calls.ts";
import type { Message, Reply, ToolSchema } from "../types.ts";

/** A header is a name, a path and a few words. */
const HEADER_TOKENS = 256;

/** The header's request. What arrives is not passed on: it is no text of the reply. */
export function askHeader(request: ModelRequest, transport: Transport, options: ChatOptions): Promise<Reply> {
  const onPart: ChatOptions["onPart"] = (part) =>
    part.type === "text" || part.type === "call" ? undefined : options.onPart(part);
  const maxTokens = Math.min(request.maxTokens, HEADER_TOKENS);
  return transport.chat({ ...request, maxTokens }, { ...options, onPart });
}

interface Rest {
  readonly deps: AgentDeps;
  readonly tools: readonly ToolSchema[];
  readonly options: ChatOptions;
}

/** The whole reply that a header begins: as it is where it lacks no body, else with the body that a second request gives. */
export async function askRest(
  reply: Reply,
  request: ModelRequest,
  { deps, tools, options }: Rest,
): Promise<Reply> {
  const header = readHeader(reply.text, tools);
  const tool = tools.find(({ name }) => name === header?.name);
  const bodies = tool ? bodiesOf(tool) : [];
  const isWhole = header?.name !== ANSWER && bodies.every((key) => Object.hasOwn(header?.args ?? {}, key));
  if (!header || isWhole || reply.finish === "length") {
    options.onPart({ type: "text", text: reply.text });
    return reply;
  }
  const earlier = reply.usage;
  if (!tool) return { ...await deps.transport.chat(request, options), earlier };
  const keys = headerKeys(tool);
  const args = Object.fromEntries(Object.entries(header.args).filter(([key]) => keys.includes(key)));
  const head = formatRaw({ name: tool.name, args });
  deps.emit({ type: "notice", level: "info", text: `Its header: ${head}; the body in a second request` });
  const begun = `${head}\n${bodies.includes("content") ? "```" : "<<<<<<< SEARCH"}`;
  if (deps.transport.facts.can.prefill) {
    return { ...await deps.transport.chat({ ...request, prefill: begun }, options), earlier };
  }
  options.onPart({ type: "text", text: `${head}\n` });
  const messages: readonly Message[] = [
    ...request.messages,
    { role: "assistant", content: head, calls: [], via: "text" },
    { role: "user", content: askBody(tool.name, String(args.path ?? "the file")) },
  ];
  const body = await deps.transport.chat({ ...request, messages }, options);
  return body.calls.length > 0 ? { ...body, earlier } : { ...body, text: join(head, body.text), earlier };
}

/** The header above the body's first mark; words before it are left out. */
function join(head: string, body: string): string {
  const at = body.search(/^[ \t]{0,3}(?:`{3}|<{5})/m);
  return `${head}\n${body.slice(Math.max(0, at))}`;
}
