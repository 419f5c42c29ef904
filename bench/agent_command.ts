/** `bench run --agent 'cmd {prompt}'`: any other agent on the same tasks, through a recording proxy in front of the model server. */

import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { Attempt, Attempted, BenchAgent } from "./bench_agent.ts";
import type { BenchWorld } from "./bench_world.ts";
import { NO_COUNTERS } from "./counters.ts";
import { type Exchange, startProxy } from "./proxy.ts";
import { runProcess } from "./run_process.ts";

export interface OtherAgent {
  /** A command line; `{prompt}`, `{url}` (the proxy, with `/v1`), `{model}`, `{workspace}` and `{state}` are put in as whole arguments or parts of one. */
  readonly template: string;
  readonly model: string;
  readonly baseUrl: string;
}

/** Characters of output kept: the agent's last words are its answer. */
const KEEP_CHARS = 16_000;

/**
 * Starts the proxy. The agent finds the model server in `OPENAI_BASE_URL`, `OPENAI_API_BASE` and `OLLAMA_HOST`, or in the template's `{url}`;
 * its home and its XDG folders are empty.
 * @throws {RangeError} for a template without `{prompt}`, or no base URL
 */
export async function openOtherAgent(
  { template, model, baseUrl }: OtherAgent,
  world: BenchWorld,
): Promise<BenchAgent> {
  if (!template.includes("{prompt}")) throw new RangeError(`--agent must contain {prompt}: "${template}"`);
  if (baseUrl === "") {
    throw new RangeError("--agent needs --base-url: the recording proxy stands in front of it");
  }
  const proxy = await startProxy(baseUrl);
  return {
    name: template,
    close: () => proxy.close(),
    async attempt(attempt: Attempt): Promise<Attempted> {
      const { task, workspace, state, signal } = attempt;
      await mkdir(state, { recursive: true });
      const values = { prompt: task.prompt, url: proxy.url, model, workspace, state };
      const log = createWriteStream(attempt.log);
      const exchanges: Exchange[] = [];
      proxy.record((exchange) => {
        exchanges.push(exchange);
        log.write(`${JSON.stringify(exchange)}\n`);
      });
      let said = "";
      const { exitCode, timedOut, output, ms } = await runProcess(fillTemplate(template, values), {
        cwd: workspace,
        env: {
          ...world.env,
          HOME: state,
          XDG_CONFIG_HOME: `${state}/config`,
          XDG_DATA_HOME: `${state}/data`,
          XDG_CACHE_HOME: `${state}/cache`,
          XDG_STATE_HOME: `${state}/state`,
          OPENAI_BASE_URL: proxy.url,
          OPENAI_API_BASE: proxy.url,
          OPENAI_API_KEY: world.env.OPENAI_API_KEY ?? "none",
          OLLAMA_HOST: proxy.url.replace(/\/v1$/, ""),
        },
        timeoutMs: task.minutes * 60_000,
        signal,
        onStdout: (text) => said = (said + text).slice(-KEEP_CHARS),
        keepChars: KEEP_CHARS,
      }).finally(() => new Promise<void>((resolve) => log.end(resolve)));
      const sum = (value: (exchange: Exchange) => number) =>
        exchanges.reduce((total, exchange) => total + value(exchange), 0);
      return {
        counters: {
          ...NO_COUNTERS,
          steps: exchanges.length,
          toolCalls: sum(({ calls }) => calls),
          promptTokens: sum(({ promptTokens }) => promptTokens),
          prefilledTokens: sum(({ promptTokens, cachedTokens }) => promptTokens - cachedTokens),
          outputTokens: sum(({ outputTokens }) => outputTokens),
          outcome: exitCode === 0 ? "unverified" : "failed",
          answer: said.trim() === "" ? output : said,
        },
        exitCode,
        timedOut,
        ms,
      };
    },
  };
}

/**
 * The arguments of a template: split at spaces outside single or double quotes, then values put in. No shell reads it, so a prompt with quotes or
 * `$` is one argument.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): readonly string[] {
  const words = template.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single ?? "")
      .replaceAll(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
  );
}
