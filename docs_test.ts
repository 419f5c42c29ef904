/** Holds README and docs to the code, in both directions: keys, commands, options, variables, tools, tasks, exit codes, links. */

import assert from "node:assert/strict";
import { access, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Command } from "commander";
import { openBenchProgram } from "./bench/command.ts";
import { SLASH_COMMANDS } from "./cli/slash_commands.ts";
import type { World } from "./cli/world.ts";
import { camelCase, describeKind, type Key, KEYS } from "./core/config/keys.ts";
import { readTomlLayer } from "./core/config/layer.ts";
import { loadAllProfiles, loadProfiles, matchProfile } from "./core/config/profiles.ts";
import { PROVIDERS } from "./core/config/providers.ts";
import { describeServerKind, SERVER_KEYS } from "./core/config/server_tables.ts";
import { openBundled } from "./core/plugins/bundled.ts";
import { openPluginHost } from "./core/sandbox/plugin_host.ts";
import { readPluginSource } from "./core/sandbox/plugin_source.ts";
import type { Tool } from "./core/tool.ts";
import type { Outcome } from "./core/types.ts";
import { exitCodeOf } from "./core/verify/outcome.ts";
import { bundle, openProgram, SmallCode, VERSION } from "./main.ts";
import { tempContext } from "./tools/_temp_context.ts";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const REFERENCE = "docs/configuration.md";

/** A Markdown file: its text without fenced blocks, and those by language. */
interface Page {
  /** Relative to the checkout. */
  readonly path: string;
  readonly prose: string;
  readonly fences: readonly { readonly language: string; readonly text: string }[];
}

