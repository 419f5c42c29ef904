/** What a call of an MCP server gave, as text: what is no text is named, nothing is dropped silently. Pure. */

import { cleanLine, cleanText } from "../sandbox/clean_text.ts";

/** Pieces of one result. */
const MAX_PIECES = 100;
/** More is not kept, also not under a handle. */
const MAX_CHARS = 1_000_000;

interface Given {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
}

/** Cleaned of what a terminal obeys; empty only where the server gave nothing at all. */
export function resultText({ content, structuredContent }: Given): string {
  const pieces = content.slice(0, MAX_PIECES).map(pieceText);
  if (content.length > MAX_PIECES) pieces.push(`[${content.length - MAX_PIECES} more pieces left out]`);
  const text = pieces.filter((piece) => piece !== "").join("\n");
  // By the protocol the text says the same as the structure.
  const whole = text === "" && structuredContent !== undefined ? jsonText(structuredContent) : text;
  return whole.length <= MAX_CHARS
    ? whole
    : `${whole.slice(0, MAX_CHARS)}\n[${whole.length - MAX_CHARS} more characters left out]`;
}

function pieceText(piece: unknown): string {
  const field = fieldsOf(piece);
  switch (field("type")) {
    case "text":
      return clean(field("text"));
    case "image":
    case "audio":
      return `[${field("type")}${kindOf(field("mimeType"))}, ${sizeOf(field("data"))}: cannot be shown here]`;
    case "resource_link":
      return `[link: ${line(field("name"))} ${line(field("uri"))}]`;
    case "resource": {
      const inner = fieldsOf(field("resource"));
      const about = `${line(inner("uri"))}${kindOf(inner("mimeType"))}`;
      return typeof inner("text") === "string"
        ? `[${about}]\n${clean(inner("text"))}`
        : `[${about}, ${sizeOf(inner("blob"))}: cannot be shown here]`;
    }
    default:
      return `[content of the kind ${line(field("type")) || "unknown"} left out]`;
  }
}

function fieldsOf(value: unknown): (name: string) => unknown {
  const isObject = typeof value === "object" && value !== null;
  return (name) => isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function clean(value: unknown): string {
  return typeof value === "string" ? cleanText(value.slice(0, 2 * MAX_CHARS)) : "";
}

function line(value: unknown): string {
  return typeof value === "string" ? cleanLine(value, 200) : "";
}

function kindOf(mimeType: unknown): string {
  return typeof mimeType === "string" ? ` (${cleanLine(mimeType, 60)})` : "";
}

/** Of base64. */
function sizeOf(data: unknown): string {
  return typeof data === "string" ? `${Math.ceil(data.length * 3 / 4 / 1000)} kB` : "no data";
}

function jsonText(value: unknown): string {
  try {
    return clean(JSON.stringify(value, null, 1));
  } catch {
    return "[a structure that is nested too deep]"; // RangeError of the stack
  }
}
