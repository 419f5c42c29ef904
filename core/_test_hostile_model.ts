/** A hostile model: what it says is chosen by a seed, from all that small models, broken servers and bad will were seen to send. */

import { readFileSync } from "node:fs";
import { type Next, pick } from "./_test_seeds.ts";
import type { Finish, Reply } from "./types.ts";

/** Lies beside the workspace, and is nobody's to write. */
export const OUTSIDE = "outside.txt";
/** Texts of the file that the check looks at: it is green exactly with the second. */
export const [BUG, FIX] = ["def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"];

/** A call before it is written down. */
interface Meant {
  readonly name: string;
  readonly args: unknown;
}

const PLAIN = ["a.py", "a.py", "a.py", "sub/b.py", "notes.txt", "log.txt", "new.py"];
const PATHS = [
  ...["a.py", "a.py", "a.py", "a.py", "sub/b.py", "notes.txt", "new.py", "./a.py", "sub/../a.py", "", "sub"],
  ...[
    `../${OUTSIDE}`,
    `link/${OUTSIDE}`,
    "up.txt",
    "alias.py",
    "dangling.py",
    "/etc/hostname",
    ".git/config",
  ],
  ...[
    "a.py\u0000",
    "no/such/deep/c.py",
    "sub\\b.py",
    "a.py/x",
    "~/a.py",
    "n\u001b[2Jame.txt",
    "tab\tname.txt",
  ],
  ...[
    "ünï cödé.txt",
    "x".repeat(300),
    "a/".repeat(3_000),
    "result:1",
    "A.PY",
    "sub/",
    " a.py ",
    "$HOME/a.py",
    "*",
  ],
];
const TEXTS = [
  ...[
    FIX,
    BUG,
    FIX,
    "def add(a, b):\n    return (a +\n",
    "x = 1\n",
    "# ... rest of the code unchanged\n",
    "",
  ],
  ...["return a + b", "return a - b", "    return a + b\n", "one", "two\n", "\ud800", "x".repeat(3_000)],
  ...[
    "bell \u0007 and \u001b]0;title\u0007\n",
    "nul \u0000 in it",
    "\uFEFFbom = 1\n",
    "one\r\ntwo\r\n",
    "}\n",
  ],
  ...["<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", "<tool_call>", "```\n", "y = 1\n".repeat(4_000)],
  ...["import nothing_of_the_kind\n", "def twice(x):\n    return x\n", "def add(a, b):\n\treturn a + b\n"],
];
/** Of the files as they stand at first, and what to put in their place. */
const PIECES = [
  ...[
    "return a - b",
    "return a + b",
    "    return a - b\n",
    "def add(a, b):",
    "one",
    "two",
    "one\r\n",
    "import a",
  ],
  ...["    return a.add(x, x)", "x", "line 7 ", "def plus(a, b):"],
];
/** The last ones are what the world's shell knows beside: see `_test_hostile_tools.ts`. */
const COMMANDS = [
  ...["check", "check", "false", "hang", "loud", "touch made.txt", "write a.py", "fix a.py", "rm notes.txt"],
  ...[
    "mv notes.txt moved.txt",
    "rm -rf /",
    `echo x > ../${OUTSIDE}`,
    "check | tail",
    "check || true",
    "sleep 1 &",
  ],
];
const JOBS = ["serve", "serve", "late a.py", "late notes.txt", "late made.txt"];
const PLANS = [
  "Plan:\n1. Change a.py\n2. Change sub/b.py\n3. Run the check",
  "- [x] Change a.py\n- [ ] Write new.py\n\nStep 1 is done.",
  `1. ${"very ".repeat(200)}long step\n2. ${"b".repeat(500)}`,
  "1. a\n".repeat(40),
];
const PROSE = [
  ...[
    "",
    "",
    "Done.",
    "I will now edit a.py.",
    "Hello! How can I help you?",
    "All tests pass.",
    "NEED_TOOLS",
  ],
  ...["I created new.py and fixed a.py; the check is green.", "I ran `check`: 5 passed.", "Let me look.\n\n"],
  ...[
    "The bug is in line 2:\n```python\nreturn a - b\n```",
    "x".repeat(20_000),
    "again and again ".repeat(400),
  ],
  ...["<think>\nthe user wants", "<think>short</think>Done.", "\ud800 half", "ends in the middle of a sen"],
];

