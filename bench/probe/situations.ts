/** The situations of the step probes: a task, the files, what was done so far, and what the next reply should be. */

import { CART } from "./cart.ts";
import { COURSE } from "./course.ts";
import type { Situation } from "./situation.ts";
import { SEVERAL_STEPS } from "./several_steps.ts";

const CART_TEST = `import unittest
from cart import Cart


class TestCart(unittest.TestCase):
    def test_total(self):
        cart = Cart()
        cart.add("pen", 2, 3)
        self.assertEqual(cart.total(), 6)


unittest.main()
`;

const GREET = `export function greet(name) {
  return "Hello " + name;
}
`;

const PATH = `def join(parts):
    return "\\\\".join(parts)


def quote(text):
    return '"' + text.replace('"', '\\\\"') + '"'
`;

const LONG = Array.from({ length: 40 }, (_, n) => `def step_${n}(x):\n    return x + ${n}\n`).join("\n\n");

const WRITE = ["write_file", "patch"];

export const SITUATIONS: readonly Situation[] = [
  {
    name: "create-file",
    task: "Create hello.py that prints Hello, world!",
    files: {},
    history: [],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /^(\.\/)?hello\.py$/,
      after: { path: "hello.py", matches: /^print\((["'])Hello, world!\1\)\s*$/ },
    },
  },
  {
    name: "create-with-quotes",
    task: "Create quote.js that exports a function quote(text) which puts the text between double quotes.",
    files: { "README.md": "# quotes\n" },
    history: [],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /quote\.js$/,
      after: { path: "quote.js", matches: /function quote|quote\s*=/ },
    },
  },
  {
    name: "create-json",
    task: 'Create package.json with the name "demo", version "1.0.0" and type "module".',
    files: { "index.js": "console.log(1);\n" },
    history: [],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /package\.json$/,
      after: {
        path: "package.json",
        matches: /^\{[\s\S]*"name": ?"demo"[\s\S]*"type": ?"module"[\s\S]*\}\s*$/,
      },
    },
  },
  {
    name: "fix-named-file",
    task: "Cart.total() in cart.py ignores the amount. Fix it.",
    files: { "cart.py": CART },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /cart\.py$/,
      after: { path: "cart.py", matches: /def add[\s\S]*price \* amount|def add[\s\S]*amount \* price/ },
    },
  },
  {
    name: "fix-failing-test",
    task: "The test in test_cart.py fails. Find the bug and fix it.",
    files: { "cart.py": CART, "test_cart.py": CART_TEST },
    history: [],
    expect: { kind: "call", tools: [...WRITE, "bash", "read_file"], path: /cart\.py$/ },
  },
  {
    name: "change-text",
    task: 'greet in greet.js should say "Good morning, NAME" instead of "Hello NAME".',
    files: { "greet.js": GREET },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /greet\.js$/,
      after: { path: "greet.js", matches: /export function greet[\s\S]*Good morning, /, lacks: /Hello/ },
    },
  },
  {
    name: "add-method",
    task: "Add a method clear() to the class Cart in cart.py that removes all items.",
    files: { "cart.py": CART },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /cart\.py$/,
      after: {
        path: "cart.py",
        matches: /def add[\s\S]*def total[\s\S]*def clear|def clear[\s\S]*def total/,
      },
    },
  },
  {
    name: "add-argument",
    task: 'Give greet in greet.js a second parameter mark, default "!", that is put at the end.',
    files: { "greet.js": GREET },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /greet\.js$/,
      after: { path: "greet.js", matches: /greet\(name, mark = ["']!["']\)[\s\S]*mark/ },
    },
  },
  {
    name: "backslashes",
    task: 'In path.py, join should use "/" instead of the backslash. Leave quote alone.',
    files: { "path.py": PATH },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /path\.py$/,
      after: {
        path: "path.py",
        matches: /return ["']\/["']\.join\(parts\)[\s\S]*text\.replace\('"', '\\\\"'\)/,
      },
    },
  },
  {
    name: "json-value",
    task: "Set the timeout in config.json to 60.",
    files: { "config.json": '{\n  "host": "localhost",\n  "timeout": 30,\n  "retries": 3\n}\n' },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /config\.json$/,
      after: {
        path: "config.json",
        matches: /^\{\s*"host": "localhost",\s*"timeout": 60,\s*"retries": 3\s*\}\s*$/,
      },
    },
  },
  {
    name: "in-a-long-file",
    task: "step_17 in steps.py should multiply by 17 instead of adding 17.",
    files: { "steps.py": LONG },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /steps\.py$/,
      after: {
        path: "steps.py",
        matches: /step_16\(x\):\n {4}return x \+ 16[\s\S]*return x \* 17[\s\S]*x \+ 39/,
      },
    },
  },
  {
    name: "run-command",
    task: "Run the tests of this project with python3 test_cart.py and tell me the result.",
    files: { "cart.py": CART, "test_cart.py": CART_TEST },
    history: [],
    expect: { kind: "call", tools: ["bash"] },
  },
  {
    name: "list-files",
    task: "Which files are in the folder src? List them.",
    files: { "src/a.py": "", "src/b.py": "", "README.md": "# x\n" },
    history: [],
    expect: { kind: "call", tools: ["list_files", "find_files", "bash"] },
  },
  {
    name: "find-definition",
    task: "Where is the function parse_date defined?",
    files: Object.fromEntries(
      Array.from(
        { length: 8 },
        (_, n) => [`lib/m${n}.py`, n === 5 ? "def parse_date(s):\n    return s\n" : "x = 1\n"],
      ),
    ),
    history: [],
    expect: { kind: "answer", says: /m5\.py/ },
  },
  {
    name: "answer-from-shown",
    task: "What does total() in cart.py return for a cart with 3 pens at 2 each? Just tell me.",
    files: { "cart.py": CART },
    history: [],
    expect: { kind: "answer", says: /\b2\b/ },
  },
  {
    name: "chat",
    task: "Thanks, that is all for today!",
    files: { "cart.py": CART },
    history: [],
    expect: { kind: "answer", says: /\S/ },
  },
  {
    name: "after-read",
    task: "The price in shop/prices.txt of tea is wrong: it should be 4. Fix it.",
    files: { "shop/prices.txt": "coffee 3\ntea 2\nmilk 1\n" },
    history: [{ name: "read_file", args: { path: "shop/prices.txt" } }],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /prices\.txt$/,
      after: { path: "shop/prices.txt", matches: /^coffee 3\ntea 4\nmilk 1\s*$/ },
    },
  },
  {
    name: "after-red-test",
    task: "Make python3 test_cart.py pass.",
    files: { "cart.py": CART, "test_cart.py": CART_TEST },
    history: [{ name: "bash", args: { command: "python3 test_cart.py" } }],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /(^|\/)cart\.py$/,
      after: { path: "cart.py", matches: /price \* amount|amount \* price/ },
    },
  },
  {
    name: "after-missing-file",
    task: "Set DEBUG to False in settings.py.",
    files: { "app/settings.py": "DEBUG = True\nNAME = 'x'\n" },
    history: [{ name: "read_file", args: { path: "config/settings.py" } }],
    expect: {
      kind: "call",
      tools: [...WRITE, "read_file", "find_files", "search", "list_files"],
      path: /settings\.py$/,
    },
  },
  {
    name: "after-failed-patch",
    task: "Cart.total() in cart.py ignores the amount. Fix it.",
    files: { "cart.py": CART },
    history: [{
      name: "patch",
      args: { path: "cart.py", search: "return sum(item.price for item in self.items)", replace: "return 0" },
    }],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /cart\.py$/,
      after: { path: "cart.py", matches: /price \* amount|amount \* price/ },
    },
  },
  {
    name: "after-unreadable-call",
    task: "Create notes.txt with the text: buy milk",
    files: {},
    history: [{ text: '```json\n{"name": "write_file", "arguments": {"path": "notes.txt"}}\n```' }],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /notes\.txt$/,
      after: { path: "notes.txt", matches: /^buy milk\s*$/ },
    },
  },
  {
    name: "after-announcement",
    task: "Create notes.txt with the text: buy milk",
    files: {},
    history: [{ text: "I will create the file notes.txt for you." }],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /notes\.txt$/,
      after: { path: "notes.txt", matches: /^buy milk\s*$/ },
    },
  },
  {
    name: "finish-after-edit",
    task: "Create notes.txt with the text: buy milk",
    files: {},
    history: [{ name: "write_file", args: { path: "notes.txt", content: "buy milk\n" } }],
    expect: { kind: "answer", says: /\S/ },
  },
  {
    name: "second-file",
    task: "Rename the function greet to welcome in greet.js and in main.js which imports it.",
    files: {
      "greet.js": GREET,
      "main.js": 'import { greet } from "./greet.js";\n\nconsole.log(greet("Ada"));\n',
    },
    history: [{
      name: "patch",
      args: {
        path: "greet.js",
        search: "export function greet(name) {",
        replace: "export function welcome(name) {",
      },
    }],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /main\.js$/,
      after: { path: "main.js", matches: /import \{ welcome \}/ },
    },
  },
  ...SEVERAL_STEPS,
  ...COURSE,
];
