/** An MCP server as a process of ours: one JSON message a line on its input and output, nothing of it believed, its whole group ended with it. */

import process from "node:process";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types";
import { cleanText } from "../sandbox/clean_text.ts";
import { type Group, startGroup } from "../sandbox/process_group.ts";

/** A line longer than any result that is read; the process is ended. */
const MAX_LINE_CHARS = 8_000_000;
/** Within `WINDOW_MS`, beside answers: many more than progress reports and logs come to. */
const MAX_UNASKED = 1_000;
const MAX_UNASKED_CHARS = 32_000_000;
const WINDOW_MS = 10_000;
/** Lines that are no message: a server that prints its greeting or logs is borne with, for a while. */
const MAX_GARBAGE = 200;
/** Of standard error, for the message that says why it ended. */
const TAIL_CHARS = 600;

export interface ProcessOptions {
  /** The sandbox's words included. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isWindows: boolean;
}

export class ServerProcess implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: ProcessOptions;
  readonly #exit = () => this.#group?.kill();
  #group: Group | undefined;
  #ended: Promise<void> = Promise.resolve();
  #line: string[] = [];
  #lineChars = 0;
  #garbage = 0;
  #unasked = { since: 0, messages: 0, chars: 0 };
  #tail = "";
  #why: string | undefined;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Why it does not run any more, in words; `undefined` while it runs. */
  get why(): string | undefined {
    return this.#why;
  }

  start(): Promise<void> {
    const group = startGroup(this.#options.argv, {
      ...this.#options,
      input: "open",
      onOutput: (text) => this.#take(text),
      onError: (text) => this.#tail = (this.#tail + text).slice(-TAIL_CHARS),
    });
    this.#group = group;
    process.on("exit", this.#exit); // a second Ctrl+C leaves at once
    this.#ended = group.ended.then(
      ({ exitCode }) =>
        this.#end(exitCode === null ? "it was killed" : `it ended with exit code ${exitCode}`),
      (error: Error) => this.#end(error.message),
    );
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (this.#why !== undefined) return Promise.reject(new Error(this.#why));
    if ("method" in message) this.#unasked = { since: performance.now(), messages: 0, chars: 0 };
    this.#group?.write(`${JSON.stringify(message)}\n`);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#group?.end();
    await this.#ended;
  }

  #take(text: string): void {
    if (this.#why !== undefined) return;
    this.#countFlood(0, text.length);
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      this.#line.push(text.slice(from, at));
      from = at + 1;
      const line = this.#line.join("");
      [this.#line, this.#lineChars] = [[], 0];
      this.#receive(line);
      if (this.#why !== undefined) return;
    }
    const rest = text.slice(from);
    this.#line.push(rest);
    this.#lineChars += rest.length;
    if (this.#lineChars > MAX_LINE_CHARS) this.#stop("it sent a message without end");
  }

  #receive(line: string): void {
    if (line.trim() === "") return;
    const message = readMessage(line);
    if (!message) {
      if (++this.#garbage > MAX_GARBAGE) this.#stop("it sends what is not MCP");
      return;
    }
    if ("method" in message) this.#countFlood(1, 0);
    if (this.#why === undefined) this.onmessage?.(message);
  }

  #countFlood(messages: number, chars: number): void {
    const now = performance.now();
    if (now - this.#unasked.since > WINDOW_MS) this.#unasked = { since: now, messages: 0, chars: 0 };
    this.#unasked.messages += messages;
    this.#unasked.chars += chars;
    if (this.#unasked.messages > MAX_UNASKED || this.#unasked.chars > MAX_UNASKED_CHARS) {
      this.#stop("it sent more than can be read");
    }
  }

  /** It was ended by us: what it sent before counts for nothing. */
  #stop(why: string): void {
    this.#why ??= why;
    this.#group?.kill();
  }

  #end(why: string): void {
    process.off("exit", this.#exit);
    const said = cleanText(this.#tail).trim();
    this.#why ??= said === "" ? why : `${why}: ${said}`;
    this.onclose?.();
  }
}

function readMessage(line: string): JSONRPCMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isMessage = typeof value === "object" && value !== null && "jsonrpc" in value &&
      value.jsonrpc === "2.0";
    return isMessage ? value as JSONRPCMessage : undefined;
  } catch {
    return undefined; // No JSON: it is counted.
  }
}