/** Openings and marks of every dialect, repeated: what the parser's own tests call hostile. */
const MARKS = Object.values(
  JSON.parse(readFileSync(new URL("parse/testdata/hostile.json", import.meta.url), "utf8")),
) as readonly string[];

function meanCall(next: Next): Meant {
  const path = pick(next, next() < 0.6 ? PLAIN : PATHS);
  const text = () => pick(next, TEXTS);
  const piece = () => pick(next, next() < 0.7 ? PIECES : TEXTS);
  const line = () => Math.floor(next() * 6) - 1;
  switch (pick(next, KINDS)) {
    case "read":
      return {
        name: "read_file",
        args: pick(next, [{ path }, { path, start_line: line(), end_line: line() }]),
      };
    case "write":
      return { name: "write_file", args: { path, content: text() } };
    case "patch":
      return { name: "patch", args: { path, search: piece(), replace: piece(), replace_all: next() < 0.2 } };
    case "lines":
      return {
        name: "patch",
        args: { path, search: "", replace: text(), start_line: line(), end_line: line() },
      };
    case "symbol":
      return {
        name: "patch",
        args: { path, symbol: pick(next, ["add", "twice", ""]), search: "", replace: text() },
      };
    case "bash":
      return { name: "bash", args: { command: pick(next, COMMANDS) } };
    case "job":
      return { name: "bash", args: { command: pick(next, JOBS), background: true } };
    case "poll":
      return {
        name: "bash",
        args: { command: pick(next, ["read", "stop"]), job: pick(next, ["job1", "job2", "x"]) },
      };
    case "look":
      return pick(next, [
        { name: "search", args: { pattern: pick(next, ["add", "(", ".", "(a+)+$"]), path } },
        { name: "find_files", args: { pattern: pick(next, ["*.py", "**", "../*", "["]) } },
        { name: "list_files", args: { path } },
      ]);
    case "plan":
      return {
        name: "plan",
        args: pick(next, [{ steps: ["change a.py", "check"] }, { done: line() }, { steps: [] }]),
      };
    case "contract":
      return pick(next, [
        { name: "contract_create", args: { command: pick(next, ["check", "false", "rm -rf /"]) } },
        { name: "contract_create", args: { file: path, contains: text() } },
        { name: "contract_create", args: { remove: 1 } },
        { name: "contract_check", args: {} },
        { name: "contract_status", args: {} },
      ]);
    case "plugin":
      return pick(next, [
        { name: "plugin_write", args: { path, text: text() } },
        { name: "remember", args: { text: pick(next, ["a", "b"]) } },
      ]);
    case "menu":
      return { name: "menu", args: { category: pick(next, ["write", "run", "plan", "nothing"]) } };
    case "use":
      return { name: "use", args: useOf(next) };
    case "junk":
      return { name: pick(next, ["delete_all", "", "read_fil", "note<|channel|>x"]), args: pick(next, JUNK) };
  }
}

const KINDS = [
  ...["read", "write", "write", "patch", "patch", "lines", "symbol", "bash", "bash", "job", "poll", "look"],
  ...["plan", "contract", "plugin", "menu", "use", "junk"],
] as const;
const JUNK = [null, {}, "x", [], 7, { path: 7 }, { path: { path: "a.py" } }, { a: "b".repeat(5_000) }];

function useOf(next: Next): unknown {
  const { name, args } = meanCall(next);
  return { tool: name, args: next() < 0.5 ? args : JSON.stringify(args) };
}

