/** Checks arguments against a schema that a plugin or an MCP server gave, before they see them. */

import type { Args, JsonSchema } from "../types.ts";

const MAX_DEPTH = 12;

/** A sentence for the model, or nothing when they fit. Arguments that the schema does not name are let through. */
export function argsProblem(args: Args, schema: JsonSchema): string | undefined {
  return problemIn(args, { ...schema, type: "object" }, "arguments", 0);
}

function problemIn(value: unknown, schema: JsonSchema, where: string, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return `${where}: it is nested too deep`;
  if (schema.enum && !schema.enum.some((one) => one === value)) {
    return `${where}: one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")} is needed`;
  }
  if (schema.type !== undefined && !isOfType(value, schema.type)) return `${where}: ${schema.type} is needed`;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items && firstOf(value, (item, i) => problemIn(item, items, `${where}[${i}]`, depth + 1));
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const inside = (name: string) => depth === 0 ? name : `${where}.${name}`;
  const missing = schema.required?.find((name) => fields[name] === undefined);
  if (missing !== undefined) return `${inside(missing)}: it is missing`;
  return firstOf(
    Object.entries(schema.properties ?? {}),
    ([name, own]) =>
      fields[name] === undefined ? undefined : problemIn(fields[name], own, inside(name), depth + 1),
  );
}

function firstOf<T>(
  list: readonly T[],
  find: (one: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, one] of list.entries()) {
    const found = find(one, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    default: // "string", "number", "boolean"; a word that is no type holds nobody up
      return !["string", "number", "boolean"].includes(type) || typeof value === type;
  }
}
