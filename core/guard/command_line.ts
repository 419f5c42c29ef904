/**
 * A shell command line as the simple commands that it would run.
 *
 * Reads what POSIX shells and bash share: quotes, escapes, chains, pipes, subshells, substitutions, redirections, assignments and
 * the plain keywords. Whatever it is not sure of makes the whole line `complex`, which no rule can allow.
 */

/** A word after quotes and escapes. `glob`: the shell puts file names in its place. `dynamic`: its value is known at run time only. */
export interface Word {
  readonly text: string;
  readonly kind: "plain" | "glob" | "dynamic";
}

export interface Redirection {
  /** e.g. `>`, `2>>`, `&>`, `<`, `<<<`, `>&`. */
  readonly operator: string;
  readonly target: Word;
}

/** One program or builtin with its arguments. */
export interface SimpleCommand {
  readonly words: readonly Word[];
  /** Names of variables set in front of it, or alone. */
  readonly assignments: readonly string[];
  readonly redirections: readonly Redirection[];
  /** Whether it reads what another command writes. */
  readonly isPiped: boolean;
}

export type CommandLine =
  | { readonly kind: "commands"; readonly commands: readonly SimpleCommand[] }
  | { readonly kind: "complex"; readonly why: string };

const MAX_CHARS = 20_000;
const MAX_DEPTH = 20;
/** Words that only say how the commands between them follow each other. */
const KEYWORDS = new Set(["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!"]);
const UNREAD = new Set(["case", "select", "function", "coproc", "[[", "esac"]);
const OPERATOR = /^(?:\d*(?:<<<|<<-?|<>|>>|>\||[<>]&|[<>](?!\())|&>>?)/;

interface Reader {
  readonly source: string;
  at: number;
  depth: number;
  readonly commands: SimpleCommand[];
}

/** Splits a command line; never throws, and takes time in proportion to its length. */
export function parseCommandLine(line: string): CommandLine {
  if (line.length > MAX_CHARS) return { kind: "complex", why: `it has over ${MAX_CHARS} characters` };
  const reader: Reader = { source: line, at: 0, depth: 0, commands: [] };
  try {
    readList(reader, "");
    return { kind: "commands", commands: reader.commands };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "complex", why: error.message };
    throw error;
  }
}

/** Commands up to the closing character, which is consumed; `""`: up to the end. */
function readList(reader: Reader, closing: ")" | ""): void {
  if (++reader.depth > MAX_DEPTH) throw new SyntaxError("it is nested too deep");
  let isPiped = false;
  for (;;) {
    skipBlanks(reader);
    const char = reader.source[reader.at];
    if (char === undefined) {
      if (closing !== "") throw new SyntaxError("a parenthesis is not closed");
      break;
    }
    if (char === ")") {
      if (closing === "") throw new SyntaxError("a parenthesis was not opened");
      reader.at++;
      break;
    }
    if (char === "\n" || char === ";" || (char === "&" && reader.source[reader.at + 1] !== ">")) {
      if (reader.source.startsWith(";;", reader.at)) throw new SyntaxError("it has a case");
      isPiped = false;
      reader.at++;
    } else if (char === "|") {
      isPiped = reader.source[reader.at + 1] !== "|";
      reader.at += isPiped && reader.source[reader.at + 1] !== "&" ? 1 : 2;
    } else if (char === "(") {
      if (reader.source[reader.at + 1] === "(") throw new SyntaxError("it has an arithmetic command");
      reader.at++;
      readList(reader, ")");
    } else {
      readSimple(reader, isPiped);
      isPiped = false;
    }
  }
  reader.depth--;
}

function readSimple(reader: Reader, isPiped: boolean): void {
  const words: Word[] = [];
  const assignments: string[] = [];
  const redirections: Redirection[] = [];
  for (;;) {
    skipBlanks(reader);
    const operator = OPERATOR.exec(reader.source.slice(reader.at, reader.at + 12))?.[0];
    if (operator !== undefined) {
      if (/<<-?$/.test(operator) && !operator.endsWith("<<<")) {
        throw new SyntaxError("it has a here-document");
      }
      reader.at += operator.length;
      skipBlanks(reader);
      redirections.push({ operator, target: readWord(reader) });
      continue;
    }
    const char = reader.source[reader.at];
    if (char === undefined || "\n;&|)".includes(char)) break;
    if (char === "(") throw new SyntaxError("it defines a function");
    const start = reader.at;
    const word = readWord(reader);
    const source = reader.source.slice(start, reader.at);
    const assigned = words.length === 0 ? /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/.exec(source)?.[1] : undefined;
    if (assigned !== undefined) {
      if (reader.source[reader.at] === "(") throw new SyntaxError("it sets an array");
      assignments.push(assigned);
    } else if (words.length === 0 && UNREAD.has(source)) {
      throw new SyntaxError(`it has ${source}`);
    } else if (words.length === 0 && source === "for") {
      skipLoopHead(reader);
    } else if (words.length > 0 || !KEYWORDS.has(source)) {
      words.push(word);
    }
  }
  if (words.length + assignments.length + redirections.length > 0) {
    reader.commands.push({ words, assignments, redirections, isPiped });
  }
}

/** `for x in a b`: the words are only values; commands inside them are found as they are read. */
function skipLoopHead(reader: Reader): void {
  for (;;) {
    skipBlanks(reader);
    const char = reader.source[reader.at];
    if (char === undefined || char === "\n" || char === ";") return;
    if ("&|()<>".includes(char)) throw new SyntaxError("it has a for loop of another form");
    readWord(reader);
  }
}