/** A call as text, in one of the ways in which models write it. */
function writeCall({ name, args }: Meant, next: Next): string {
  const json = JSON.stringify({ name, arguments: args });
  const given = (typeof args === "object" && args !== null ? args : {}) as Readonly<Record<string, unknown>>;
  const text = (key: string) => String(given[key] ?? "");
  switch (pick(next, FORMS)) {
    case "hermes":
      return `<tool_call>\n${json}\n</tool_call>`;
    case "fence":
      return `\`\`\`json\n${json}\n\`\`\``;
    case "bare":
      return json;
    case "raw":
      return name === "write_file"
        ? `write_file ${text("path")}\n\`\`\`\n${text("content")}\n\`\`\``
        : `patch ${text("path")}\n<<<<<<< SEARCH\n${text("search")}\n=======\n${
          text("replace")
        }\n>>>>>>> REPLACE`;
    case "xml":
      return `<function=${name}>${
        Object.keys(given).map((key) => `<parameter=${key}>${text(key)}</parameter>`).join("")
      }</function>`;
    case "python":
      return `[${name}(${
        Object.keys(given).map((key) => `${key}=${JSON.stringify(given[key])}`).join(", ")
      })]`;
    case "cline":
      return `<${name}>${
        Object.keys(given).map((key) => `<${key}>${text(key)}</${key}>`).join("")
      }</${name}>`;
    case "file":
      return `${text("path")}\n\`\`\`python\n${text("content")}\n\`\`\``;
  }
}

const FORMS = ["hermes", "hermes", "fence", "bare", "raw", "raw", "xml", "python", "cline", "file"] as const;

/** Half a call, two calls in one another, a mark too many. */
function spoil(text: string, next: Next): string {
  const at = Math.floor(next() * text.length);
  switch (pick(next, ["cut", "mark", "twice", "quotes", "hole"] as const)) {
    case "cut":
      return text.slice(0, at);
    case "mark":
      return text.slice(0, at) + pick(next, MARKS).repeat(Math.ceil(next() * 20)) + text.slice(at);
    case "twice":
      return text + text;
    case "quotes":
      return text.replaceAll('"', "'");
    case "hole":
      return text.slice(0, at) + text.slice(at + 5);
  }
}

/** How a model behaves for a whole turn. */
export interface HostileModel {
  /** The next reply. */
  reply(): Reply;
}

/** A model that says anything; or, `calm`, one that edits the file at fault and says that it is done; or one that goes round in circles. */
export function openHostileModel(next: Next): HostileModel {
  const mood = pick(next, ["wild", "wild", "wild", "calm", "calm", "calm", "circling"]);
  const period = 1 + Math.floor(next() * 4);
  const said: Reply[] = [];
  return {
    reply() {
      const again = mood === "circling" ? said.at(-period) : next() < 0.08 ? said.at(-1) : undefined;
      const reply = again ?? (mood === "calm" && next() < 0.8 ? calmReply(next) : wildReply(next));
      said.push(reply);
      return reply;
    },
  };
}

function calmReply(next: Next): Reply {
  if (next() < 0.35) {
    return replyOf({ text: pick(next, ["It is done.", "All tests pass.", "I fixed a.py."]) }, next);
  }
  const content = pick(next, [FIX, FIX, BUG, "def add(a, b):\n    return b\n", `# ${next()}\n${BUG}`]);
  return replyOf({ text: `write_file a.py\n\`\`\`\n${content}\`\`\`` }, next);
}

function wildReply(next: Next): Reply {
  const calls = Array.from({ length: next() < 0.75 ? Math.ceil(next() * 3) : 0 }, () => meanCall(next));
  const prose = next() < 0.1 ? pick(next, PLANS) : pick(next, PROSE);
  const isNative = next() < 0.6;
  const written = [prose, ...isNative ? [] : calls.map((call) => writeCall(call, next))].join("\n");
  const native = isNative ? calls : [];
  return replyOf({ text: next() < 0.15 ? spoil(written, next) : written, native }, next);
}

const FINISHES: readonly Finish[] = ["stop", "stop", "stop", "tool_calls", "length", "cut", "stopped"];

function replyOf({ text, native = [] }: { text: string; native?: readonly Meant[] }, next: Next): Reply {
  return {
    text,
    reasoning: next() < 0.1
      ? pick(next, ["thinking ".repeat(20), "hm ".repeat(3_000), writeCall(meanCall(next), next)])
      : "",
    calls: native.map(({ name, args }) => {
      const json = JSON.stringify(args);
      return {
        id: pick(next, ["", "same", `id ${next()}`]),
        name,
        arguments: next() < 0.93 ? json : spoil(json, next),
      };
    }),
    finish: pick(next, FINISHES),
    usage: pick(next, [{}, {}, { promptTokens: 300, cachedTokens: 100, outputTokens: 200 }]),
    timings: {},
  };
}
