/** What a plugin says of itself, read as data: every field checked and bounded, nothing else taken over. */

import type { HookName, Permissions, PluginManifest } from "../plugin_host.ts";
import { sanitizeSchema } from "../tool.ts";
import type { z } from "zod";

const HOOKS: readonly HookName[] = ["onPrompt", "beforeTool", "afterTool", "beforeFinish", "onEvent"];
const MAX_CHARS = 128 * 1024;
/** Deeper than any schema that a model understands. */
const MAX_DEPTH = 16;
/** Escapes and direction marks: a person reads this text before granting anything. */
const PLAIN = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]*$/u;

/**
 * @param json of the plugin's default export, functions as `{"$function":true}`
 * @throws {TypeError} with what is wrong and where, e.g. `tools.0.name: at most 40 characters`
 */
export async function readPluginManifest(json: string): Promise<PluginManifest> {
  if (json.length > MAX_CHARS) throw new TypeError(`the manifest has over ${MAX_CHARS} characters`);
  if (isDeeper(json, MAX_DEPTH)) throw new TypeError(`the manifest is nested over ${MAX_DEPTH} levels deep`);
  const { z } = await import("zod");
  const read = manifestShape(z).safeParse(JSON.parse(json));
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new TypeError(`${issue?.path.join(".") || "default export"}: ${issue?.message ?? "not valid"}`);
  }
  const { tools, prompts, hooks, ...rest } = read.data;
  return {
    ...rest,
    tools: tools.map(({ parameters, run: _, ...tool }) => ({
      ...tool,
      parameters: sanitizeSchema(parameters),
    })),
    commands: rest.commands.map(({ name, description }) => ({ name, description })),
    hooks: HOOKS.filter((name) => hooks[name] !== undefined),
    prompts: prompts.map(({ text, when }) => ({ text, languages: when?.languages ?? [] })),
  };
}

function manifestShape(zod: typeof z) {
  const line = (most: number) => zod.string().min(1).max(most).regex(PLAIN, "holds control characters");
  const name = (pattern: RegExp) => line(40).regex(pattern, `must match ${pattern.source}`);
  const isFunction = zod.strictObject({ $function: zod.literal(true) });
  const entries = zod.array(line(300)).max(50).default([]);
  const permissions: { [name in keyof Permissions]: typeof entries } = {
    read: entries,
    write: entries,
    net: entries,
    run: entries,
    env: zod.array(line(300).regex(/^[A-Za-z_]\w*$/, "must be a name")).max(50).default([]),
  };
  const tool = zod.strictObject({
    name: name(/^[a-z][a-z0-9_]*$/),
    description: line(500),
    parameters: zod.record(zod.string(), zod.unknown()),
    example: zod.record(zod.string(), zod.unknown()),
    category: zod.enum(["read", "write", "search", "run", "plan", "code-intelligence", "web"]).default("run"),
    effect: zod.enum(["none", "read", "write", "run", "network"]).default("read"),
    run: isFunction,
  });
  const command = zod.strictObject({
    name: name(/^[a-z][a-z0-9-]*$/),
    description: line(200),
    run: isFunction,
  });
  const prompt = zod.strictObject({
    text: zod.string().min(1).max(4_000),
    when: zod.strictObject({ languages: zod.array(line(40)).max(20) }).optional(),
  });
  const hooks = Object.fromEntries(HOOKS.map((hook) => [hook, isFunction.optional()]));
  return zod.strictObject({
    name: line(40).regex(/^[a-z][a-z0-9-]+$/, "must match ^[a-z][a-z0-9-]+$"),
    version: line(40),
    description: line(200),
    permissions: zod.strictObject(permissions).prefault({}),
    tools: distinct(zod.array(tool).max(20)).default([]),
    commands: distinct(zod.array(command).max(20)).default([]),
    hooks: zod.strictObject(hooks).default({}),
    prompts: zod.array(prompt).max(10).default([]),
    profiles: zod.array(zod.string().max(20_000)).max(10).default([]),
  });
}

function distinct<T extends z.ZodType<readonly { readonly name: string }[]>>(list: T): T {
  return list.refine(
    (items) => new Set(items.map(({ name }) => name)).size === items.length,
    "two have the same name",
  ) as T;
}

/** Depth of brackets outside of strings, in one pass. */
function isDeeper(json: string, most: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") {
      if (++depth > most) return true;
    } else if (char === "}" || char === "]") depth--;
  }
  return false;
}
