/** Facts about a project that code can find: language, package manager, test command, entry points. */

import { ifRefused } from "../errors.ts";
import type { WorkspaceFiles } from "../tool.ts";
import { findEntryPoint, findFramework, MANIFESTS } from "./frameworks.ts";

/** What is known of a project. Absent fields were not found. */
export interface ProjectFacts {
  readonly languages: readonly string[];
  readonly packageManager?: string;
  /** Of the checks that are found (`core/verify/checks.ts`). */
  readonly testCommand?: string;
  readonly runCommand?: string;
  readonly buildCommand?: string;
  /** e.g. `Next.js`, `Django`. */
  readonly framework?: string;
  /** The file that the program starts with. */
  readonly entryPoint?: string;
  /** Files at the top, at most 24 names, folders with a trailing slash. */
  readonly entries: readonly string[];
  /** Files in the workspace that .gitignore does not exclude, as far as they were counted. */
  readonly fileCount: number;
  /** There are more: the walk ended at 2,000 entries. */
  readonly hasMore?: true;
  /** Paths of the walk, kept for the first look. */
  readonly paths: readonly string[];
}

const MAX_FILES = 2_000;
/** 120 tokens (DESIGN section 5). */
const FACTS_CHARS = 430;
/** Where a small window's head has little room: 50 tokens. */
export const BRIEF_FACTS_CHARS = 180;

const LANGUAGES: Readonly<Record<string, string>> = {
  c: "C",
  cc: "C++",
  cpp: "C++",
  cs: "C#",
  css: "CSS",
  go: "Go",
  html: "HTML",
  java: "Java",
  js: "JavaScript",
  jsx: "JavaScript",
  kt: "Kotlin",
  mjs: "JavaScript",
  php: "PHP",
  py: "Python",
  rb: "Ruby",
  rs: "Rust",
  sh: "shell",
  swift: "Swift",
  ts: "TypeScript",
  tsx: "TypeScript",
};

/** Looks at the workspace once; the result is frozen for the session, so the prompt's head does not change. */
export async function findProjectFacts(files: WorkspaceFiles, signal: AbortSignal): Promise<ProjectFacts> {
  const paths: string[] = [];
  const entries: string[] = [];
  let count = 0;
  for await (const entry of files.walk(".", { signal, maxEntries: MAX_FILES, isBroad: true })) {
    count++;
    if (!entry.path.includes("/") && entries.length < 24) {
      entries.push(entry.kind === "folder" ? `${entry.path}/` : entry.path);
    }
    if (entry.kind === "file") paths.push(entry.path);
  }
  const top = new Set(paths.filter((path) => !path.includes("/")));
  const manifests = new Map<string, string>();
  for (const name of MANIFESTS.filter((name) => top.has(name))) {
    const file = await files.read(name).catch(ifRefused);
    if (file) manifests.set(name, file.text);
  }
  const pkg = readManifest(manifests.get("package.json"));
  const scripts = fieldsOf(pkg.scripts);
  const framework = findFramework(manifests);
  const entryPoint = findEntryPoint(new Set(paths), pkg.main);
  return {
    languages: countLanguages(paths),
    ...packageManager(top),
    ...runCommand(top, scripts),
    ...(framework ? { framework } : {}),
    ...(entryPoint ? { entryPoint } : {}),
    ...(scripts.build ? { buildCommand: "npm run build" } : {}),
    entries,
    fileCount: paths.length,
    ...(count >= MAX_FILES ? { hasMore: true as const } : {}),
    paths,
  };
}

/** The lines that go into the system message, cut to so many characters of about 3.6 a token: as many names at the top as fit. */
export function describeFacts(facts: ProjectFacts, maxChars = FACTS_CHARS): string {
  if (facts.fileCount === 0) return "The project folder is empty.";
  const lines = [
    `Project: ${facts.languages.slice(0, 3).join(", ") || "no source files"}; ${
      facts.hasMore ? "more than " : ""
    }${facts.fileCount} files${facts.framework ? `; ${facts.framework}` : ""}.`,
    facts.packageManager ? `Package manager: ${facts.packageManager}.` : "",
    facts.testCommand ? `Tests: ${facts.testCommand}` : "",
    facts.runCommand ? `Run: ${facts.runCommand}` : "",
    facts.buildCommand ? `Build: ${facts.buildCommand}` : "",
    // One at the top is named there.
    facts.entryPoint?.includes("/") ? `Entry: ${facts.entryPoint}` : "",
  ];
  // Half a command is none.
  const said = lines.filter((line) => line !== "" && line.length <= maxChars / 2).join("\n");
  return `${said}\n${topLine(facts.entries, maxChars - said.length - 1)}`.trim();
}

function topLine(entries: readonly string[], room: number): string {
  let line = "Top:";
  for (const entry of entries.slice(0, 16)) {
    if (line.length + 1 + entry.length <= room) line += ` ${entry}`;
  }
  return line === "Top:" ? "" : line;
}

function countLanguages(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const language = LANGUAGES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
    if (language) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([language]) => language);
}

const LOCKFILES: readonly (readonly [string, string])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["package.json", "npm"],
  ["deno.json", "deno"],
  ["deno.jsonc", "deno"],
  ["uv.lock", "uv"],
  ["poetry.lock", "poetry"],
  ["Cargo.toml", "cargo"],
  ["go.mod", "go"],
  ["pom.xml", "maven"],
  ["build.gradle", "gradle"],
  ["Gemfile", "bundler"],
];

function packageManager(top: ReadonlySet<string>): { packageManager?: string } {
  const found = LOCKFILES.find(([file]) => top.has(file));
  return found ? { packageManager: found[1] } : {};
}

function runCommand(top: ReadonlySet<string>, scripts: Readonly<Record<string, unknown>>) {
  if (scripts.start) return { runCommand: "npm start" };
  if (top.has("Cargo.toml")) return { runCommand: "cargo run" };
  if (top.has("go.mod")) return { runCommand: "go run ." };
  return {};
}

/** A `package.json` by its fields; none where it is not there or broken. */
export function readManifest(manifest: string | undefined): Readonly<Record<string, unknown>> {
  if (manifest === undefined) return {};
  try {
    return fieldsOf(JSON.parse(manifest));
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // a broken manifest says nothing; the project's checks will say so
    throw error;
  }
}

/** A part of a manifest by its fields; none where it is something else. */
export function fieldsOf(part: unknown): Readonly<Record<string, unknown>> {
  return typeof part === "object" && part !== null ? part as Record<string, unknown> : {};
}
