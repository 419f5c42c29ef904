/** Arguments as written -> arguments as the tool's schema names and types them. */

import type { JsonSchema, Malformed, ToolSchema } from "../types.ts";
import { readStrict, setKey } from "./json_repair.ts";
import { Steps } from "./scan.ts";

/** Arguments that fit, or why they do not. */
export type FittedArgs =
  | { readonly args: Readonly<Record<string, unknown>>; readonly repairs: readonly string[] }
  | { readonly problem: Pick<Malformed, "kind" | "args" | "why"> };

/**
 * Parameter names of other agents for the same thing. A name that a schema does not have stands for the one parameter
 * of its group that it does have. A name may be in several groups; the schema decides.
 */
const SYNONYMS: readonly (readonly string[])[] = [
  [
    "path",
    "file",
    "filename",
    "filepath",
    "targetfile",
    "target",
    "relativepath",
    "absolutepath",
    "fullpath",
    "filetoread",
    "filetoedit",
    "pathname",
    "fname",
    "location",
    "destination",
    "dest",
    "uri",
    "files",
    "paths",
    "filepaths",
    "inputfile",
    "outputfile",
    "targetpath",
    "relativeworkspacepath",
    "relpath",
    "abspath",
  ],
  [
    "path",
    "dir",
    "directory",
    "folder",
    "dirpath",
    "directorypath",
    "folderpath",
    "root",
    "cwd",
    "targetdirectory",
    "searchpath",
    "basepath",
    "searchdirectory",
    "rootdir",
    "in",
  ],
  [
    "content",
    "contents",
    "text",
    "code",
    "filetext",
    "data",
    "body",
    "filecontent",
    "filecontents",
    "newcontent",
    "source",
    "value",
    "codecontent",
    "sourcecode",
    "newcontents",
    "fulltext",
    "filebody",
    "fulcontent",
    "input",
  ],
  [
    "command",
    "cmd",
    "script",
    "shellcommand",
    "bashcommand",
    "commands",
    "code",
    "run",
    "commandline",
    "exec",
    "shell",
    "bash",
    "input",
    "terminalcommand",
    "cmdline",
    "line",
  ],
  [
    "pattern",
    "query",
    "regex",
    "q",
    "search",
    "searchterm",
    "keyword",
    "text",
    "term",
    "searchpattern",
    "regexp",
    "searchquery",
    "searchstring",
    "searchtext",
    "string",
    "expression",
    "pat",
    "find",
    "needle",
    "grep",
    "keywords",
  ],
  [
    "pattern",
    "glob",
    "globpattern",
    "filepattern",
    "filename",
    "name",
    "namepattern",
    "query",
    "filenamepattern",
    "mask",
    "wildcard",
    "pathpattern",
    "include",
    "file",
  ],
  [
    "glob",
    "include",
    "fileglob",
    "filepattern",
    "globpattern",
    "filetype",
    "filefilter",
    "includepattern",
    "files",
  ],
  [
    "search",
    "oldstr",
    "oldstring",
    "oldtext",
    "old",
    "oldcode",
    "find",
    "original",
    "searchtext",
    "before",
    "from",
    "oldcontent",
    "searchstring",
    "searchblock",
    "oldvalue",
    "target",
    "originaltext",
    "match",
    "searchstr",
    "oldcodeblock",
    "findtext",
    "pattern",
    "originalcode",
    "searchcode",
    "findstring",
    "tofind",
    "oldline",
    "oldlines",
  ],
  [
    "replace",
    "newstr",
    "newstring",
    "newtext",
    "new",
    "newcode",
    "replacement",
    "replacewith",
    "after",
    "to",
    "updated",
    "newcontent",
    "replaceblock",
    "newvalue",
    "replacementtext",
    "updatedtext",
    "replacetext",
    "with",
    "replacestring",
    "replacestr",
    "updatedcode",
    "newline",
    "newlines",
    "substitute",
    "replacementcode",
  ],
  [
    "startline",
    "start",
    "linestart",
    "fromline",
    "offset",
    "begin",
    "firstline",
    "beginline",
    "from",
    "startlineno",
    "startlinenumber",
    "linefrom",
  ],
  [
    "endline",
    "end",
    "lineend",
    "toline",
    "lastline",
    "to",
    "finishline",
    "stopline",
    "endlinenumber",
    "lineto",
  ],
  ["replaceall", "all", "global", "expectall", "allowmultiple", "multiple", "replaceeverything"],
  ["background", "isbackground", "runinbackground", "async", "detach", "bg"],
  ["timeout", "timeoutms", "timeoutseconds", "timeoutsec", "timelimit", "maxtime"],
  ["depth", "maxdepth", "level", "levels"],
  ["url", "uri", "link", "href", "address", "website", "webpage"],
  ["query", "q", "search", "searchquery", "searchterm", "text", "question", "keywords", "term", "topic"],
  ["city", "location"],
];

/** Keys under which models wrap arguments a second time. */
const WRAPPERS = new Set([
  "arguments",
  "args",
  "parameters",
  "params",
  "input",
  "inputs",
  "kwargs",
  "properties",
  "toolinput",
  "actioninput",
]);

