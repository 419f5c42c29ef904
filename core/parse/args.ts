/** Arguments as written -> arguments as the tool's schema names and types them. */

import type { JsonSchema, Malformed, ToolSchema } from "../types.ts";
import { coerce, fullSchema, isRecord, keepsUnknown, MISFIT, typeName, withoutNull } from "./coerce.ts";
import { readJson, readStrict, setKey } from "./json_repair.ts";
import { Steps } from "./scan.ts";

/** Arguments that fit, or why they do not. */
export type FittedArgs =
  | { readonly args: Readonly<Record<string, unknown>>; readonly repairs: readonly string[] }
  | { readonly problem: Pick<Malformed, "kind" | "args" | "why"> };

/**
 * Parameter names of other agents for the same thing. A name that a schema does not have stands for the one parameter
 * of its group that it does have. A name may be in several groups; the schema decides.
 */
const SYNONYMS: readonly string[] = [
  " path file filename filepath targetfile target relativepath absolutepath fullpath filetoread " +
  "filetoedit pathname fname location destination dest uri files paths filepaths inputfile " +
  "outputfile targetpath relativeworkspacepath relpath abspath ",
  " path dir directory folder dirpath directorypath folderpath root cwd targetdirectory searchpath " +
  "basepath searchdirectory rootdir in ",
  " content contents text code filetext data body filecontent filecontents newcontent source value " +
  "codecontent sourcecode newcontents fulltext filebody input ",
  " command cmd script shellcommand bashcommand commands code run commandline exec shell bash input " +
  "terminalcommand cmdline line ",
  " pattern query regex q search searchterm keyword text term searchpattern regexp searchquery " +
  "searchstring searchtext string expression pat find needle grep keywords ",
  " pattern glob globpattern filepattern filename name namepattern query filenamepattern mask " +
  "wildcard pathpattern include file ",
  " glob include fileglob filepattern globpattern filetype filefilter includepattern files ",
  " search oldstr oldstring oldtext old oldcode find original searchtext before from oldcontent " +
  "searchstring searchblock oldvalue target originaltext match searchstr oldcodeblock findtext " +
  "pattern originalcode searchcode findstring tofind oldline oldlines ",
  " replace newstr newstring newtext new newcode replacement replacewith after to updated newcontent " +
  "replaceblock newvalue replacementtext updatedtext replacetext with replacestring replacestr " +
  "updatedcode newline newlines substitute replacementcode ",
  " startline start linestart fromline offset begin firstline beginline from startlineno " +
  "startlinenumber linefrom ",
  " endline end lineend toline lastline to finishline stopline endlinenumber lineto ",
  " replaceall all global expectall allowmultiple multiple replaceeverything ",
  " background isbackground runinbackground async detach bg ",
  " depth maxdepth level levels ",
  " url uri link href address website webpage ",
  " query q search searchquery searchterm text question keywords term topic ",
];

/** The group of text to be written, which is never guessed. */
const CONTENT = 2;

/** Keys under which models wrap arguments a second time. */
const WRAPPERS = new Set([
  "arguments",
  "args",
  "parameters",
  "params",
  "input",
  "inputs",
  "kwargs",
  "properties",
  "toolinput",
  "actioninput",
]);

/** Names that reach a prototype when assigned; no tool has them, and a call that carries one is refused. */
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Fits arguments to a schema, in this order: double encoding, bare value for the only required parameter, a second
 * wrapper, parameter names, types, unknown parameters dropped, empty optional ones left out. Never guesses a missing
 * required argument.
 * @param isUntyped the dialect writes all values as text: one that cannot have its schema's type stays text, for the
 * tool to refuse.
 */
