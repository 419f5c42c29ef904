/**
 * `smallcode bench sim`: a server that behaves like a weak model, OpenAI- and Ollama-compatible, so that a harness (any harness) can be tested without a model.
 * It shows that a part is wired, reacts, and costs what it should. It decides no default, and its numbers are no model's success rate.
 */

import { type ScriptedRequest, type ScriptedServer, startScriptedServer } from "../core/model/scripted.ts";
import { type BenchWorld, suitesFolder } from "./bench_world.ts";
import { behave, type Seen } from "./sim/behave.ts";
import { loadIntentions } from "./sim/intentions.ts";
import { RATES, type SimClass } from "./sim/rates.ts";

export interface SimOptions {
  /** The folder that holds the suites. */
  readonly suites: string;
  readonly strength: SimClass;
  readonly seed: number;
  /** Tokens. */
  readonly window: number;
  /** A longer request is refused, as by llama.cpp, or its oldest messages are left out silently, as by Ollama without `truncate: false`. */
  readonly overflow: "refuse" | "truncate";
  /** 0: a free one. */
  readonly port: number;
}

/** Starts the server; its model is `sim-small`, `sim-medium` or `sim-strong`. */
export async function startSim(options: SimOptions): Promise<ScriptedServer> {
  const mind = {
    intentions: await loadIntentions(options.suites),
    rates: RATES[options.strength],
    seed: options.seed,
  };
  return await startScriptedServer({
    replies: (request) => behave(seenOf(request), mind),
    model: `sim-${options.strength}`,
    window: options.window,
    overflow: options.overflow,
    port: options.port,
  });
}

/** Serves until it is interrupted. @throws {RangeError} for an unknown class */
export async function simCommand(
  flags: {
    readonly port: number;
    readonly class: string;
    readonly window: number;
    readonly truncate?: boolean;
    readonly seed: number;
  },
  world: BenchWorld,
): Promise<number> {
  const strength = (["small", "medium", "strong"] as const).find((name) => name === flags.class);
  if (!strength) throw new RangeError(`--class must be small, medium or strong, not "${flags.class}"`);
  const { port, window, seed } = flags;
  const server = await startSim({
    suites: suitesFolder(world),
    strength,
    seed,
    window,
    overflow: flags.truncate === true ? "truncate" : "refuse",
    port,
  });
  world.out(
    `simulated model sim-${strength} at ${server.url}; not a model: its numbers are no success rate\n`,
  );
  if (!world.signal.aborted) {
    await new Promise<void>((resolve) =>
      world.signal.addEventListener("abort", () => resolve(), { once: true })
    );
  }
  await server.close();
  return 0;
}

function seenOf({ messages, body }: ScriptedRequest): Seen {
  const tools = Array.isArray(body.tools) ? body.tools : [];
  const options = typeof body.options === "object" ? body.options as Record<string, unknown> : {};
  return {
    messages: messages.map(({ role, content, tool_calls }) => ({
      role: String(role),
      text: `${textOf(content)}${tool_calls === undefined ? "" : callText(tool_calls)}`,
    })),
    tools: tools.map((tool) => ({
      name: String(tool?.function?.name),
      parameters: Object.keys(tool?.function?.parameters?.properties ?? {}),
    })),
    seed: Number(body.seed ?? options?.seed ?? 0),
  };
}

/** Content is a text, or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => String(part?.text ?? "")).join("\n") : "";
}

function callText(calls: unknown): string {
  return Array.isArray(calls)
    ? calls.map((call) => {
      const args = call?.function?.arguments;
      return `${call?.function?.name} ${typeof args === "string" ? args : JSON.stringify(args)}`;
    }).join("\n")
    : "";
}