/** A table under the heading that stands above it. Cells as written, a `|` unescaped. */
interface Table {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const names = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md"));
const pages = await Promise.all(
  ["README.md", "CONTRIBUTING.md", "plugins/README.md", ...names.map((name) => `docs/${name}`)].map(readPage),
);
const tables = tablesOf(pages.find(({ path }) => path === REFERENCE)?.prose ?? "");
const program = await openProgram(silentWorld(), () => {});
const bench = await openBenchProgram(silentWorld(), () => {});
const sources = await readSources();

Deno.test("docs/configuration.md has each key of KEYS as it is, and no other", () => {
  assert.deepEqual(rowsOf("key"), KEYS.filter((key) => !key.secret && !key.envOnly).map(keyRow));
});

Deno.test("docs/configuration.md has each key of an MCP server as it is, and no other", () => {
  assert.deepEqual(
    rowsOf("server key"),
    SERVER_KEYS.map((key) => [
      code(key.name),
      describeServerKind(key.kind),
      key.default === undefined ? "" : code(JSON.stringify(key.default)),
      key.description,
    ]),
  );
});

Deno.test("docs/configuration.md has each environment variable that sets a key or holds one, and no other", () => {
  const setters = KEYS.flatMap((key) => key.env ? [[code(key.env), code(key.name), key.description]] : []);
  const keys = PROVIDERS.flatMap(({ keyEnv, title, baseUrl }) =>
    keyEnv && baseUrl
      ? [[code(keyEnv), "", `key of ${title}; goes to ${code(new URL(baseUrl).origin)} only`]]
      : []
  );
  assert.deepEqual(rowsOf("variable"), [...setters, ...keys]);
});

Deno.test("docs name each variable that begins with SMALLCODE_ in a source, and none that no source has", () => {
  const prose = pages.map((page) => page.prose).join("\n");
  const read = new Set(sources.match(/\bSMALLCODE_[A-Z][A-Z_]*[A-Z]\b/g));
  assert.deepEqual([...read].filter((name) => !prose.includes(code(name))), []);
  const named = new Set(codeSpans().filter((span) => /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(span)));
  const known = sources + KEYS.map((key) => key.env).join(" ");
  assert.deepEqual([...named].filter((name) => !known.includes(name)), []);
});

Deno.test("docs/configuration.md has each command with its options, and no other", () => {
  assert.deepEqual(
    tables.filter(({ columns }) => columns[0] === "option")
      .flatMap(({ heading, rows }) => rows.map((row) => [heading, ...row].join(" | "))),
    allCommands().flatMap((one) => optionRows(one).map((row) => [headingOf(one), ...row].join(" | "))),
  );
  assert.deepEqual(
    rowsOf("command"),
    [...program.commands, ...bench.commands].map((one) => [code(headingOf(one)), one.description()]),
  );
});

Deno.test("docs show no command line that smallcode would not take", () => {
  const wrong = commandLines("smallcode").filter((words) => !isTaken(words));
  assert.deepEqual(wrong.map((words) => words.join(" ")), []);
});

Deno.test("docs/configuration.md has each command of the conversation, and no other", () => {
  assert.deepEqual(
    rowsOf("in the conversation"),
    SLASH_COMMANDS.map(({ name, args, help }) => [code(`/${name} ${args}`.trim()), help]),
  );
});

Deno.test("docs/configuration.md has each tool with the line that the model reads, and no other", async () => {
  const tools = await bundle().tools();
  assert.deepEqual(
    rowsOf("tool"),
    tools.map(({ name, effect, schema }) => [code(name), effect, schema.description]),
  );
});

Deno.test("README and docs/configuration.md give each outcome its exit code", () => {
  const all: Readonly<Record<Outcome, true>> = {
    verified: true,
    unverified: true,
    answered: true,
    failed: true,
    stopped: true,
    cancelled: true,
  };
  const expected = (Object.keys(all) as Outcome[]).map((outcome) => {
    const [usual, strict] = [false, true].map((requireVerified) => exitCodeOf(outcome, { requireVerified }));
    return [
      code(outcome),
      usual === strict ? `${usual}` : `${usual} (${strict} with ${code("--require-verified")})`,
    ];
  });
  for (const path of ["README.md", REFERENCE]) {
    const page = pages.find((page) => page.path === path);
    const table = tablesOf(page?.prose ?? "").find(({ columns }) => columns[0] === "outcome");
    assert.deepEqual(table?.rows.map((row) => [row[0], row.at(-1)]), expected, path);
  }
});

Deno.test("docs name deno tasks that exist, and each of them somewhere", async () => {
  const { tasks } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  const named = new Set(
    commandLines("deno").flatMap(([, task, name]) => task === "task" && name ? name : []),
  );
  assert.deepEqual([...named].filter((name) => !(name in tasks)), []);
  assert.deepEqual(Object.keys(tasks).filter((name) => !named.has(name)), []);
});

Deno.test("docs show smallcode.toml as it is accepted", () => {
  const examples = pages.flatMap(({ path, fences }) =>
    fences.filter(({ language }) => language === "toml").map(({ text }) => readTomlLayer(text, path, false))
  );
  assert.ok(examples.length > 0);
});

Deno.test("docs/extending.md shows a tool that works", async () => {
  const text = exampleIn("ts", "defineTool").replace("../core/", new URL("core/", import.meta.url).href);
  const folder = await mkdtemp(join(tmpdir(), "smallcode-docs-"));
  try {
    const path = join(folder, "tool.ts");
    await writeFile(path, text);
    const { default: tool } = await import(pathToFileURL(path).href) as { default: Tool };
    await using given = await tempContext({ "main.py": "a\nb" });
    assert.equal(await given.call(tool, tool.example), "main.py has 2 lines");
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("docs/extending.md shows a profile that is accepted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-docs-"));
  try {
    await copyFile(join(ROOT, "profiles", "default.yaml"), join(folder, "default.yaml"));
    await writeFile(join(folder, "my-model.yaml"), exampleIn("yaml", "extends"));
    const profile = matchProfile("my-model:8b", await loadProfiles(pathToFileURL(folder)));
    assert.deepEqual([profile.name, profile.dialect, profile.sampling.topP], ["my-model", "hermes", 0.95]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("docs/extending.md shows the bundled http-notes as it is, and plugins that the sandbox runs", async () => {
  const fences = pages.find(({ path }) => path === "docs/extending.md")?.fences ?? [];
  const examples = fences.filter(({ text }) => text.includes("satisfies Plugin")).map(({ text }) => text);
  const bundled = await readFile(join(ROOT, "plugins", "http-notes.ts"), "utf8");
  const [, source = ""] = bundled.split(/^(?=import)/m);
  assert.equal(examples[0], source.replace("../core/plugin.ts", "./smallcode.d.ts"));
  const folder = await mkdtemp(join(tmpdir(), "smallcode-docs-"));
  const signal = AbortSignal.timeout(60_000);
  const host = openPluginHost({ assets: bundle().assets, cacheFolder: folder });
  try {
    const manifests = await Promise.all(examples.map(async (text, i) => {
      await writeFile(join(folder, `${i}.ts`), text);
      return await host.readManifest(await readPluginSource(join(folder, `${i}.ts`), `example ${i}`), signal);
    }));
    assert.deepEqual(manifests.map(({ name }) => name), [
      "http-notes",
      "release-notes",
      "guard",
      "house-style",
    ]);
    const added = manifests.flatMap(({ name, profiles }) => profiles.map((text) => ({ plugin: name, text })));
    const { problems, profiles } = await loadAllProfiles(new URL("profiles/", import.meta.url), added);
    assert.deepEqual([problems, profiles[0]?.name], [[], "our-coder"]);
  } finally {
    host.close();
    await rm(folder, { recursive: true });
  }
});

Deno.test("plugins/README.md and README.md name each bundled plugin", async () => {
  const names = await openBundled(bundle().assets).names();
  const page = pages.find(({ path }) => path === "plugins/README.md");
  const table = tablesOf(page?.prose ?? "").find(({ columns }) => columns[0] === "plugin");
  assert.deepEqual(table?.rows.map(([name]) => name).toSorted(), names.map(code).toSorted());
  const readme = pages.find(({ path }) => path === "README.md")?.prose ?? "";
  assert.deepEqual(names.filter((name) => !readme.includes(code(name))), []);
});

Deno.test("docs/benchmarks.md counts the tasks of each suite", async () => {
  const suites = (await readdir(join(ROOT, "bench/suites"))).toSorted();
  const counts = await Promise.all(suites.map(async (suite) => {
    const tasks = await readdir(join(ROOT, "bench/suites", suite));
    const isTask = await Promise.all(tasks.map((task) => exists(`bench/suites/${suite}/${task}/task.yaml`)));
    return [code(suite), `${isTask.filter(Boolean).length}`];
  }));
  const page = pages.find(({ path }) => path === "docs/benchmarks.md");
  const table = tablesOf(page?.prose ?? "").find(({ columns }) => columns[0] === "suite");
  assert.deepEqual(table?.rows.map((row) => row.slice(0, 2)).toSorted(), counts);
});

Deno.test("docs link to files and headings that exist", async () => {
  const broken: string[] = [];
  for (const { path, prose } of pages) {
    for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const wanted = file === "" ? path : relative(ROOT, join(ROOT, dirname(path), file));
      const there = file === "" || await exists(wanted);
      const page = pages.find((page) => page.path === wanted);
      if (!there || (anchor !== undefined && page && !anchorsOf(page.prose).includes(anchor))) {
        broken.push(`${path}: ${target}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("docs promise an effect of exactly those switches of the harness that a source reads", () => {
  const read = new Set([...sources.matchAll(/(?:harness|switches)\.(\w+)/g)].map(([, name]) => name));
  const switches = KEYS.filter(({ name }) => name.startsWith("harness."));
  assert.deepEqual(
    switches.filter(({ takesEffect }) => takesEffect).map(({ name }) => name),
    switches.map(({ name }) => name).filter((name) => read.has(camelCase(name.replace("harness.", "")))),
  );
});

Deno.test("docs name files and folders of the checkout that exist", async () => {
  const paths = codeSpans().filter((span) =>
    /^(?:core|tools|cli|bench|plugins|profiles|docs|\.ci)\/[\w./-]*$/.test(span)
  );
  const missing: string[] = [];
  for (const path of new Set(paths)) if (!await exists(path)) missing.push(path);
  assert.deepEqual(missing, []);
});

function code(text: string): string {
  return `\`${text}\``;
}

function keyRow(key: Key): string[] {
  const untrusted = { any: "yes", loopback: "this machine's only", lower: "lower only", nothing: "no" };
  return [
    code(key.name),
    describeKind(key.kind),
    key.default === undefined ? "" : code(JSON.stringify(key.default)),
    untrusted[key.untrusted],
    key.takesEffect ? key.description : `${key.description} (no effect yet)`,
  ];
}

/** The program itself, its commands, and those of `bench`. */
function allCommands(): readonly Command[] {
  return [program, ...program.commands, ...bench.commands];
}

/** As people write it, e.g. `smallcode run [task]`. */
function headingOf(command: Command): string {
  const args = command.registeredArguments.map((arg) => {
    const name = arg.variadic ? `${arg.name()}...` : arg.name();
    return arg.required ? `<${name}>` : `[${name}]`;
  });
  const before = command === program
    ? []
    : bench.commands.includes(command)
    ? [bench.name()]
    : [program.name()];
  return [...before, command.name(), ...args].join(" ");
}

/** Options of its own: those of the conversation, which several commands share, stand under `smallcode` only. */
function optionRows(command: Command): readonly (readonly string[])[] {
  const row = ({ flags, description }: Command["options"][number]) => [code(flags), description];
  const own = command.options.map(row);
  if (command === program) return own;
  const shared = program.options.map(row).filter(([flags]) => !flags?.includes("--version"));
  const isShared = (one: readonly string[]) =>
    shared.some(([flags, text]) => one[0] === flags && one[1] === text);
  return shared.every(([flags]) => own.some((one) => one[0] === flags))
    ? own.filter((one) => !isShared(one))
    : own;
}

/** Whether a command line as the docs show it has a known command and known options. */
function isTaken([, ...words]: readonly string[]): boolean {
  const [first, second] = words.filter((word) => !/^[-<[]/.test(word));
  const inside = first === "bench" ? bench.commands.find((one) => one.name() === second) : undefined;
  const isNamed = first !== undefined && words[0] === first;
  const command = isNamed ? program.commands.find((one) => one.name() === first) : program;
  if (!command || (first === "bench" && second && !inside)) return false;
  const { options } = inside ?? command;
  const known = [...options.flatMap(({ long, short }) => [long, short]), "--help", "-h"];
  return words.filter((word) => /^--?[a-z]/.test(word)).every((word) => known.includes(word.split("=")[0]));
}

/** Lines of shell blocks and code spans that begin with a program, split into words; a quoted part is one word. */
function commandLines(name: string): readonly (readonly string[])[] {
  const shown = pages.flatMap(({ fences }) =>
    fences.filter(({ language }) => ["sh", "powershell", ""].includes(language)).flatMap(({ text }) =>
      text.split("\n")
    )
  );
  return [...shown, ...codeSpans()].map((line) => line.trim().replace(/\s+#.*$/, ""))
    .map((line) => line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [])
    .map((words) => words.slice(words[0] === "npx" ? 2 : 0).map((word) => word.replace(/^deno@.*/, "deno")))
    .filter((words) => words[0] === name);
}

/** The example in that language that holds a word. */
function exampleIn(language: string, word: string): string {
  const fences = pages.find(({ path }) => path === "docs/extending.md")?.fences ?? [];
  const found = fences.find((fence) => fence.language === language && fence.text.includes(word));
  assert.ok(found, `docs/extending.md has no ${language} example with ${word}`);
  return found.text;
}

function codeSpans(): readonly string[] {
  return pages.flatMap(({ prose }) => [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span));
}

function rowsOf(column: string): readonly (readonly string[])[] {
  return tables.filter(({ columns }) => columns[0] === column).flatMap(({ rows }) => rows);
}

/** GitHub's anchors: lower case, spaces to hyphens, other punctuation dropped. */
function anchorsOf(prose: string): readonly string[] {
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-")
  );
}

function tablesOf(prose: string): readonly Table[] {
  const found: { heading: string; columns: string[]; rows: string[][] }[] = [];
  let heading = "";
  let isInside = false;
  for (const line of prose.split("\n")) {
    if (line.startsWith("#")) heading = line.replace(/^#+ /, "").replaceAll("`", "");
    if (!line.startsWith("|")) {
      isInside = false;
      continue;
    }
    const cells = line.replace(/^\|/, "").replace(/\|\s*$/, "").split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
    if (!isInside) found.push({ heading, columns: cells, rows: [] });
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) found.at(-1)?.rows.push(cells);
    isInside = true;
  }
  return found;
}

async function readPage(path: string): Promise<Page> {
  const fences: { language: string; text: string }[] = [];
  const text = await readFile(join(ROOT, path), "utf8");
  const prose = text.replace(/^```(\w*)\n([^]*?)^```$/gm, (_, language: string, body: string) => {
    fences.push({ language, text: body });
    return "";
  });
  return { path, prose, fences };
}

/** What reads variables: sources that are no tests, the installers and the build. */
async function readSources(): Promise<string> {
  const folders = ["core", "cli", "tools", "bench", ".ci"];
  const inside = await Promise.all(folders.map(async (folder) => {
    const found = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
    return found.filter((entry) => entry.isFile() && /(?:(?<!_test)\.ts|^run)$/.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  }));
  const files = [...inside.flat(), "main.ts", "install.sh", "install.ps1"]
    .filter((path) => !path.startsWith(join("bench", "suites")));
  return (await Promise.all(files.map((path) => readFile(join(ROOT, path), "utf8")))).join("\n");
}

async function exists(path: string): Promise<boolean> {
  return await access(join(ROOT, path)).then(() => true, () => false);
}

/** Enough of a world to build the command line; nothing is run in it. */
function silentWorld(): World {
  const { assets, env, home, platform } = bundle();
  return {
    ...{ version: VERSION, cwd: ROOT, assets, env, home, platform },
    newAgent: (options) => new SmallCode(options),
    out: () => {},
    err: () => {},
    readStdin: () => Promise.resolve(""),
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    colour: false,
    columns: 100,
    signal: AbortSignal.abort(),
  };
}
