/** Writes a call as a model would in a dialect: for recorded histories of the probes and for the simulated model. */

import type { DialectName } from "../core/profile.ts";

export interface WrittenCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The reply's text; for `native` it is empty, since the call has its own field. */
export function writeCall(call: WrittenCall, dialect: DialectName): string {
  const { name, args } = call;
  switch (dialect) {
    case "native":
      return "";
    case "json":
      return `\`\`\`json\n${JSON.stringify({ name, arguments: args })}\n\`\`\``;
    case "hermes":
      return `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`;
    case "qwen-xml": {
      const parameters = Object.entries(args).map(([key, value]) =>
        `<parameter=${key}>\n${textOf(value)}\n</parameter>\n`
      );
      return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
    }
    case "pythonic": {
      const list = Object.entries(args).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return `[${name}(${list.join(", ")})]`;
    }
    case "raw":
      return writeRaw(call);
  }
}

function writeRaw({ name, args }: WrittenCall): string {
  const { path, search, replace, content, command, ...others } = args;
  if (command !== undefined) return `${name}\n\`\`\`\n${textOf(command)}\n\`\`\``;
  const words = [name, path, ...Object.values(others)].filter((word) => word !== undefined).map(textOf);
  const header = words.join(" ");
  if (content !== undefined) return `${header}\n\`\`\`\n${endLine(textOf(content))}\`\`\``;
  if (search === undefined) return header;
  return `${header}\n<<<<<<< SEARCH\n${endLine(textOf(search))}=======\n${
    endLine(textOf(replace))
  }>>>>>>> REPLACE`;
}

function endLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