/** Names that reach a prototype when assigned; no tool has them, and a call that carries one is refused. */
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Fits arguments to a schema, in this order: double encoding, bare value for the only required parameter, a second
 * wrapper, parameter names, types, unknown parameters dropped, empty optional ones left out. Never guesses a missing
 * required argument.
 */
export function fitArgs(raw: unknown, tool: ToolSchema): FittedArgs {
  const repairs: string[] = [];
  const schema = tool.parameters;
  const properties = schema.properties ?? {};
  const note = (repair: string) => {
    if (!repairs.includes(repair)) repairs.push(repair);
  };
  let value: unknown = raw ?? {};
  if (typeof value === "string") value = decode(value, schema, note);
  if (!isRecord(value)) {
    return {
      problem: {
        kind: "unreadable",
        why: `the arguments of ${tool.name} are not an object with named values`,
      },
    };
  }
  if (hasUnsafeKey(value, 0)) {
    return { problem: { kind: "unreadable", why: "an argument has a name that is not allowed" } };
  }
  value = unwrap(value, properties, note);
  const named = rename(value as Record<string, unknown>, schema, note);
  const required = schema.required ?? [];
  const args: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(named)) {
    const property = properties[key];
    if (!property) {
      if (keepsUnknown(schema, key)) setKey(args, key, given);
      else note("unknown parameter dropped");
      continue;
    }
    if (given === null && !allowsNull(property)) {
      if (!required.includes(key)) note("empty optional parameter left out");
      continue;
    }
    const typed = coerce(given, property, note);
    if (typed === MISFIT) {
      return {
        problem: {
          kind: "wrong_type",
          args: [key],
          why: `${key} of ${tool.name} must be ${typeName(property)}, not ${
            JSON.stringify(given)?.slice(0, 80)
          }`,
        },
      };
    }
    setKey(args, key, typed);
  }
  const missing = required.filter((key) => !Object.hasOwn(args, key));
  if (missing.length > 0) {
    return {
      problem: {
        kind: "missing_argument",
        args: missing,
        why: `${tool.name} needs ${missing.join(" and ")}${
          Object.keys(value as object).length > 0 ? `; given: ${Object.keys(value as object).join(", ")}` : ""
        }`,
      },
    };
  }
  return { args, repairs };
}

/** Text in place of an object: an object encoded once more, at most three times, or the only required string. */
function decode(text: string, schema: JsonSchema, note: (repair: string) => void): unknown {
  let value: unknown = text;
  for (let times = 0; times < 3 && typeof value === "string"; times++) {
    const inner = value.trim();
    const read = /^["{[]/.test(inner)
      ? readStrict(inner.replace(/\r?\n/g, "\n"), 0, new Steps(inner.length))
      : undefined;
    if (!read || read.end !== inner.length) break;
    value = read.value;
    note("double encoding");
  }
  if (typeof value !== "string") return value;
  if (value.trim() === "") return {};
  const only = onlyRequiredString(schema);
  if (!only) return value;
  note("bare value");
  return { [only]: value };
}

/** The parameter that a bare value can only mean: the one required string of a tool whose other parameters are optional. */
export function onlyRequiredString(schema: JsonSchema): string | undefined {
  const required = schema.required ?? [];
  const only = required.length === 1 ? required[0] : undefined;
  return only && schema.properties?.[only]?.type === "string" ? only : undefined;
}

function unwrap(
  value: Record<string, unknown>,
  properties: Readonly<Record<string, JsonSchema>>,
  note: (repair: string) => void,
): Record<string, unknown> {
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || Object.hasOwn(properties, key)) return value;
  if (!WRAPPERS.has(squash(key))) return value;
  let inner = value[key];
  if (typeof inner === "string" && inner.trimStart().startsWith("{")) {
    inner = readStrict(inner.trim(), 0, new Steps(inner.length))?.value;
  }
  if (!isRecord(inner)) return value;
  note("second wrapper");
  return inner;
}

/** Renames keys that the schema does not have, by spelling and by synonym. */
function rename(
  value: Record<string, unknown>,
  schema: JsonSchema,
  note: (repair: string) => void,
): Record<string, unknown> {
  const names = Object.keys(schema.properties ?? {});
  const free = new Set(names.filter((name) => !Object.hasOwn(value, name)));
  const required = schema.required ?? [];
  const out: Record<string, unknown> = {};
  const entries = Object.entries(value);
  const target = (key: string): string | undefined => {
    const word = squash(key);
    for (const name of free) if (squash(name) === word) return name;
    if (schema.properties === undefined || keepsUnknown(schema, key)) return undefined;
    const meant = [...free].filter((name) =>
      SYNONYMS.some((words) => words.includes(word) && words.includes(squash(name)))
    );
    return meant.find((name) => required.includes(name)) ?? meant[0];
  };
  for (const [key, given] of entries) {
    const name = names.includes(key) ? key : target(key);
    if (name === undefined) {
      setKey(out, key, given);
      continue;
    }
    if (name !== key) note(squash(name) === squash(key) ? "parameter spelling" : "parameter alias");
    free.delete(name);
    setKey(out, name, given);
  }
  return out;
}