export function fitArgs(raw: unknown, tool: ToolSchema, isUntyped = false): FittedArgs {
  const repairs = new Set<string>();
  const note = (repair: string) => void repairs.add(repair);
  const schema = fullSchema(tool.parameters);
  let value: unknown = raw ?? {};
  if (Array.isArray(value) && value.length === 1) {
    note("list of one");
    value = value[0];
  }
  if (typeof value === "string") value = decode(value, schema, note);
  if (!isRecord(value)) {
    return {
      problem: {
        kind: "unreadable",
        why: `the arguments of ${tool.name} are not an object with named values`,
      },
    };
  }
  if (hasUnsafeKey(value, 0)) {
    return { problem: { kind: "unreadable", why: "an argument has a name that is not allowed" } };
  }
  const given = unwrap(value, schema.properties ?? {}, note);
  if (schema.oneOf) return fitOneOf(given, { ...tool, parameters: schema }, schema.oneOf, isUntyped);
  const typed = typeArgs(rename(given, schema, note), schema, { tool: tool.name, isUntyped, note });
  if ("problem" in typed) return typed;
  for (const [key, others] of Object.entries(tool.mayLack ?? {})) {
    if (!Object.hasOwn(typed.args, key) && others.some((other) => Object.hasOwn(typed.args, other))) {
      setKey(typed.args, key, "");
    }
  }
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(typed.args, key));
  if (missing.length === 0) return { args: typed.args, repairs: [...repairs] };
  const names = Object.keys(given).join(", ");
  const why = `${tool.name} needs ${missing.join(" and ")}${names ? `; given: ${names}` : ""}`;
  return { problem: { kind: "missing_argument", args: missing, why } };
}

/** Exactly one of the alternatives must fit. */
function fitOneOf(
  given: Record<string, unknown>,
  tool: ToolSchema,
  branches: readonly JsonSchema[],
  isUntyped: boolean,
): FittedArgs {
  const fitting = branches.map((branch) => fitArgs(given, { ...tool, parameters: branch }, isUntyped))
    .filter((fitted) => "args" in fitted);
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const why = `the arguments of ${tool.name} fit ${only ? "more than one" : "none"} of its forms`;
  return { problem: { kind: "wrong_type", why } };
}

interface Typing {
  readonly tool: string;
  readonly isUntyped: boolean;
  readonly note: (repair: string) => void;
}

function typeArgs(
  named: Record<string, unknown>,
  schema: JsonSchema,
  { tool, isUntyped, note }: Typing,
): { readonly args: Record<string, unknown> } | Extract<FittedArgs, { problem: unknown }> {
  const args: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(named)) {
    const property = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;
    if (!property) {
      if (keepsUnknown(schema, key)) setKey(args, key, given);
      else note("unknown parameter dropped");
      continue;
    }
    if (given === null && withoutNull(property)) {
      if (!schema.required?.includes(key)) note("empty optional parameter left out");
      continue;
    }
    const text = property.type === "string" ? asText(given, key) : given;
    if (text !== given && text !== MISFIT) note("type");
    const typed = text === MISFIT ? MISFIT : coerce(text, property, note);
    if (typed === MISFIT && isBlank(given) && !schema.required?.includes(key)) {
      note("empty optional parameter left out");
      continue;
    }
    if (typed === MISFIT && !(isUntyped && typeof given === "string")) {
      const why = `${key} of ${tool} must be ${typeName(property)}, not ${
        JSON.stringify(given)?.slice(0, 80)
      }`;
      return { problem: { kind: "wrong_type", args: [key], why } };
    }
    setKey(args, key, typed === MISFIT ? given : typed);
  }
  return { args };
}

/** Parameters that hold a piece of a file: its indentation counts, and a list of texts is its lines. */
const FILE_TEXT =
  /^(?:(?:file|new|old|search|replace|replacement|updated|original)?_?(?:contents?|text|code|str|string|lines?|block|body|snippet)|search|replace(?:ment)?|old|new|before|after|original|updated|diff|patch)$/i;

/** Whether a parameter of this name holds a piece of a file. */
export function holdsFileText(key: string): boolean {
  return FILE_TEXT.test(key);
}

/** Names of files and commands: nothing else is one when it is written as text. */
const ONE_LINE = /^(?:command|cmd|path|file(?:_?name|_?path)?)$/i;

/**
 * A list or an object in place of text. A command may be a list of plain words, or a script for a shell to run; one that
 * would need quoting is none, and no other list or object is a command or a file's name.
 */
function asText(given: unknown, key: string): unknown {
  if (isRecord(given)) return ONE_LINE.test(key) ? MISFIT : given;
  if (!Array.isArray(given) || given.length < 2 || holdsFileText(key)) return given;
  if (!/^(?:command|cmd)$/i.test(key) || !given.every((word) => typeof word === "string")) return MISFIT;
  const [shell = "", flag = "", script] = given;
  if (given.length === 3 && /^(?:\/bin\/)?(?:ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag)) return script;
  return given.every((word) => /^[\w@%+=:,./-]+$/.test(word)) ? given.join(" ") : MISFIT;
}

