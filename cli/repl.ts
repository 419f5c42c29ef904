/** `smallcode`: a conversation in a terminal that scrolls. */

import { createInterface, type Interface } from "node:readline/promises";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ProviderError } from "../core/errors.ts";
import type { SmallCodeOptions } from "../core/api.ts";
import { askPerson } from "./ask_person.ts";
import { PASTE_OFF, PASTE_ON, pasteInput, unfoldPaste } from "./paste_input.ts";
import { completeLine, type Repl, runSlashCommand } from "./slash_commands.ts";
import { painter } from "./terminal_text.ts";
import { openTokenMeter } from "./token_meter.ts";
import { openTranscript } from "./transcript.ts";
import type { Agent, World } from "./world.ts";

const HISTORY_LINES = 500;

/** Runs until `/quit`, Ctrl+D or a second Ctrl+C. */
export async function replCommand(options: SmallCodeOptions, world: World): Promise<number> {
  const session = new ReplSession(options, world);
  try {
    return await session.run();
  } finally {
    await session.close();
  }
}

/** Holds the terminal and the conversation for the time of the REPL. */
class ReplSession {
  readonly #world: World;
  readonly #isTerminal: boolean;
  readonly #leave = new AbortController();
  readonly #lines: string[] = [];
  readonly #readline: Interface;
  #options: SmallCodeOptions;
  #agent: Agent;
  #meter = openTokenMeter();
  #turn: AbortController | undefined;
  #wake: (() => void) | undefined;
  #historyFile: string | undefined;
  #interrupts = 0;
  /** Files of the workspace, for completion; known once the session is open. */
  #paths: readonly string[] = [];

  constructor(options: SmallCodeOptions, world: World) {
    this.#world = world;
    this.#isTerminal = world.stdinIsTerminal && world.stdoutIsTerminal;
    this.#options = options;
    this.#agent = this.#newAgent();
    this.#readline = createInterface({
      input: this.#isTerminal ? pasteInput(process.stdin) : process.stdin,
      output: process.stdout,
      terminal: this.#isTerminal,
      historySize: HISTORY_LINES,
      completer: (line: string) => completeLine(line, this.#paths),
    });
  }

  async run(): Promise<number> {
    const { signal } = this.#leave;
    this.#listen();
    try {
      await this.#openFirst();
      while (!signal.aborted) {
        const text = await this.#nextMessage();
        if (text === undefined) break;
        if (text.trim() !== "") await this.#take(text);
      }
    } finally {
      this.#saveHistory();
    }
    return 0;
  }

  async close(): Promise<void> {
    if (this.#isTerminal) this.#world.out(PASTE_OFF);
    this.#readline.close();
    await this.#agent.close();
  }

  /** An unusable server is said, not fatal: `/provider` and `/model` can mend it. */
  async #openFirst(): Promise<void> {
    try {
      const { loaded, facts } = await this.#agent.open();
      this.#paths = facts.paths;
      this.#loadHistory(loaded.config.paths.data);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.#say(painter(this.#world.colour)("red", error.message));
      this.#say("/provider sets up a model server, /quit leaves.");
      return;
    }
    this.#say('Say what is to be done. /help lists commands, "@" and Tab complete a file name.');
  }

  #newAgent(): Agent {
    const world = this.#world;
    const agent = world.newAgent({
      cwd: world.cwd,
      ...this.#options,
      ask: this.#options.yes
        ? () => Promise.resolve("once")
        : (question, signal) => askPerson(this.#readline, question, signal),
    });
    this.#meter = openTokenMeter();
    agent.on("event", this.#meter.take);
    agent.on(
      "event",
      openTranscript({
        write: world.out,
        colour: world.colour,
        columns: world.columns,
        isLive: world.stdoutIsTerminal,
      }),
    );
    return agent;
  }

  #listen(): void {
    this.#readline.on("line", (line) => {
      this.#lines.push(unfoldPaste(line));
      this.#wake?.();
    });
    this.#readline.on("close", () => {
      this.#leave.abort();
      this.#turn?.abort(new DOMException("Input ended", "AbortError"));
      this.#wake?.();
    });
    this.#readline.on("SIGINT", () => this.#interrupt());
    process.once("SIGTERM", () => this.#readline.close());
    if (this.#isTerminal) this.#world.out(PASTE_ON);
  }

  /** First Ctrl+C ends what runs; at the prompt, or the second time, it leaves. */
  #interrupt(): void {
    if (this.#turn && !this.#turn.signal.aborted) {
      this.#turn.abort(new DOMException("Ctrl+C", "AbortError"));
      this.#say("\nCancelled. Ctrl+C again leaves.");
      return;
    }
    this.#interrupts++;
    if (this.#turn || this.#interrupts > 1) return this.#readline.close();
    this.#say("\nCtrl+C again leaves; /help lists commands.");
    this.#readline.prompt();
  }

  async #nextMessage(): Promise<string | undefined> {
    if (this.#lines.length === 0) {
      this.#readline.setPrompt("> ");
      this.#readline.prompt();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#leave.signal.aborted) resolve();
      });
      this.#wake = undefined;
    }
    const line = this.#lines.shift();
    if (line === undefined) return undefined;
    this.#interrupts = 0;
    return line;
  }

  async #take(text: string): Promise<void> {
    this.#turn = new AbortController();
    try {
      if (text.startsWith("/")) {
        if (await runSlashCommand(text, this.#repl(this.#turn.signal)) === "quit") this.#leave.abort();
      } else {
        await this.#agent.run(text, { signal: this.#turn.signal });
      }
    } catch (error) {
      if (!this.#turn.signal.aborted) {
        this.#say(painter(this.#world.colour)("red", error instanceof Error ? error.message : String(error)));
      }
    } finally {
      this.#turn = undefined;
    }
  }

  #repl(signal: AbortSignal): Repl {
    return {
      world: this.#world,
      conversation: () => this.#agent.open(),
      agent: () => this.#agent,
      meter: () => this.#meter,
      restart: async (options) => {
        await this.#agent.close();
        this.#options = { ...this.#options, ...options };
        this.#agent = this.#newAgent();
        await this.#agent.open();
      },
      say: (text) => this.#say(text),
      question: (text) => this.#readline.question(text, { signal }),
      signal,
    };
  }

  #say(text: string): void {
    this.#world.out(`${text}\n`);
  }

  #loadHistory(folder: string): void {
    this.#historyFile = join(folder, "repl_history");
    const lines = readHistory(this.#historyFile);
    (this.#readline as unknown as { history: string[] }).history?.push(...lines);
  }

  #saveHistory(): void {
    const lines = (this.#readline as unknown as { history?: string[] }).history;
    if (!this.#historyFile || !lines) return;
    mkdirSync(join(this.#historyFile, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(this.#historyFile, lines.slice(0, HISTORY_LINES).join("\n"), { mode: 0o600 });
  }
}

function readHistory(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}
