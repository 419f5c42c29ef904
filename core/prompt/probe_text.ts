/** What a model reads when `doctor` and the wizard try whether it can call a tool. */

import type { ToolSchema } from "../types.ts";

export const PROBE_FILE = "greeting.txt";

/** A word that only a model that was given the file can say. */
export const PROBE_WORD = "marigold";

/** The one tool that is offered. */
export const PROBE_TOOL: ToolSchema = {
  name: "read_file",
  description: "Read a file.",
  parameters: {
    type: "object",
    properties: { path: { type: "string", description: "path of the file" } },
    required: ["path"],
  },
};

/**
 * Asks for the call alone: asked in one breath to read and then to answer, Qwen2.5-Coder-1.5B (raw dialect, 2026-11-24) made a word up
 * without reading.
 */
export const PROBE_TASK =
  `Which word stands in ${PROBE_FILE}?\n\nReply with one call of read_file for ${PROBE_FILE}.`;

/** What the tool gives, in the form in which the real one shows a file. */
export const PROBE_RESULT = `1 | ${PROBE_WORD}`;
