/** Situations of tasks of several steps: the first call, with or without a plan in front of it, and the calls after the first steps. */

import type { Situation } from "./situation.ts";

const WRITE = ["write_file", "patch"];

const SHAPES = "def area(w, h):\n    return w * h\n";
const NAMES = 'def hello(name):\n    return "Hello, " + name\n';
const CREATE_THREE =
  'Create three files: shapes.py with a function area(w, h) that returns w * h, names.py with a function hello(name) that returns "Hello, " + name, and main.py that imports both and prints area(2, 3) and hello("Ada").';

const SERVER = `import json

DEFAULTS = {"host": "localhost", "port": 8000}


def load(path):
    with open(path) as file:
        return {**DEFAULTS, **json.load(file)}
`;

const SHOP = `from cart import Cart

cart = Cart()
cart.add("pen", 2, 3)
print(cart.total())
`;

const CART = `class Cart:
    def __init__(self):
        self.items = []

    def add(self, name, price, amount=1):
        self.items.append((name, price, amount))

    def total(self):
        return sum(price * amount for _, price, amount in self.items)
`;

const TEXT = `def lower(text):
    return text.lower()


def slug(text):
    return lower(text).replace(" ", "-")


def words(text):
    return lower(text).split()
`;

/** The second of the three files. */
const WRITES_NAMES: Situation["expect"] = {
  kind: "call",
  tools: ["write_file"],
  path: /names\.py$/,
  after: { path: "names.py", matches: /def hello\(name\):\s+return ["']Hello, ["'] \+ name/ },
};

export const SEVERAL_STEPS: readonly Situation[] = [
  {
    name: "steps-create-three",
    task: CREATE_THREE,
    files: {},
    history: [],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /(shapes|names|main)\.py$/,
      after: { path: "shapes.py", matches: /def area\(w, h\):\s+return w \* h/ },
    },
  },
  {
    name: "steps-new-option",
    task:
      'Add an option "timeout" with the default 30 to DEFAULTS in server.py. Set it to 10 in config.json and add it to the list in README.md in the same style as the others.',
    files: {
      "server.py": SERVER,
      "config.json": '{\n  "port": 9000\n}\n',
      "README.md":
        "# server\n\nOptions:\n\n- `host`: where it listens, default `localhost`\n- `port`: default `8000`\n",
    },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /server\.py|config\.json|README\.md$/,
      after: { path: "server.py", matches: /"timeout": ?30[\s\S]*def load/ },
    },
  },
  {
    name: "steps-split-module",
    task:
      "Move the function slug from text.py into a new file slugs.py, import it from there in app.py, and add a test file test_slugs.py with a unittest for it.",
    files: {
      "text.py": TEXT,
      "app.py": 'from text import slug, words\n\nprint(slug("A b"), words("C d"))\n',
    },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /(text|slugs|app|test_slugs)\.py$/,
      after: { path: "slugs.py", matches: /def slug\(text\):[\s\S]*replace\(" ", "-"\)/ },
    },
  },
  {
    name: "steps-feature",
    task:
      "Add a discount to the cart: a method discount(percent) in cart.py that lowers the total, use it with 10 in shop.py before the print, and describe it in README.md.",
    files: { "cart.py": CART, "shop.py": SHOP, "README.md": "# shop\n\nRun `python3 shop.py`.\n" },
    history: [],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /(cart|shop)\.py|README\.md$/,
      after: {
        path: "cart.py",
        matches: /def add[\s\S]*def discount\(self, percent\)|def discount\(self, percent\)[\s\S]*def add/,
      },
    },
  },
  {
    name: "steps-second",
    task: CREATE_THREE,
    files: {},
    history: [{ name: "write_file", args: { path: "shapes.py", content: SHAPES } }],
    expect: WRITES_NAMES,
  },
  {
    name: "steps-third",
    task: CREATE_THREE,
    files: {},
    history: [
      { name: "write_file", args: { path: "shapes.py", content: SHAPES } },
      { name: "write_file", args: { path: "names.py", content: NAMES } },
    ],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /main\.py$/,
      after: { path: "main.py", matches: /import[\s\S]*print\(/ },
    },
  },
  {
    name: "steps-listed",
    task:
      'Please:\n1. Create shapes.py with a function area(w, h) that returns w * h.\n2. Create names.py with a function hello(name) that returns "Hello, " + name.\n3. Create main.py that prints area(2, 3) and hello("Ada").',
    files: {},
    history: [{ name: "write_file", args: { path: "shapes.py", content: SHAPES } }],
    expect: WRITES_NAMES,
  },
  {
    name: "steps-forgotten",
    task: CREATE_THREE,
    files: {},
    history: [
      { name: "write_file", args: { path: "shapes.py", content: SHAPES } },
      {
        name: "write_file",
        args: {
          path: "main.py",
          content:
            'from shapes import area\nfrom names import hello\n\nprint(area(2, 3))\nprint(hello("Ada"))\n',
        },
      },
    ],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /names\.py$/,
      after: { path: "names.py", matches: /def hello\(name\)/ },
    },
  },
];
