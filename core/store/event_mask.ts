/** Takes secrets out of events before anybody reads them: the store, a face, `--json`. */

import type { EventBody } from "../events.ts";

/** A word longer than this is no key; it is passed on as it comes. */
const MOST_HELD_CHARS = 400;
/** A PEM block is many words. */
const MOST_PEM_CHARS = 10_000;

/** An event that brings a text piece by piece. */
type Piece = Extract<EventBody, { type: "token" | "reasoning" | "tool_output" }>;

/**
 * Gives the function that masks events, in their order. A secret can come in pieces, so of a stream the last word is held back until it is
 * whole; any other event brings what was held first.
 */
export function openEventMask(mask: (text: string) => string): (body: EventBody) => readonly EventBody[] {
  const held = new Map<string, Piece>();
  return (body) => {
    if (!isPiece(body)) {
      const rest = [...held.values()].filter(({ text }) => text !== "").map((piece) => maskAll(piece, mask));
      held.clear();
      return [...rest, maskAll(body, mask)];
    }
    const key = body.type === "tool_output" ? body.id : body.type;
    const text = (held.get(key)?.text ?? "") + body.text;
    const end = endOfWhole(text);
    held.set(key, { ...body, text: text.slice(end) });
    return end === 0 ? [] : [maskAll({ ...body, text: text.slice(0, end) }, mask)];
  };
}

function isPiece(body: EventBody): body is Piece {
  return body.type === "token" || body.type === "reasoning" || body.type === "tool_output";
}

/** Where the last, unfinished word begins. */
function endOfWhole(text: string): number {
  const begin = text.lastIndexOf("-----BEGIN ");
  if (begin >= 0 && !text.includes("-----END ", begin) && text.length - begin < MOST_PEM_CHARS) return begin;
  const end = Math.max(...[" ", "\n", "\t"].map((blank) => text.lastIndexOf(blank))) + 1;
  return text.length - end > MOST_HELD_CHARS ? text.length : end;
}

function maskAll<Body extends EventBody>(body: Body, mask: (text: string) => string): Body {
  return maskValue(body, mask) as Body;
}

function maskValue(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskValue(inner, mask)]));
}
