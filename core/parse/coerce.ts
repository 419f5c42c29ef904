/** A value as written -> a value of the type that a schema names. */

import type { JsonSchema } from "../types.ts";
import { readJson, setKey } from "./json_repair.ts";
import { Steps } from "./scan.ts";

/** What a value is that cannot have its schema's type. */
export const MISFIT = Symbol("misfit");

/** A schema with the keywords that tools from outside may use beside ours (`JsonSchema`). */
export interface FullSchema extends JsonSchema {
  readonly additionalProperties?: unknown;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly oneOf?: readonly FullSchema[];
  readonly anyOf?: readonly FullSchema[];
  readonly allOf?: readonly FullSchema[];
  readonly const?: unknown;
  readonly nullable?: boolean;
}

/** Called with the name of what was mended. */
export type Note = (repair: string) => void;

/** A plain object, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema with its `allOf` parts merged in. */
export function fullSchema(schema: JsonSchema | boolean): FullSchema {
  if (!isRecord(schema)) return {};
  const full = schema as FullSchema;
  if (!Array.isArray(full.allOf)) return full;
  return full.allOf.map(fullSchema).reduce((all, part) => ({
    ...all,
    ...part,
    properties: { ...all.properties, ...part.properties },
    required: [...(all.required ?? []), ...(part.required ?? [])],
  }), { ...full, allOf: [] } as FullSchema);
}

/** Whether a schema says that parameters it does not name are welcome. */
export function keepsUnknown(schema: FullSchema, key: string): boolean {
  const patterns = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) =>
    matches(pattern, key)
  );
  if (patterns.length > 0) return patterns.every(([, allowed]) => allowed !== false);
  if (schema.additionalProperties !== undefined) return schema.additionalProperties !== false;
  return schema.properties === undefined && schema.patternProperties === undefined;
}

/** Long keys match nothing: a pattern from outside may take exponential time. */
function matches(pattern: string, key: string): boolean {
  if (key.length > 16) return false;
  try {
    return new RegExp(pattern, "u").test(key);
  } catch (error) {
    // A schema from outside may hold a pattern that is none: it then allows nothing.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function typesOf(schema: FullSchema): readonly string[] {
  const type: unknown = schema.type;
  return Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : [];
}

/** The type in words, for a correction. */
export function typeName(schema: FullSchema): string {
  if (schema.enum) return `one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`;
  return typesOf(schema).join(" or ") || "another value";
}

/** Whether a schema has a type and `null` is none of its values. */
export function withoutNull(schema: FullSchema): boolean {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return branches.every(withoutNull);
  const types = typesOf(schema);
  return types.length > 0 && !types.includes("null") && schema.nullable !== true;
}

/** Gives a value the type that the schema names. @returns MISFIT when it cannot have it. */
export function coerce(value: unknown, schema: FullSchema, note: Note): unknown {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches && branches.length > 0) return coerceToAny(value, branches, note);
  const types = typesOf(schema);
  const typed = types.length === 0 ? deepen(value, schema, note) : coerceToOne(value, types, schema, note);
  if (typed === MISFIT) return MISFIT;
  if (schema.const !== undefined) return typed === schema.const ? typed : MISFIT;
  return schema.enum && schema.enum.length > 0 ? spell(typed, schema.enum, note) : typed;
}

/** The first alternative that fits the value as it is, else the first that it can be converted to. */
function coerceToAny(value: unknown, branches: readonly FullSchema[], note: Note): unknown {
  const asIs = branches.find((branch) =>
    typesOf(branch).some((type) => isType(value, type)) && fits(value, branch)
  );
  if (asIs && typeof value !== "string") return coerce(value, asIs, note);
  const others = [...branches].sort((a, b) => rank(a) - rank(b));
  const branch = others.find((one) => fits(value, one));
  return branch ? coerce(value, branch, note) : MISFIT;
}

