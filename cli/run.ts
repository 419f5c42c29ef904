/** `smallcode run "task"`: one message, its outcome as exit code. */

import type { SmallCodeOptions } from "../core/api.ts";
import { ConfigError } from "../core/errors.ts";
import { answerYes, askLine, askPerson } from "./ask_person.ts";
import { openTranscript } from "./transcript.ts";
import type { World } from "./world.ts";

export interface RunOptions extends SmallCodeOptions {
  /** One event a line on stdout instead of text. */
  readonly json?: boolean;
}

/** Runs one task. The answer goes to stdout, everything else to stderr; with `json`, events to stdout. */
export async function runCommand(
  task: string | undefined,
  options: RunOptions,
  world: World,
): Promise<number> {
  const text = task ?? (world.stdinIsTerminal ? "" : await world.readStdin());
  if (text.trim() === "") {
    throw new ConfigError(
      'No task was given: smallcode run "what is to be done", or give it on standard input',
    );
  }
  const isAttended = world.stdinIsTerminal && !options.json;
  const person: SmallCodeOptions["ask"] = isAttended
    ? (question, signal) => askPerson({ ask: (text) => askLine(text, signal), show: world.err }, question)
    : undefined;
  const ask = options.yes ? answerYes(person) : person;
  const agent = world.newAgent({
    cwd: world.cwd,
    ...options,
    ...(ask ? { ask } : {}),
  });
  agent.on(
    "event",
    options.json ? (event) => world.out(`${JSON.stringify(event)}\n`) : openTranscript({
      write: world.err,
      colour: world.colour,
      columns: world.columns,
      isLive: world.stdoutIsTerminal,
    }),
  );
  try {
    const result = await agent.run(text, { signal: world.signal });
    // On a terminal the answer was streamed already.
    if (!options.json && !world.stdoutIsTerminal && result.text !== "") {
      world.out(`${result.text.trimEnd()}\n`);
    }
    return result.exitCode;
  } finally {
    await agent.close();
  }
}