/** Whether a schema says that parameters it does not name are welcome. */
function keepsUnknown(schema: JsonSchema, key: string): boolean {
  const open = schema as JsonSchema & {
    additionalProperties?: unknown;
    patternProperties?: Readonly<Record<string, unknown>>;
  };
  const patterns = Object.keys(open.patternProperties ?? {});
  if (patterns.length > 0 && patterns.some((pattern) => pattern.length < 100 && matches(pattern, key))) {
    return true;
  }
  if (open.additionalProperties !== undefined) return open.additionalProperties !== false;
  return schema.properties === undefined;
}

function matches(pattern: string, key: string): boolean {
  try {
    return new RegExp(pattern, "u").test(key);
  } catch (error) {
    // A schema from outside may hold a pattern that is none: it then allows nothing.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const MISFIT = Symbol("misfit");

function typesOf(schema: JsonSchema): readonly string[] {
  const type: unknown = schema.type;
  return Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : [];
}

function typeName(schema: JsonSchema): string {
  if (schema.enum) return `one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`;
  return typesOf(schema).join(" or ") || "another value";
}

function allowsNull(schema: JsonSchema): boolean {
  const types = typesOf(schema);
  return types.length === 0 || types.includes("null") || (schema as { nullable?: unknown }).nullable === true;
}

/** Gives a value the type that the schema names. @returns MISFIT when it cannot have it. */
function coerce(value: unknown, schema: JsonSchema, note: (repair: string) => void): unknown {
  const types = typesOf(schema);
  const typed = types.length === 0 ? value : coerceToOne(value, types, schema, note);
  if (typed === MISFIT || !schema.enum || schema.enum.length === 0) return typed;
  if (schema.enum.some((one) => one === typed)) return typed;
  const word = String(typed).trim().toLowerCase();
  const near = schema.enum.find((one) => String(one).toLowerCase() === word);
  if (near === undefined) return typed;
  note("value spelling");
  return near;
}

function coerceToOne(
  value: unknown,
  types: readonly string[],
  schema: JsonSchema,
  note: (repair: string) => void,
): unknown {
  if (types.some((type) => isType(value, type))) return deepen(value, schema, note);
  for (const type of types) {
    const typed = convert(value, type);
    if (typed === MISFIT) continue;
    note("type");
    return deepen(typed, schema, note);
  }
  return MISFIT;
}

function isType(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
    case "boolean":
      return typeof value === type;
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    default:
      return true;
  }
}

function convert(value: unknown, type: string): unknown {
  const text = typeof value === "string" ? value.trim() : undefined;
  switch (type) {
    case "string":
      if (typeof value === "number" || typeof value === "boolean") return String(value);
      if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string")) {
        return value.join("\n");
      }
      return value === null || value === undefined ? MISFIT : JSON.stringify(value);
    case "number":
    case "integer":
      return toNumber(text ?? value, type);
    case "boolean":
      if (text !== undefined && /^(?:true|yes|on|1)$/i.test(text)) return true;
      if (text !== undefined && /^(?:false|no|off|0)$/i.test(text)) return false;
      return value === 1 ? true : value === 0 ? false : MISFIT;
    case "null":
      return text !== undefined && /^(?:null|none|nil)$/i.test(text) ? null : MISFIT;
    case "array":
    case "object":
      return toComposite(value, text, type);
    default:
      return MISFIT;
  }
}

function toNumber(value: unknown, type: string): unknown {
  if (typeof value === "string" && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value)) return MISFIT;
  if (typeof value !== "string" && typeof value !== "number") return MISFIT;
  const number = Number(value);
  if (!Number.isFinite(number)) return MISFIT;
  return type === "integer" && !Number.isInteger(number) ? MISFIT : number;
}

function toComposite(value: unknown, text: string | undefined, type: string): unknown {
  if (text !== undefined && /^[[{]/.test(text)) {
    const read = readStrict(text, 0, new Steps(text.length));
    if (read && read.end === text.length && isType(read.value, type)) return read.value;
  }
  return type === "array" && value !== null && !isRecord(value) ? [value] : MISFIT;
}

/** Types what an array or object holds; a member that does not fit stays as it is, for the tool to refuse. */
function deepen(value: unknown, schema: JsonSchema, note: (repair: string) => void): unknown {
  if (Array.isArray(value) && schema.items) {
    const items = schema.items;
    return value.map((one) => {
      const typed = coerce(one, items, note);
      return typed === MISFIT ? one : typed;
    });
  }
  if (!isRecord(value) || !schema.properties) return value;
  const out: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const property = schema.properties[key];
    const typed = property ? coerce(given, property, note) : given;
    setKey(out, key, typed === MISFIT ? given : typed);
  }
  return out;
}

/** A plain object, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasUnsafeKey(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > 100) return false;
  for (const [key, inner] of Object.entries(value)) {
    if (UNSAFE.has(key) || hasUnsafeKey(inner, depth + 1)) return true;
  }
  return false;
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