/** Text fits everything that is text: narrower types are tried first. */
function rank(schema: FullSchema): number {
  return typesOf(schema).includes("string") ? 1 : 0;
}

function fits(value: unknown, schema: FullSchema): boolean {
  if (!isRecord(value) || !schema.properties) return coerce(value, schema, () => undefined) !== MISFIT;
  const hasAll = (schema.required ?? []).every((key) => Object.hasOwn(value, key));
  return hasAll && Object.entries(value).every(([key, inner]) => {
    const property = schema.properties?.[key];
    return property ? coerce(inner, property, () => undefined) !== MISFIT : keepsUnknown(schema, key);
  });
}

function spell(value: unknown, choices: readonly unknown[], note: Note): unknown {
  if (choices.includes(value)) return value;
  const word = String(value).trim().toLowerCase();
  const near = choices.find((one) => String(one).toLowerCase() === word);
  if (near === undefined) return MISFIT;
  note("value spelling");
  return near;
}

function coerceToOne(value: unknown, types: readonly string[], schema: FullSchema, note: Note): unknown {
  if (types.includes("null") && isNullWord(value)) return null;
  if (types.some((type) => isType(value, type))) {
    return deepen(value, schema, note);
  }
  for (const type of types) {
    const typed = convert(value, type);
    if (typed === MISFIT) continue;
    note("type");
    return deepen(typed, schema, note);
  }
  return MISFIT;
}

function isNullWord(value: unknown): boolean {
  return typeof value === "string" && /^(?:null|None)$/.test(value.trim());
}

function isType(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
    case "float":
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
  if (Array.isArray(value) && value.length === 1 && type !== "array" && type !== "string") {
    return isType(value[0], type) ? value[0] : convert(value[0], type);
  }
  const text = typeof value === "string" ? value.trim() : undefined;
  switch (type) {
    case "string":
      return toText(value);
    case "number":
    case "float":
    case "integer":
      return toNumber(text ?? value, type);
    case "boolean":
      if (text !== undefined && /^(?:true|yes|on|1)$/i.test(text)) return true;
      if (text !== undefined && /^(?:false|no|off|0)$/i.test(text)) return false;
      return value === 1 ? true : value === 0 ? false : MISFIT;
    case "null":
      return isNullWord(value) ? null : MISFIT;
    case "array":
    case "object":
      return toComposite(value, text, type);
    default:
      return MISFIT;
  }
}

/** Lines of a list become lines of text; anything else with structure becomes JSON. */
function toText(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string")) {
    return value.join("\n");
  }
  return value === null || value === undefined ? MISFIT : JSON.stringify(value);
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
    const inner = fromText(text, type) ?? (/\\"/.test(text) ? fromText(unescapeOnce(text), type) : undefined);
    if (inner !== undefined) return inner;
  }
  return type === "array" && value !== null && !isRecord(value) ? [value] : MISFIT;
}

function fromText(text: string, type: string): unknown {
  const read = readJson(text, 0, new Steps(text.length));
  const isWhole = read !== undefined && read.end === text.length && !read.isCut;
  return isWhole && isType(read.value, type) ? read.value : undefined;
}

/** JSON that was escaped as if it stood in a string. */
function unescapeOnce(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}

/** Types what an array or object holds; a member that does not fit stays as it is, for the tool to refuse. */
function deepen(value: unknown, schema: FullSchema, note: Note): unknown {
  if (Array.isArray(value) && schema.items) {
    const items: unknown = schema.items;
    return value.map((one, index) => {
      const own = (Array.isArray(items) ? items[index] : items) as FullSchema | undefined;
      const typed = own ? coerce(one, own, note) : one;
      return typed === MISFIT ? one : typed;
    });
  }
  if (!isRecord(value) || !schema.properties) return value;
  const out: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (!property && schema.additionalProperties === false) {
      note("unknown parameter dropped");
      continue;
    }
    const typed = property ? coerce(given, property, note) : given;
    setKey(out, key, typed === MISFIT ? given : typed);
  }
  return out;
}
