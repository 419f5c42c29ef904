/** Writes a turn's events as a person reads them in a terminal that only scrolls. Used by `run` and the REPL. */

import type { Event } from "../core/events.ts";
import { eventLine, pluginLines } from "./_event_lines.ts";
import { openScroll, type ScrollOptions } from "./_scroll.ts";
import { openReply } from "./_streamed_reply.ts";
import { oneLine, painter } from "./terminal_text.ts";

export interface TranscriptOptions extends ScrollOptions {
  readonly colour: boolean;
}

/** Gives the listener for a conversation's events. */
export function openTranscript(options: TranscriptOptions): (event: Event) => void {
  const paint = painter(options.colour);
  const { line, showStatus, clearStatus, ...scroll } = openScroll(options, paint);
  const reply = openReply(scroll);
  const said = new Map<string, number>(); // lines of each plugin since the last call
  return (event) => {
    switch (event.type) {
      case "step_start":
        return showStatus(
          `step ${event.step}: the server reads ${event.promptTokens - event.sharedTokens} tokens …`,
        );
      case "prefill":
        return showStatus(
          `the server reads the prompt: ${event.done} of ${event.total} tokens (${event.cached} from cache)`,
        );
      case "reasoning":
        return showStatus(`thinking … ${oneLine(event.text, 60)}`);
      case "token":
        reply.add(event.text);
        if (reply.heldChars() > 0) showStatus(`writing … ${reply.heldChars()} characters`);
        return;
      case "plugin":
        return pluginLines(event, said, paint).forEach(line);
      case "retry":
        reply.end("no answer"); // what was shown of the reply is void
        break;
      case "parsed":
        clearStatus();
        reply.end(
          event.kind === "final"
            ? "answer"
            : event.kind === "calls" && event.dialect === "native"
            ? "before calls"
            : "no answer",
        );
        break;
      case "tool_start":
        said.clear();
    }
    const text = eventLine(event, { paint, columns: options.columns });
    if (text !== undefined) line(text);
  };
}
