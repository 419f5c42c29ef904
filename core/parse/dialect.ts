/** The dialects that a profile can ask for: their prompt lines, a call written in one, a malformed call answered. */

import type { DialectName, EditFormat } from "../profile.ts";
import type { Args, Malformed, ToolSchema } from "../types.ts";
import { exampleArgs } from "./dialects/describe.ts";
import { formatHermes, hermesPrompt } from "./dialects/hermes.ts";
import { formatJson, jsonPrompt } from "./dialects/json.ts";
import { formatPythonic, pythonicPrompt } from "./dialects/pythonic.ts";
import { formatRaw, rawPrompt } from "./dialects/raw.ts";
import { formatXml, xmlPrompt } from "./dialects/xml.ts";

/** What the system text says about calling tools; empty for `native`, where the server's template says it. */
export function dialectPrompt(
  name: DialectName,
  tools: readonly ToolSchema[],
  editFormat: EditFormat = "search_replace",
): string {
  if (tools.length === 0) return "";
  switch (name) {
    case "native":
      return "";
    case "hermes":
      return hermesPrompt(tools);
    case "json":
      return jsonPrompt(tools);
    case "raw":
      return rawPrompt(tools, editFormat);
    case "qwen-xml":
      return xmlPrompt(tools);
    case "pythonic":
      return pythonicPrompt(tools);
  }
}

/** A call as a model writes it in a dialect. `native` has no text of its own: shown as its name and JSON arguments. */
export function formatCall(
  dialect: DialectName,
  call: { readonly name: string; readonly args: Args },
): string {
  switch (dialect) {
    case "native":
      return `${call.name} ${JSON.stringify(call.args)}`;
    case "hermes":
      return formatHermes(call);
    case "json":
      return formatJson(call);
    case "raw":
      return formatRaw(call);
    case "qwen-xml":
      return formatXml(call);
    case "pythonic":
      return formatPythonic(call);
  }
}

/** What a malformed call is answered with besides its problem. */
export interface Correction {
  /** The tool that was meant, if that is clear. */
  readonly tool?: ToolSchema;
  readonly dialect: DialectName;
  /** Arguments of a correct call, made of real names; default: made from the schema. */
  readonly example?: Args;
}

/** The answer to a malformed call: what was sent, what is wrong, what is expected, one example in the dialect. */
export function describeMalformed(problem: Malformed, correction: Correction): string {
  const { tool, dialect } = correction;
  const lines = [`The call was not run: ${problem.why}.`, `You sent: ${problem.sent.trim()}`];
  if (problem.kind === "cut") {
    lines.push("Send it again in parts: first a short file, then one patch for each further part.");
  }
  if (problem.kind === "marker_in_body") {
    lines.push("Read the lines with read_file, then patch a smaller part that holds no line of marks.");
  }
  if (!tool) return lines.join("\n");
  const example = correction.example ?? exampleArgs(tool);
  return [...lines, `Write it like this:\n${formatCall(dialect, { name: tool.name, args: example })}`].join(
    "\n",
  );
}