/** What models write for "no value". */
function isBlank(value: unknown): boolean {
  return typeof value === "string" && /^\s*(?:null|none|nil|undefined)?\s*$/i.test(value);
}

/** Text in place of an object: an object encoded once more, at most three times, or the only required string. */
function decode(text: string, schema: JsonSchema, note: (repair: string) => void): unknown {
  let value: unknown = text;
  for (let times = 0; times < 3 && typeof value === "string"; times++) {
    const inner = value.trim();
    const read = /^["{[]/.test(inner) ? readStrict(inner, 0, new Steps(inner.length)) : undefined;
    if (!read || read.end !== inner.length) break;
    value = read.value;
    note("double encoding");
  }
  if (typeof value !== "string") return value;
  if (value.trim() === "") return {};
  // An object that cannot be read is no bare value.
  if (/^\s*\{\s*["']?\w+["']?\W{0,2}:/.test(value)) return value;
  const only = onlyRequiredString(schema);
  if (!only || SYNONYMS[CONTENT]?.includes(` ${squash(only)} `)) return value;
  note("bare value");
  return { [only]: value };
}

/** The parameter that a bare value can only mean: the one required string of a tool whose other parameters are optional. */
export function onlyRequiredString(schema: JsonSchema): string | undefined {
  const required = schema.required ?? [];
  const only = required.length === 1 ? required[0] : undefined;
  return only && schema.properties?.[only]?.type === "string" ? only : undefined;
}

function unwrap(
  value: Record<string, unknown>,
  properties: Readonly<Record<string, JsonSchema>>,
  note: (repair: string) => void,
): Record<string, unknown> {
  if (
    isRecord(value.arguments) && typeof value.name === "string" && !properties.name && !properties.arguments
  ) {
    note("second wrapper");
    return value.arguments;
  }
  const [key, ...others] = Object.keys(value);
  if (key === undefined || others.length > 0 || Object.hasOwn(properties, key)) return value;
  if (!WRAPPERS.has(squash(key))) return value;
  let inner = value[key];
  if (typeof inner === "string" && inner.trimStart().startsWith("{")) {
    inner = readJson(inner.trim(), 0, new Steps(inner.length))?.value;
  }
  if (!isRecord(inner)) return value;
  note("second wrapper");
  return inner;
}

/** Whether a key names a parameter of the schema, by spelling or by synonym. */
export function meansParameter(key: string, schema: JsonSchema): boolean {
  const word = squash(key);
  return Object.keys(schema.properties ?? {}).map(squash).some((name) =>
    name === word || SYNONYMS.some((words) => words.includes(` ${word} `) && words.includes(` ${name} `))
  );
}

/** Renames keys that the schema does not have, by spelling and by synonym. */
function rename(
  value: Record<string, unknown>,
  schema: JsonSchema,
  note: (repair: string) => void,
): Record<string, unknown> {
  const names = Object.keys(schema.properties ?? {});
  const free = new Set(names.filter((name) => !Object.hasOwn(value, name)));
  const required = schema.required ?? [];
  const out: Record<string, unknown> = {};
  const entries = Object.entries(value);
  const target = (key: string): string | undefined => {
    const word = squash(key);
    for (const name of free) if (squash(name) === word) return name;
    if (schema.properties === undefined) return undefined;
    const meant = [...free].filter((name) =>
      SYNONYMS.some((words) => words.includes(` ${word} `) && words.includes(` ${squash(name)} `))
    );
    return meant.find((name) => required.includes(name)) ?? meant[0];
  };
  for (const [key, given] of entries) {
    const name = names.includes(key) ? key : target(key);
    if (name === undefined) {
      setKey(out, key, given);
      continue;
    }
    if (name !== key) note(squash(name) === squash(key) ? "parameter spelling" : "parameter alias");
    free.delete(name);
    setKey(out, name, given);
  }
  return out;
}

/** A key written with escapes that one more decoding would resolve is as unsafe as the plain one. */
function hasUnsafeKey(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > 100) return false;
  for (const [key, inner] of Object.entries(value)) {
    const plain = key.replace(/\\+u([\da-fA-F]{4})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (UNSAFE.has(plain) || hasUnsafeKey(inner, depth + 1)) return true;
  }
  return false;
}

function squash(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
