/** The line that a person types into: history, completion, paste, Ctrl+C; and stepping aside for another dialog. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { createInterface, type Interface } from "node:readline/promises";
import { PASTE_OFF, PASTE_ON, pasteInput, unfoldPaste } from "./paste_input.ts";

const HISTORY_LINES = 500;

export interface LineEditorOptions {
  /** Whether both ends are a terminal: only then is there editing, completion and paste. */
  readonly isTerminal: boolean;
  readonly complete: (line: string) => [string[], string];
  /** Ctrl+C. */
  readonly onInterrupt: () => void;
  /** Ctrl+D, or the end of the input. */
  readonly onEnd: () => void;
}

/** Holds the terminal's input while it is open. */
export class LineEditor {
  readonly #options: LineEditorOptions;
  readonly #lines: string[] = [];
  #readline: Interface;
  #release: () => void = () => {};
  #history: string[] = [];
  #isAside = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(options: LineEditorOptions) {
    this.#options = options;
    this.#readline = this.#open();
  }

  /** The next line or pasted text; `undefined` when the input has ended. */
  async next(): Promise<string | undefined> {
    if (this.#lines.length === 0 && !this.#hasEnded) {
      this.prompt();
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    return this.#lines.shift();
  }

  prompt(): void {
    this.#readline.setPrompt("> ");
    this.#readline.prompt();
  }

  /** Asks for one line; a closed input is an empty one. */
  async question(text: string, signal: AbortSignal): Promise<string> {
    if (this.#hasEnded) return "";
    const closed = new Promise<string>((resolve) => this.#readline.once("close", () => resolve("")));
    return await Promise.race([this.#readline.question(text, { signal }), closed]);
  }

  /** Gives the terminal away while `work` runs, e.g. to a wizard. */
  async stepAside(work: () => Promise<void>): Promise<void> {
    this.#isAside = true;
    this.#history = this.#lineHistory();
    this.#shut();
    try {
      await work();
    } finally {
      this.#readline = this.#open();
      this.#isAside = false;
    }
  }

  close(): void {
    this.#end();
    this.#shut();
  }

  /** Takes the lines of earlier conversations, newest first; a missing file is an empty history. */
  loadHistory(file: string): void {
    try {
      this.#lineHistory().push(...readFileSync(file, "utf8").split("\n").filter(Boolean));
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }

  /** Keeps the lines, readable by the user alone. */
  saveHistory(file: string): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, this.#lineHistory().slice(0, HISTORY_LINES).join("\n"), { mode: 0o600 });
  }

  #open(): Interface {
    const { isTerminal, complete } = this.#options;
    const paste = isTerminal ? pasteInput(process.stdin) : undefined;
    const readline = createInterface({
      input: paste?.input ?? process.stdin,
      output: process.stdout,
      terminal: isTerminal,
      historySize: HISTORY_LINES,
      completer: complete,
    });
    this.#release = paste?.release ?? (() => {});
    if (isTerminal) process.stdout.write(PASTE_ON);
    readline.on("line", (line) => {
      this.#lines.push(unfoldPaste(line));
      this.#wake?.();
    });
    readline.on("SIGINT", () => this.#options.onInterrupt());
    readline.on("close", () => {
      if (!this.#isAside) this.#end();
    });
    historyOf(readline)?.push(...this.#history);
    return readline;
  }

  #shut(): void {
    if (this.#options.isTerminal) process.stdout.write(PASTE_OFF);
    this.#readline.close();
    this.#release();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.onEnd();
    this.#wake?.();
  }

  #lineHistory(): string[] {
    return historyOf(this.#readline) ?? this.#history;
  }
}

/** readline keeps its history in a field that its types do not name; newest first. */
function historyOf(readline: Interface): string[] | undefined {
  return (readline as unknown as { history?: string[] }).history;
}
