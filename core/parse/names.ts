/** A tool's name as a model wrote it -> the offered tool that was meant. */

import { editDistance } from "../edit_distance.ts";
import { namesLine } from "../prompt/text/calls.ts";
import type { ToolSchema } from "../types.ts";

/** The tool that a written name means, and whether that took a repair. */
export interface ResolvedName {
  readonly tool: ToolSchema;
  readonly repair?: string;
}

/**
 * Words of other agents for the same work. A name stands for the one offered tool of its group; when two of a group
 * are offered it stands for neither.
 */
const SYNONYMS: readonly string[] = [
  " readfile read cat view viewfile openfile open getfile fileread readfilecontent readfilecontents " +
  "getfilecontents showfile readfiles loadfile filereader ",
  " writefile write createfile create writetofile savefile newfile filewrite filewriter " +
  "overwritefile putfile addfile makefile savetofile write2file ",
  " patch edit editfile strreplace replace searchreplace searchandreplace replaceinfile applydiff " +
  "applypatch patchfile modifyfile updatefile modify fileedit strreplaceeditor " +
  "strreplacebasededittool replacestring replacestringinfile editor changefile findandreplace ",
  " bash shell run exec terminal runcommand executecommand executebash runshellcommand cmd sh " +
  "execute runterminalcmd runterminalcommand command runbash bashcommand shellcommand executeshell " +
  "runshell shellexec execcommand console zsh runincommandline runinterminal localshell powershell " +
  "bashtool executeshellcommand executeterminalcommand ",
  " search grep searchfiles ripgrep rg searchcode grepsearch codebasesearch codesearch findinfiles " +
  "searchfilecontent searchtext greptool searchinfiles contentsearch grepfiles searchcontent " +
  "textsearch findtext ",
  " findfiles glob find filesearch findfile globsearch globfiles searchfilenames locate globtool " +
  "findfilebyname findbyname filefind searchfilesbyname filefinder ",
  " listfiles ls list listdir listdirectory dir tree listfolder viewdirectory readdir readdirectory " +
  "listfile listdirectories listdirectorycontents listtree directorytree lstool ",
  " webfetch fetch fetchurl readurl openurl browse geturl fetchpage webget curl ",
  " websearch searchweb googlesearch internetsearch google duckduckgo onlinesearch browsersearch ",
];

/**
 * Finds the offered tool that `written` means: exact; without special tokens, prefixes and quotes; spelled
 * differently (`ReadFile`, `read-file`); a synonym of another agent; one letter missing, doubled or swapped.
 * @returns nothing when no offered tool, or more than one, is meant.
 */
export function resolveName(written: string, tools: readonly ToolSchema[]): ResolvedName | undefined {
  const exact = tools.find((tool) => tool.name === written);
  if (exact) return { tool: exact };
  const name = cleanName(written);
  const cleaned = tools.find((tool) => tool.name === name);
  if (cleaned) {
    return { tool: cleaned, ...(name === written.trim() ? {} : { repair: "tool name artefacts" }) };
  }
  const key = squash(name);
  if (!key) return undefined;
  const spelled = tools.filter((tool) => squash(tool.name) === key);
  if (spelled.length === 1) return { tool: spelled[0] as ToolSchema, repair: "tool name spelling" };
  const group = SYNONYMS.find((words) => words.includes(` ${key} `));
  if (group) {
    const meant = tools.filter((tool) => group.includes(` ${squash(tool.name)} `));
    return meant.length === 1 ? { tool: meant[0] as ToolSchema, repair: "tool name alias" } : undefined;
  }
  const near = tools.filter((tool) => isNear(key, squash(tool.name)));
  return near.length === 1 ? { tool: near[0] as ToolSchema, repair: "tool name near miss" } : undefined;
}

/** What the model is told of a name that means no tool: the names that are like it first, at most two, then all. */
export function noSuchTool(written: string, names: readonly string[]): string {
  const key = squash(cleanName(written)).slice(0, 60);
  const near = names
    .map((name) => ({ name, distance: distanceOf(key, squash(name)) }))
    .filter(({ name, distance }) => distance <= Math.ceil(squash(name).length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 2)
    .map(({ name }) => name);
  const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}` : "";
  return `there is no tool "${written.slice(0, 60)}"${hint}; the tools are: ${namesLine(names)}`;
}

/** 0 where one name holds the other whole, as `list_all_files` and `files`; else the edit distance. */
function distanceOf(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 4 && long.includes(short) ? 0 : editDistance(a, b);
}

/** Strips what tokenizers and templates leave around a name. */
export function cleanName(written: string): string {
  return written
    .replace(/<[|\uff5c][^>]{0,40}>?.*$/s, "")
    .replace(/[\u0120\u2581\u00a0\ufeff\u200b]/g, " ")
    .trim()
    .replace(/^(?:to=)?(?:functions?|tools?|default_api|multi_tool_use)[.:/](?=\w)/, "")
    .replace(/^[`"'*\u201c\u201d]+|[`"'*:\u201c\u201d]+$/g, "")
    .replace(/:\d+$/, "")
    .replace(/(?:\.call)?(?:\(\))?$/, "")
    .trim();
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** One insertion, deletion or swap of letters apart, same first letter, not in digits: `get_x` is never `set_x`. */
function isNear(a: string, b: string): boolean {
  if (a.length < 5 || b.length < 5 || a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  if (/\d/.test((a[i] ?? "") + (b[i] ?? ""))) return false;
  if (a.length > b.length) return a.slice(i + 1) === b.slice(i);
  if (a.length < b.length) return b.slice(i + 1) === a.slice(i);
  return a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
}
