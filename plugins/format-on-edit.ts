/** After an edit: the project's own formatter, where the project has one. */

import type { Plugin, PluginGlobals } from "../core/plugin.ts";

interface Formatter {
  readonly name: string;
  readonly files: RegExp;
  /** Whether the project uses it. */
  readonly isUsed: (
    has: (path: string) => Promise<boolean>,
    read: (path: string) => Promise<string>,
  ) => Promise<boolean>;
  readonly command: (path: string) => readonly [string, readonly string[]];
}

const WEB = /\.(?:[cm]?[jt]sx?|json|css|scss|html|md|ya?ml|vue)$/;

const anyOf = async (paths: readonly string[], has: (path: string) => Promise<boolean>): Promise<boolean> => {
  for (const path of paths) if (await has(path)) return true;
  return false;
};

/** The first that fits a file and that the project uses. */
const FORMATTERS: readonly Formatter[] = [
  {
    name: "biome",
    files: /\.(?:[cm]?[jt]sx?|json|css)$/,
    isUsed: (has) => anyOf(["biome.json", "biome.jsonc"], has),
    command: (path) => ["npx", ["--no-install", "biome", "format", "--write", path]],
  },
  {
    name: "prettier",
    files: WEB,
    isUsed: async (has, read) =>
      await anyOf([
        ".prettierrc",
        ".prettierrc.json",
        ".prettierrc.yaml",
        "prettier.config.js",
        "prettier.config.mjs",
      ], has) ||
      /"prettier"\s*:/.test(await read("package.json")),
    command: (path) => ["npx", ["--no-install", "prettier", "--write", path]],
  },
  {
    name: "deno fmt",
    files: /\.(?:[cm]?[jt]sx?|json|md)$/,
    isUsed: (has) => anyOf(["deno.json", "deno.jsonc"], has),
    command: (path) => ["deno", ["fmt", "--quiet", path]],
  },
  {
    name: "ruff format",
    files: /\.pyi?$/,
    isUsed: async (has, read) =>
      await anyOf(["ruff.toml", ".ruff.toml"], has) || /^\[tool\.ruff/m.test(await read("pyproject.toml")),
    command: (path) => ["ruff", ["format", "--quiet", path]],
  },
  {
    name: "black",
    files: /\.pyi?$/,
    isUsed: async (_, read) => /^\[tool\.black/m.test(await read("pyproject.toml")),
    command: (path) => ["black", ["--quiet", path]],
  },
  {
    name: "gofmt",
    files: /\.go$/,
    isUsed: (has) => has("go.mod"),
    command: (path) => ["gofmt", ["-w", path]],
  },
  {
    name: "rustfmt",
    files: /\.rs$/,
    isUsed: (has) => has("Cargo.toml"),
    command: (path) => ["rustfmt", ["--edition", "2021", path]],
  },
];

async function formatterFor(path: string, { fs }: PluginGlobals): Promise<Formatter | undefined> {
  const has = async (name: string) => (await fs.stat(name))?.kind === "file";
  const read = async (name: string) => await has(name) ? await fs.readText(name) : "";
  for (const formatter of FORMATTERS) {
    if (formatter.files.test(path) && await formatter.isUsed(has, read)) return formatter;
  }
  return undefined;
}

/** What to tell the model, or nothing when the file stood as the formatter wants it. */
async function format(path: string, host: PluginGlobals): Promise<string | undefined> {
  const formatter = await formatterFor(path, host);
  if (!formatter) return undefined;
  const before = await host.fs.readText(path);
  const { exitCode, output } = await host.run(...formatter.command(path));
  // Not installed, or it cannot parse the file: the checks of the turn say more about that than a formatter.
  if (exitCode !== 0) {
    // deno-lint-ignore no-console -- a plugin's console is shown as its words
    console.warn(`${formatter.name} on ${path} ended with ${exitCode}: ${output.trim().slice(0, 200)}`);
    return undefined;
  }
  const after = await host.fs.readText(path);
  return after === before ? undefined : `(${formatter.name} has laid out ${path}; its lines may have moved.)`;
}

export default {
  name: "format-on-edit",
  version: "1.0.0",
  description: "Runs the project's own formatter on each file that an edit changed.",
  permissions: {
    read: ["."],
    run: [
      "npx --no-install biome format --write <file>",
      "npx --no-install prettier --write <file>",
      "deno fmt --quiet <file>",
      "ruff format --quiet <file>",
      "black --quiet <file>",
      "gofmt -w <file>",
      "rustfmt --edition 2021 <file>",
    ],
  },
  hooks: {
    async afterTool({ ok, changed }, host) {
      if (!ok) return;
      const notes: string[] = [];
      for (const path of changed.slice(0, 10)) {
        if ((await host.fs.stat(path))?.kind !== "file") continue;
        const note = await format(path, host);
        if (note !== undefined) notes.push(note);
      }
      return notes.length > 0 ? { add: notes.join("\n") } : undefined;
    },
  },
} satisfies Plugin;
