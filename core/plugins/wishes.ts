/** What a plugin asks for, in plain words. */

import type { Permissions, PluginManifest } from "../plugin_host.ts";

/** One line for each thing that is asked for, e.g. `read ./docs`, in a fixed order; empty when it asks for nothing. */
export function wishesOf({ read, write, net, run, env }: Permissions): readonly string[] {
  return [
    ...read.map((path) => `read ${shownPath(path)}`),
    ...write.map((path) => `write ${shownPath(path)}`),
    ...net.map((host) => host === "*" ? "talk to any public host" : `talk to ${flat(host)}`),
    ...run.map((command) => `run \`${flat(command)}\``),
    ...env.map((name) => `see the variable ${flat(name)}`),
  ];
}

/** `.` says nothing to a person. */
function shownPath(path: string): string {
  if (/^\.[\\/]?$/.test(path)) return "all files of this folder";
  return flat(/^(?:[./~\\]|[A-Za-z]:)/.test(path) ? path : `./${path}`);
}

/** e.g. `wants to read ./docs and to talk to api.example.com`. */
export function describeWishes(wishes: readonly string[]): string {
  if (wishes.length === 0) return "wants no access to files, network or commands";
  const parts = wishes.map((wish) => `to ${wish}`);
  const last = parts.pop();
  return `wants ${parts.length > 0 ? `${parts.join(", ")} and ` : ""}${last}`;
}

/** The same in a few words, e.g. `reads ./docs; runs 4 commands`. */
export function summarizeWishes({ read, write, net, run, env }: Permissions): string {
  const part = (verb: string, list: readonly string[], many: string, one: (entry: string) => string) =>
    list.length === 0 ? [] : [`${verb} ${list.length > 1 ? `${list.length} ${many}` : one(list[0] ?? "")}`];
  return [
    ...part("reads", read, "places", shownPath),
    ...part("writes", write, "places", shownPath),
    ...part("talks to", net, "hosts", (host) => host === "*" ? "any public host" : flat(host)),
    ...part("runs", run, "commands", (command) => `\`${flat(command)}\``),
    ...part("sees", env, "variables", flat),
  ].join("; ") || "no access to anything";
}

/** What it brings, e.g. `tool todo_scan, command /todo, hook afterTool`. */
export function describeParts(manifest: PluginManifest): string {
  const { tools, commands, hooks, prompts, profiles } = manifest;
  const named = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}${names.length > 1 ? "s" : ""} ${names.join(", ")}`];
  return [
    ...named("tool", tools.map(({ name }) => name)),
    ...named("command", commands.map(({ name }) => `/${name}`)),
    ...named("hook", hooks),
    ...(prompts.length > 0 ? ["text for the model"] : []),
    ...(profiles.length > 0 ? [`${profiles.length} model profile${profiles.length > 1 ? "s" : ""}`] : []),
  ].join("; ") || "nothing";
}

/** What a changed plugin asks for now, against what was granted or declined. */
export function describeChange(before: Permissions, now: Permissions): string {
  const [old, wanted] = [wishesOf(before), wishesOf(now)];
  const added = wanted.filter((wish) => !old.includes(wish));
  const dropped = old.filter((wish) => !wanted.includes(wish));
  return [
    "its files changed since you decided",
    ...(added.length > 0 ? [`new: ${added.join(", ")}`] : []),
    ...(dropped.length > 0 ? [`no longer: ${dropped.join(", ")}`] : []),
    ...(added.length === 0 && dropped.length === 0 ? ["it asks for the same as before"] : []),
  ].join("; ");
}

/** One line without what could hide or turn its words: a plugin's author chose them, and a person decides by them. */
export function flat(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
