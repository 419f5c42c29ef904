/** A tool as a server lists it, made fit for a small model: a name, one line, and the schema that every server of models accepts. Pure. */

import { cleanLine } from "../sandbox/clean_text.ts";
import type { JsonSchema } from "../types.ts";

/** A tool of a server. */
export interface ServerTool {
  /** As the server calls it. */
  readonly inner: string;
  readonly description: string;
  readonly parameters: JsonSchema;
  /** The server's own word. */
  readonly isReadOnly: boolean;
}

/** What a small model reads of a tool before it is lost: about 50 tokens. */
const DESCRIPTION_CHARS = 200;
const PARAMETER_CHARS = 100;
const MAX_DEPTH = 4;
const MAX_PROPERTIES = 30;
const MAX_ENUM = 30;
/** About 600 tokens: above, the schema says less. */
const MAX_SCHEMA_CHARS = 2_000;
const TYPES = ["object", "array", "string", "number", "integer", "boolean"];
const PROPERTY = /^[A-Za-z_$][\w.$-]{0,63}$/;

type Fields = Readonly<Record<string, unknown>>;

/** `undefined` for what is no tool, or cannot be called: a required argument has a name that no model can write. */
export function readTool(listed: unknown): ServerTool | undefined {
  if (!isFields(listed) || typeof listed.name !== "string") return undefined;
  if (listed.name === "" || listed.name.length > 200) return undefined;
  const input = isFields(listed.inputSchema) ? listed.inputSchema : {};
  const parameters = fitSchema(input);
  const required = Array.isArray(input.required) ? input.required : [];
  if (required.some((name) => !Object.hasOwn(parameters.properties ?? {}, name))) return undefined;
  const annotations = isFields(listed.annotations) ? listed.annotations : {};
  const said = [listed.description, listed.title, annotations.title].find((text) =>
    typeof text === "string" && text.trim() !== ""
  );
  return {
    inner: listed.name,
    description: firstWords(typeof said === "string" ? said : listed.name.replace(/[_-]+/g, " ")),
    parameters,
    isReadOnly: annotations.readOnlyHint === true,
  };
}

/** The first paragraph, as many of its sentences as fit. */
function firstWords(text: string): string {
  const paragraph = cleanLine(text.trim().slice(0, 2_000).split(/\n\s*\n/)[0] ?? "", 1_000);
  if (paragraph.length <= DESCRIPTION_CHARS) return paragraph;
  const end = paragraph.lastIndexOf(". ", DESCRIPTION_CHARS);
  return end > 40 ? paragraph.slice(0, end + 1) : cleanLine(paragraph, DESCRIPTION_CHARS);
}

/** Too long a schema loses its words first, then what is inside its parameters. */
function fitSchema(input: Fields): JsonSchema {
  const root = { ...input, type: "object" };
  const tries = [
    { depth: MAX_DEPTH, words: PARAMETER_CHARS },
    { depth: MAX_DEPTH, words: 0 },
    { depth: 1, words: 0 },
  ];
  let schema: JsonSchema = {};
  for (const limits of tries) {
    schema = readSchema(root, { ...limits, root });
    if (JSON.stringify(schema).length <= MAX_SCHEMA_CHARS) break;
  }
  return { properties: {}, ...schema };
}

interface Reading {
  /** Levels that may still be gone down. */
  readonly depth: number;
  /** Characters of a parameter's description; 0: none. */
  readonly words: number;
  /** Where `$ref` points into. */
  readonly root: Fields;
}

/** As `sanitizeSchema()`, but bounded, and with references inside the schema followed. */
function readSchema(given: unknown, reading: Reading): JsonSchema {
  if (!isFields(given)) return {};
  const schema = unfold(given, reading.root);
  const type = [schema.type].flat().find((one) => TYPES.includes(one as string)) as string | undefined;
  const words = typeof schema.description === "string" && reading.words > 0
    ? cleanLine(schema.description, reading.words)
    : "";
  const isRoot = schema === reading.root;
  const inside = { ...reading, depth: reading.depth - 1 };
  const properties = isFields(schema.properties) && reading.depth > 0
    ? Object.entries(schema.properties).filter(([name]) => PROPERTY.test(name)).slice(0, MAX_PROPERTIES)
    : [];
  const names = properties.map(([name]) => name);
  const required = Array.isArray(schema.required)
    ? names.filter((name) => (schema.required as unknown[]).includes(name))
    : [];
  const values = Array.isArray(schema.enum)
    ? schema.enum.filter(isPlain).slice(0, MAX_ENUM)
    : isPlain(schema.const)
    ? [schema.const]
    : [];
  return {
    ...(type === undefined ? {} : { type }),
    ...(words === "" || isRoot ? {} : { description: words }),
    ...(properties.length === 0 ? {} : {
      properties: Object.fromEntries(properties.map(([name, own]) => [name, readSchema(own, inside)])),
    }),
    ...(required.length === 0 ? {} : { required }),
    ...(values.length === 0 ? {} : { enum: values }),
    ...(type === "array" && reading.depth > 0 ? { items: readSchema(schema.items, inside) } : {}),
  };
}

/** Behind a reference and the first branch that is not null: each at most once, so that a circle ends. */
function unfold(given: Fields, root: Fields): Fields {
  const named = typeof given.$ref === "string" ? resolve(given.$ref, root) : undefined;
  const schema = named ? { ...named, ...given } : given;
  const branch = [schema.anyOf, schema.oneOf].find(Array.isArray)?.find((one) =>
    isFields(one) && one.type !== "null"
  );
  if (!branch) return schema;
  const target = typeof branch.$ref === "string" ? resolve(branch.$ref, root) : undefined;
  return { ...schema, ...branch, ...target };
}

/** `#/$defs/NAME` of the same schema; other references are not followed. */
function resolve(reference: string, root: Fields): Fields | undefined {
  const [, folder, name] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(reference) ?? [];
  const folderOf = folder === undefined ? undefined : root[folder];
  if (!isFields(folderOf) || name === undefined || !Object.hasOwn(folderOf, name)) return undefined;
  const found = folderOf[name];
  return isFields(found) ? found : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ||
    typeof value === "string" && value.length <= 100;
}
