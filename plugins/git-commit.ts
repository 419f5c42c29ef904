/** `/commit`: a commit message made from what really changed. Shows it first; commits only on `/commit yes`. */

import type { Plugin, PluginGlobals } from "../core/plugin.ts";

const MAX_FILES = 50;

interface Change {
  readonly path: string;
  readonly kind: "added" | "deleted" | "changed";
  readonly added: number;
  readonly removed: number;
}

async function git(host: PluginGlobals, args: readonly string[]): Promise<string> {
  const { exitCode, output } = await host.run("git", args);
  if (exitCode !== 0) throw new Error(`git ${args[0]} failed: ${output.trim().split("\n").at(-1)}`);
  return output;
}

/** Of the files that the last turn changed, or of all where it changed none: what git finds different. */
async function changes(host: PluginGlobals): Promise<readonly Change[]> {
  const status = await git(host, ["status", "--porcelain", "--untracked-files=all"]);
  const own = new Set(await host.workspace.changedFiles());
  const open = status.split("\n").filter((line) => /^[ MADRCU?]{2} /.test(line)).map((line) => ({
    code: line.slice(0, 2),
    path: line.slice(3).replace(/^.* -> /, "").replace(/^"(.*)"$/, "$1"),
  }));
  const mine = open.filter(({ path }) => own.has(path));
  const chosen = (mine.length > 0 ? mine : open).slice(0, MAX_FILES);
  const known = chosen.filter(({ code }) => !code.includes("?")).map(({ path }) => path);
  const counted = known.length === 0 ? "" : await git(host, ["diff", "--numstat", "HEAD", "--", ...known]);
  const counts = new Map(
    counted.split("\n").map((line) => line.split("\t")).map(([added, removed, path]) =>
      [path ?? "", { added: Number(added) || 0, removed: Number(removed) || 0 }] as const
    ),
  );
  return chosen.map(({ code, path }) => ({
    path,
    kind: code.includes("D") ? "deleted" : /[?A]/.test(code) ? "added" : "changed",
    ...counts.get(path) ?? { added: 0, removed: 0 },
  }));
}

/** Names of the functions and classes that the changed lines belong to, as git and the lines themselves say. */
async function changedNames(host: PluginGlobals, files: readonly Change[]): Promise<readonly string[]> {
  const paths = files.filter(({ kind }) => kind === "changed").map(({ path }) => path);
  if (paths.length === 0) return [];
  const diff = await git(host, ["diff", "-U0", "HEAD", "--", ...paths]);
  const names = diff.split("\n").flatMap((line) => {
    const place = line.startsWith("@@")
      ? line.replace(/^@@[^@]*@@/, "")
      : /^[-+](?![-+])/.test(line)
      ? line.slice(1)
      : "";
    const [, name] =
      /\b(?:def|class|function|func|fn|interface|struct|trait|type)\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)/.exec(
        place,
      ) ?? [];
    return name ? [name] : [];
  });
  return [...new Set(names)];
}

function messageFor(files: readonly Change[], names: readonly string[]): string {
  const only = (kind: Change["kind"]) => files.every((file) => file.kind === kind);
  const verb = only("added") ? "Add" : only("deleted") ? "Remove" : "Change";
  const shown = files.slice(0, 2).map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  const what = files.length > 2 ? `${shown[0]} and ${files.length - 1} more files` : shown.join(" and ");
  const named = verb === "Change" && names.length > 0 ? `${names.slice(0, 3).join(", ")} in ` : "";
  const lines = files.map(({ path, kind, added, removed }) =>
    kind === "changed" ? `- ${path} (+${added} -${removed})` : `- ${path} (${kind})`
  );
  return `${verb} ${named}${what}`.slice(0, 72) + (files.length > 1 ? `\n\n${lines.join("\n")}` : "");
}

async function commit(args: string, host: PluginGlobals): Promise<string> {
  const files = await changes(host);
  if (files.length === 0) return "There is nothing to commit.";
  const proposed = messageFor(files, await changedNames(host, files));
  const own = /^yes$/i.test(args) ? proposed : args;
  if (own === "") {
    return [
      `Would commit ${files.length} file${files.length > 1 ? "s" : ""}:`,
      ...files.map(({ path, kind }) => `  ${kind.padEnd(8)} ${path}`),
      "with the message:",
      ...proposed.split("\n").map((line) => `  ${line}`),
      "/commit yes does it; /commit YOUR OWN WORDS does it under them.",
    ].join("\n");
  }
  const paths = files.map(({ path }) => path);
  await git(host, ["add", "--", ...paths]);
  const said = await git(host, ["commit", "-m", own.replace(/^-+/, ""), "--", ...paths]);
  return said.trim().split("\n")[0] ?? "committed";
}

export default {
  name: "git-commit",
  version: "1.0.0",
  description:
    "Commits what a turn changed under a message made from the changes; shows it before it commits.",
  permissions: {
    run: [
      "git status --porcelain --untracked-files=all",
      "git diff --numstat HEAD -- <files>",
      "git diff -U0 HEAD -- <files>",
      "git add -- <files>",
      "git commit -m <text> -- <files>",
    ],
  },
  commands: [{
    name: "commit",
    description: "show a commit of what changed; yes, or your own message, makes it",
    run: commit,
  }],
} satisfies Plugin;
