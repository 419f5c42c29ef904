/** `smallcode`: a conversation in a terminal that scrolls. */

import { join } from "node:path";
import process from "node:process";
import type { SmallCodeOptions } from "../core/api.ts";
import type { Conversation } from "../core/session/conversation.ts";
import { ProviderError } from "../core/errors.ts";
import type { Question } from "../core/types.ts";
import { answerYes, type Asking, askPerson, askRecovery } from "./ask_person.ts";
import { LineEditor } from "./line_editor.ts";
import { offerFirstSetup } from "./provider.ts";
import { completeLine, type Repl, runSlashCommand } from "./slash_commands.ts";
import { painter } from "./terminal_text.ts";
import { openTranscript } from "./transcript.ts";
import type { Agent, World } from "./world.ts";

/** Runs until `/quit`, Ctrl+D or a second Ctrl+C. */
export async function replCommand(options: SmallCodeOptions, world: World): Promise<number> {
  await offerFirstSetup(options, world);
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
  readonly #leave = new AbortController();
  readonly #editor: LineEditor;
  #options: SmallCodeOptions;
  #agent: Agent;
  #turn: AbortController | undefined;
  #historyFile: string | undefined;
  #interrupts = 0;
  /** Files of the workspace, for completion; known once the session is open. */
  #paths: readonly string[] = [];
  /** Commands of plugins, likewise. */
  #commands: Conversation["commands"] = [];

  constructor(options: SmallCodeOptions, world: World) {
    this.#world = world;
    this.#options = options;
    this.#editor = new LineEditor({
      isTerminal: world.stdinIsTerminal && world.stdoutIsTerminal,
      complete: (line) => completeLine(line, this.#paths, this.#commands),
      onInterrupt: () => this.#interrupt(),
      onEnd: () => this.#end(),
    });
    this.#agent = this.#newAgent();
  }

  async run(): Promise<number> {
    process.once("SIGTERM", () => this.#editor.close());
    await this.#openFirst();
    for (let text = await this.#editor.next(); text !== undefined; text = await this.#editor.next()) {
      this.#interrupts = 0;
      if (text.trim() !== "") await this.#take(text);
      if (this.#leave.signal.aborted) break;
    }
    if (this.#historyFile) this.#editor.saveHistory(this.#historyFile);
    return 0;
  }

  async close(): Promise<void> {
    this.#editor.close();
    await this.#agent.close();
  }

  /** An unusable server is said, not fatal: `/provider` and `/model` can mend it. */
  async #openFirst(): Promise<void> {
    try {
      const { loaded, facts, commands } = await this.#agent.open();
      this.#paths = facts.paths;
      this.#commands = commands;
      this.#historyFile = join(loaded.config.paths.data, "repl_history");
      this.#editor.loadHistory(this.#historyFile);
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
      ...this.#asking(),
    });
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

  /** Where nobody sits at the terminal, nobody is asked. */
  #asking(): Pick<SmallCodeOptions, "ask" | "recover"> {
    if (!this.#world.stdinIsTerminal) {
      return this.#options.yes ? { ask: answerYes(undefined) } : {};
    }
    const asking = (signal: AbortSignal): Asking => ({
      ask: (text) => this.#editor.question(text, signal),
      show: this.#world.out,
    });
    const person = (question: Question, signal: AbortSignal) => askPerson(asking(signal), question);
    return {
      ask: this.#options.yes ? answerYes(person) : person,
      recover: (turn, signal) => askRecovery(asking(signal), turn),
    };
  }

  /** Whoever ends the input at a terminal wants to leave; a pipe that ends has said all, and is answered. */
  #end(): void {
    if (!this.#world.stdinIsTerminal) return;
    this.#leave.abort();
    this.#turn?.abort(new DOMException("Input ended", "AbortError"));
  }

  /** First Ctrl+C ends what runs; at the prompt, or the second time, it leaves. */
  #interrupt(): void {
    if (this.#turn && !this.#turn.signal.aborted) {
      this.#turn.abort(new DOMException("Ctrl+C", "AbortError"));
      this.#interrupts++;
      this.#say("\nCancelled. Ctrl+C again leaves.");
      return;
    }
    this.#interrupts++;
    if (this.#turn || this.#interrupts > 1) return this.#editor.close();
    this.#say("\nCtrl+C again leaves; /help lists commands.");
    this.#editor.prompt();
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
      restart: async (options) => {
        await this.#agent.close();
        this.#options = { ...this.#options, ...options };
        this.#agent = this.#newAgent();
        this.#commands = (await this.#agent.open()).commands;
      },
      say: (text) => this.#say(text),
      question: (text) => this.#editor.question(text, signal),
      stepAside: (work) => this.#editor.stepAside(work),
      signal,
    };
  }

  #say(text: string): void {
    this.#world.out(`${text}\n`);
  }
}
