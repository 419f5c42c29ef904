/**
 * BoneScript: a small file says what a backend is, its compiler writes it. For whole backends that is more than a small model can write
 * file by file. The compiler is the user's own: `npm install -g bonescript-compiler` brings `bonec` (its README, version 0.8.0).
 */

import type { Plugin, PluginGlobals } from "../core/plugin.ts";

const MISSING =
  "The BoneScript compiler is not installed. A person can install it with: npm install -g bonescript-compiler. Until then write the files yourself.";
const TARGETS = ["express", "sqlite", "prisma", "nakama"] as const;

/** A system with one entity and one action, in the language's own words. */
const SKELETON = `system Shop {
  entity Product {
    owns: [name: string, price: uint, stock: uint]
    constraints: [price > 0, stock >= 0]
    states: available -> sold_out
  }

  capability restock(product: Product, amount: uint) {
    requires: [amount > 0]
    effects: [product.stock += amount]
    emits: ProductRestocked
    sync: transactional
  }

  event ProductRestocked {
    payload: { product_id: uuid, amount: uint }
    delivery: at_least_once
    ttl: 30d
  }
}`;

/** A backend or a full-stack application is to be made, not mended. */
const WHOLE_BACKEND =
  /\b(?:build|create|make|write|scaffold|generate|implement|develop)\b[^.!?\n]{0,80}\b(?:full[- ]?stack|backend|back end|(?:rest|crud|graphql|web) (?:api|service|app)|web application)\b/i;

const HOW_TO =
  `A whole backend is best written as one BoneScript file, app.bone; bone_compile makes all its source files. Its form (the names are an example):

${SKELETON}

First write app.bone, then call bone_check with it, then bone_compile with target sqlite.`;

/** Undefined where there is no compiler; the sandbox for commands says so in words of its own. */
async function bonec(
  args: readonly string[],
  { run }: PluginGlobals,
): Promise<{ readonly exitCode: number | null; readonly output: string } | undefined> {
  try {
    const done = await run("bonec", args);
    const isMissing = done.exitCode === 127 || /execvp bonec|bonec: (?:command )?not found/.test(done.output);
    return isMissing ? undefined : done;
  } catch (error) {
    if (/could not be started/.test(String(error))) return undefined;
    throw error;
  }
}

async function compiler(args: readonly string[], host: PluginGlobals): Promise<string> {
  const done = await bonec(args, host);
  if (!done) throw new Error(MISSING);
  const text = done.output.trim();
  if (done.exitCode !== 0) throw new Error(text || `bonec ended with exit code ${done.exitCode}`);
  return text || "ok";
}

export default {
  name: "bonescript",
  version: "1.0.0",
  description: "Checks and compiles BoneScript files: a whole backend from one short description.",
  permissions: {
    run: [
      "bonec --help",
      "bonec check <file>",
      ...TARGETS.map((target) => `bonec compile <file> --target ${target}`),
    ],
  },
  hooks: {
    /** A message that asks for a whole backend gets the form, where there is a compiler for it. */
    async onPrompt({ text }, host) {
      if (!WHOLE_BACKEND.test(text.slice(0, 2_000)) || text.includes("BoneScript")) return;
      if (!await bonec(["--help"], host)) return;
      return { add: HOW_TO };
    },
  },
  tools: [
    {
      name: "bone_check",
      description: "Check a .bone file; says what is wrong with it.",
      category: "run",
      effect: "run",
      parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
      example: { path: "shop.bone" },
      run: ({ path }: { path: string }, host) => compiler(["check", path], host),
    },
    {
      name: "bone_compile",
      description: "Compile a .bone file into a runnable backend. target: sqlite needs no database server.",
      category: "run",
      effect: "run",
      parameters: {
        type: "object",
        properties: { path: { type: "string" }, target: { type: "string", enum: TARGETS } },
        required: ["path"],
      },
      example: { path: "shop.bone", target: "sqlite" },
      run: ({ path, target = "sqlite" }: { path: string; target?: string }, host) =>
        compiler(["compile", path, "--target", target], host),
    },
  ],
  commands: [{
    name: "bone",
    description: "scaffold a full-stack task: /bone what the backend is for",
    run: (args) => {
      if (args === "") return `A BoneScript file looks like this:\n\n${SKELETON}`;
      return { task: `Build this backend: ${args}\n\n${HOW_TO}` };
    },
  }],
} satisfies Plugin;