/** One word; commands substituted in it are read too. Throws where there is none. */
function readWord(reader: Reader): Word {
  let text = "";
  let kind: Word["kind"] = "plain";
  const start = reader.at;
  for (;;) {
    const char = reader.source[reader.at];
    const next = reader.source[reader.at + 1];
    if (char === undefined || " \t\n;&|()".includes(char)) break;
    if (char === "<" || char === ">") {
      if (next !== "(") break;
      reader.at += 2;
      readList(reader, ")");
      kind = "dynamic";
    } else if (char === "'") {
      const end = reader.source.indexOf("'", reader.at + 1);
      if (end === -1) throw new SyntaxError("a quote is not closed");
      text += reader.source.slice(reader.at + 1, end);
      reader.at = end + 1;
    } else if (char === '"') {
      reader.at++;
      const quoted = readQuoted(reader);
      text += quoted.text;
      if (quoted.isDynamic) kind = "dynamic";
    } else if (char === "\\") {
      if (next !== "\n") text += next ?? "";
      reader.at += 2;
    } else if (char === "$" && next === "'") {
      skipAnsiQuote(reader);
      kind = "dynamic";
    } else if ((char === "$" && next !== undefined && /[\w({"?!@*#$-]/.test(next)) || char === "`") {
      text += readExpansion(reader);
      kind = "dynamic";
    } else {
      if (kind === "plain" && "*?[".includes(char)) kind = "glob";
      if (char === "{" && next !== "}" && !/^[ \t\n;&|]?$/.test(next ?? "")) kind = "dynamic";
      text += char;
      reader.at++;
    }
  }
  if (reader.at === start) throw new SyntaxError("a word is missing");
  return { text, kind: text === "[" ? "plain" : kind };
}

/** Inside double quotes, from behind the opening one to behind the closing one. */
function readQuoted(reader: Reader): { text: string; isDynamic: boolean } {
  let text = "";
  let isDynamic = false;
  for (;;) {
    const char = reader.source[reader.at];
    const next = reader.source[reader.at + 1];
    if (char === undefined) throw new SyntaxError("a quote is not closed");
    if (char === '"') {
      reader.at++;
      return { text, isDynamic };
    }
    if (char === "\\" && next !== undefined) {
      if (next !== "\n") text += '$`"\\'.includes(next) ? next : char + next;
      reader.at += 2;
    } else if ((char === "$" && next !== undefined && /[\w({?!@*#$-]/.test(next)) || char === "`") {
      text += readExpansion(reader);
      isDynamic = true;
    } else {
      text += char;
      reader.at++;
    }
  }
}

/** `$x`, `${x}`, `$(...)`, `$((...))`, backticks; gives them as written, commands inside are read. */
function readExpansion(reader: Reader): string {
  const { source } = reader;
  const start = reader.at;
  if (source[start] === "`") {
    readBackticks(reader);
  } else if (source.startsWith("$((", start)) {
    reader.at = skipPlain(source, start + 3, "))");
  } else if (source.startsWith("$(", start)) {
    reader.at += 2;
    readList(reader, ")");
  } else if (source.startsWith("${", start)) {
    reader.at = skipPlain(source, start + 2, "}");
  } else if (source[start + 1] === '"') {
    reader.at += 2;
    readQuoted(reader);
  } else {
    reader.at += /^\$(?:[A-Za-z_]\w*|.)/.exec(source.slice(start, start + 200))?.[0].length ?? 1;
  }
  return source.slice(start, reader.at);
}

/** Behind `closing`; text that could run something, or nests, is not read. */
function skipPlain(source: string, from: number, closing: string): number {
  const end = source.indexOf(closing, from);
  if (end === -1) throw new SyntaxError("an expansion is not closed");
  if (/[`$"'\\@{]|\(\(/.test(source.slice(from, end))) throw new SyntaxError("an expansion holds another");
  return end + closing.length;
}

function readBackticks(reader: Reader): void {
  let inner = "";
  for (let at = reader.at + 1; at < reader.source.length; at++) {
    const char = reader.source[at];
    const next = reader.source[at + 1];
    if (char === "`") {
      reader.at = at + 1;
      readList({ ...reader, source: inner, at: 0, depth: reader.depth, commands: reader.commands }, "");
      return;
    }
    if (char === "\\" && next !== undefined && "`\\$".includes(next)) {
      inner += next;
      at++;
    } else {
      inner += char;
    }
  }
  throw new SyntaxError("a backtick is not closed");
}

function skipAnsiQuote(reader: Reader): void {
  for (let at = reader.at + 2; at < reader.source.length; at++) {
    if (reader.source[at] === "\\") at++;
    else if (reader.source[at] === "'") {
      reader.at = at + 1;
      return;
    }
  }
  throw new SyntaxError("a quote is not closed");
}

/** Spaces, continued lines, and a comment where a word could start. */
function skipBlanks(reader: Reader): void {
  for (;;) {
    const char = reader.source[reader.at];
    if (char === " " || char === "\t") reader.at++;
    else if (char === "\\" && reader.source[reader.at + 1] === "\n") reader.at += 2;
    else if (char === "#") {
      const end = reader.source.indexOf("\n", reader.at);
      reader.at = end === -1 ? reader.source.length : end;
    } else return;
  }
}
