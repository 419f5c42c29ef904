/** Values written as XML: text, nested tags, lists; what a repeated parameter means. */

import type { JsonSchema } from "../../types.ts";
import { editDistance } from "../../edit_distance.ts";
import { holdsFileText } from "../args.ts";
import { setKey } from "../json_repair.ts";
import { matchAt, type Scan, skipSpace } from "../scan.ts";

/** An opening tag with attributes. Groups: name, attributes, `/` of an empty element. */
export const TAG = /<([A-Za-z0-9_][\w.-]{0,63})((?:\s+[\w.:-]{1,40}\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y;
/** Where a value stands: its parameter, and whether the file that it is for has character references of its own. */
export interface Slot {
  readonly key: string;
  readonly isMarkup: boolean;
}

const NO_SLOT: Slot = { key: "", isMarkup: false };
const MARKUP = /\.(?:x?html?|xml|svg|vue|svelte|mdx?|[jt]sx)\s*$/i;

/** The slot of a parameter behind those that were read. */
export function slotOf(key: string, before: Entries): Slot {
  return {
    key,
    isMarkup: before.some(([, value]) => typeof value === "string" && MARKUP.test(value.slice(-300))),
  };
}

/** A tag with so many letters too many, too few or wrong is still meant. */
const MAX_SLIPS = 2;

/** A value without the closing tag at its end that is written wrong, so that it did not close it. */
export function withoutSlipAtEnd(value: string, tag: string): string {
  const text = value.trimEnd();
  const length = slipLength(tag, (length) => text.slice(-length));
  return length === undefined ? value : text.slice(0, -length);
}

/** A value without the opening tag at its start that is written wrong. */
export function withoutSlipAtStart(value: string, tag: string): string {
  const length = slipLength(tag, (length) => value.slice(0, length));
  return length === undefined ? value : value.slice(length);
}

/** How long the piece is that is most like a tag. */
function slipLength(tag: string, piece: (length: number) => string): number | undefined {
  const [best] = [0, 1, -1, 2, -2].map((slip) => {
    const one = piece(tag.length + slip);
    return { length: one.length, slips: /[</>]/.test(one) ? editDistance(one, tag) : Infinity };
  }).sort((a, b) => a.slips - b.slips);
  return best && best.slips <= MAX_SLIPS ? best.length : undefined;
}

/** What is said of a call whose value holds the marks of a call. What follows may be the value's own, and is not read. */
export const SPLIT = {
  broken: "the text itself holds the marks of a call, so its end cannot be told",
  fault: "marker_in_body" as const,
};

/** Whether the closing tag of a piece of a file stands behind the call's end: then that end stood inside the piece. */
export function closesLater({ seeker }: Scan, end: number, keys: readonly string[]): boolean {
  return keys.filter(holdsFileText).some((key) => {
    const later = seeker.find(`</${key}>`, end);
    const opened = seeker.find(`<${key}>`, end);
    return later >= 0 && (opened < 0 || later < opened);
  });
}

const MAX_DEPTH = 20;
/** Largest value whose tags are read as structure. */
const MAX_CHARS = 100_000;

/** Type names of a schema, with those of its alternatives. */
function typesOf(schema: JsonSchema | undefined): readonly string[] {
  const { type, anyOf, oneOf } = (schema ?? {}) as { type?: unknown; anyOf?: unknown; oneOf?: unknown };
  const own = Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : [];
  const others = [anyOf, oneOf].flatMap((list) =>
    Array.isArray(list) ? list.flatMap((one) => typesOf(one)) : []
  );
  return [...own, ...others];
}

/** Whether a value of this schema is text, so that tags inside are part of it. */
export function isText(schema: JsonSchema | undefined): boolean {
  const types = typesOf(schema);
  return !types.includes("array") && !types.includes("object");
}

/**
 * The value that stands between tags. Text keeps its own tags; for an array or an object nested tags are structure.
 * Anything else stays text, to be typed by the schema.
 */
export function valueBetween(inner: string, schema: JsonSchema | undefined, slot: Slot = NO_SLOT): unknown {
  const cdata = /^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(inner);
  if (cdata) return cdata[1];
  const trimmed = inner.trim();
  if (isText(schema) || !trimmed.startsWith("<") || trimmed.length > MAX_CHARS) {
    return schema !== undefined && typesOf(schema).includes("array") && trimmed === ""
      ? []
      : textBetween(inner, slot);
  }
  const value = structure(trimmed, 0);
  if (value === undefined) return textBetween(inner, slot);
  const isList = typesOf(schema).includes("array");
  if (!isList || Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const members = Object.values(value);
  return members.length === 1 && Array.isArray(members[0]) ? members[0] : [value];
}

/**
 * Text over lines loses one line break on each side; text on one line loses the space around it, unless it is a piece of
 * a file by its parameter's name.
 */
export function textBetween(inner: string, { key, isMarkup }: Slot = NO_SLOT): string {
  // Markup without an escaped tag has its references of its own.
  const isOwn = isMarkup && holdsFileText(key) && !/&lt;[!/]?[A-Za-z]/.test(inner);
  const text = isOwn ? inner : unescapeIfWhole(inner);
  if (holdsFileText(key) && text.trim() !== "") {
    return text.replace(/^[ \t]*\r?\n/, "").replace(/\r?\n$/, "");
  }
  const line = text.replace(/^[ \t]*\r?\n/, "").replace(/\r?\n[ \t]*$/, "");
  return line.includes("\n") ? text.replace(/^\r?\n/, "").replace(/\r?\n$/, "") : line.trim();
}

/** A writer that escapes at all leaves no bare `<`, `>` or `&`; text with one was meant literally. */
function unescapeIfWhole(text: string): string {
  const isEscaped = /&(?:lt|gt|amp;(?:lt|gt|amp));/.test(text) && !/[<>]/.test(text) &&
    !/&(?!(?:lt|gt|amp|quot|apos|#x?[\da-fA-F]+);)/.test(text);
  return isEscaped ? decodeEntities(text) : text;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Decodes character references. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g,
    (all, dec, hex, name) => {
      if (name) return ENTITIES[name] ?? all;
      const code = dec ? Number(dec) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** Nested tags as an object, or as a list when they are items or numbers. @returns nothing when they do not nest. */
function structure(body: string, depth: number): unknown {
  if (!body.startsWith("<") || body.startsWith("<![CDATA[")) return valueBetween(body, { type: "string" });
  if (depth > MAX_DEPTH) return undefined;
  const entries: [string, unknown][] = [];
  for (let i = 0; i < body.length;) {
    const open = matchAt(body, i, TAG);
    const key = open?.[1];
    if (!open || key === undefined) return undefined;
    const from = i + open[0].length;
    const end = open[3] ? from : closerAtDepth(body, from, key);
    if (end < 0) return undefined;
    const value = open[3] ? "" : structure(body.slice(from, end).trim(), depth + 1);
    if (value === undefined) return undefined;
    entries.push([key, value]);
    i = skipSpace(body, open[3] ? from : end + key.length + 3);
  }
  return gather(entries);
}

function gather(entries: readonly (readonly [string, unknown])[]): unknown {
  if (entries.every(([key]) => key === "item") || entries.every(([key], index) => key === String(index))) {
    return entries.map(([, value]) => value);
  }
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const known = Object.hasOwn(object, key) ? object[key] : undefined;
    setKey(
      object,
      key,
      known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value],
    );
  }
  return object;
}

function closerAtDepth(body: string, from: number, key: string): number {
  const tags = new RegExp(`<(/?)${key.replace(/[.-]/g, "\\$&")}(?:\\s[^<>]*)?>`, "g");
  tags.lastIndex = from;
  let depth = 1;
  for (let tag = tags.exec(body); tag; tag = tags.exec(body)) {
    depth += tag[1] ? -1 : 1;
    if (depth === 0) return tag.index;
  }
  return -1;
}

/** Parameters in the order written, repeated ones included. */
export type Entries = readonly (readonly [key: string, value: unknown])[];

/**
 * One value a parameter. A repeated one is a list where the schema wants a list; of an optional one the last counts;
 * a repeated required one is a contradiction.
 * @returns the name of a contradicted parameter in place of the arguments.
 */
export function mergeEntries(entries: Entries, schema: JsonSchema): Record<string, unknown> | string {
  const args: Record<string, unknown> = {};
  const counts = new Map<string, number>();
  for (const [key, value] of entries) {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const isList = typesOf(schema.properties?.[key]).includes("array");
    if (count === 1) setKey(args, key, value);
    else if (isList) setKey(args, key, count === 2 ? [args[key], value] : [...args[key] as unknown[], value]);
    else if (schema.required?.includes(key) || !schema.properties?.[key]) return key;
    else setKey(args, key, value);
  }
  return args;
}
