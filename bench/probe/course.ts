/** Situations in the course of a turn: something went wrong before, the harness said so, and the next reply should mend it. */

import { CART } from "./cart.ts";
import type { Recorded } from "./relay.ts";
import type { Situation } from "./situation.ts";

const WRITE = ["write_file", "patch"];

const IGNORES_AMOUNT = "Cart.total() in cart.py ignores the amount. Fix it.";
const TOTAL_LINE = "        return sum(price for _, price, amount in self.items)";
const CART_MENDED: Situation["expect"] = {
  kind: "call",
  tools: WRITE,
  path: /cart\.py$/,
  after: { path: "cart.py", matches: /(?=[\s\S]*def add)[\s\S]*(price \* amount|amount \* price)/ },
};

const STATS = `def mean(values):
    return sum(values) / len(values)
`;
const STATS_TEST = `import unittest
from stats import mean, median


class TestStats(unittest.TestCase):
    def test_mean(self):
        self.assertEqual(mean([1, 2, 3]), 2)

    def test_median_odd(self):
        self.assertEqual(median([3, 1, 2]), 2)

    def test_median_even(self):
        self.assertEqual(median([4, 1, 3, 2]), 2.5)


if __name__ == "__main__":
    unittest.main()
`;
const ADD_MEDIAN = "Add a function median(values) to stats.py that test_stats.py passes.";
const STATS_FILES = { "stats.py": STATS, "test_stats.py": STATS_TEST };
/** A median that is wrong for an even number of values. */
const writeMedian = (body: string): Recorded => ({
  name: "write_file",
  args: { path: "stats.py", content: `${STATS}\n\ndef median(values):\n${body}` },
});
const DONE: Recorded = { text: "I added median to stats.py." };
const MEDIAN_MENDED: Situation["expect"] = {
  kind: "call",
  tools: WRITE,
  path: /(^|\/)stats\.py$/,
  after: { path: "stats.py", matches: /def mean[\s\S]*def median[\s\S]*(% 2|& 1|~)[\s\S]*\/ ?2/ },
};

const GREET = `export function greet(name) {
  return "Hello " + name;
}
`;
const MAIN = 'import { greet } from "./greet.js";\n\nconsole.log(greet("Ada"));\n';
const CREATE_TWO =
  "Create shapes.py with a function area(w, h) that returns w * h, and main.py that imports it and prints area(2, 3).";
const SETTINGS = "DEBUG = True\nNAME = 'shop'\nRETRIES = 3\n";

/** A situation of the same task in the same file. */
const inCart = (name: string, history: readonly Recorded[]): Situation => ({
  name,
  task: IGNORES_AMOUNT,
  files: { "cart.py": CART },
  history,
  expect: CART_MENDED,
});

export const COURSE: readonly Situation[] = [
  {
    name: "course-red-check",
    task: ADD_MEDIAN,
    files: STATS_FILES,
    history: [writeMedian("    return sorted(values)[len(values) // 2]\n"), DONE],
    expect: MEDIAN_MENDED,
  },
  {
    name: "course-red-twice",
    task: ADD_MEDIAN,
    files: STATS_FILES,
    history: [
      writeMedian("    return values[len(values) // 2]\n"),
      DONE,
      writeMedian("    return sorted(values)[len(values) // 2]\n"),
      DONE,
    ],
    expect: MEDIAN_MENDED,
  },
  {
    name: "course-red-thrice",
    task: ADD_MEDIAN,
    files: STATS_FILES,
    history: [
      writeMedian("    return values[len(values) // 2]\n"),
      DONE,
      writeMedian("    return sorted(values)[len(values) // 2]\n"),
      DONE,
      writeMedian("    ordered = sorted(values)\n    return ordered[len(ordered) // 2]\n"),
      DONE,
    ],
    expect: MEDIAN_MENDED,
  },
  {
    name: "course-weaker-test",
    task: "python3 test_stats.py fails. Fix it.",
    files: {
      "stats.py": `${STATS}\n\ndef median(values):\n    return sorted(values)[len(values) // 2]\n`,
      "test_stats.py": STATS_TEST,
    },
    history: [
      {
        name: "patch",
        args: {
          path: "test_stats.py",
          search: "self.assertEqual(median([4, 1, 3, 2]), 2.5)",
          replace: "self.assertEqual(median([4, 1, 3, 2]), 3)",
        },
      },
      { text: "The test passes now." },
    ],
    expect: MEDIAN_MENDED,
  },
  inCart("course-says-done", [{
    text: "I fixed total() in cart.py: it multiplies the price by the amount now.",
  }]),
  inCart("course-says-done-in-code", [{
    text:
      "The method should be:\n\n```python\ndef total(self):\n    return sum(p * n for _, p, n in self.items)\n```",
  }]),
  {
    name: "course-second-claim",
    task: "Add a method clear() to the class Cart in cart.py that removes all items, and a test of it.",
    files: { "cart.py": CART },
    history: [
      {
        name: "patch",
        args: {
          path: "cart.py",
          search: TOTAL_LINE,
          replace: `${TOTAL_LINE}\n\n    def clear(self):\n        self.items = []`,
        },
      },
      { text: "I added clear() to cart.py and created test_cart.py with a test of it." },
    ],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /test_cart\.py$/,
      after: { path: "test_cart.py", matches: /import[\s\S]*clear\(\)/ },
    },
  },
  inCart("course-offers-help", [
    { name: "read_file", args: { path: "cart.py" } },
    { text: "Hello! How can I help you today?" },
  ]),
  inCart("course-empty", [{ text: "" }]),
  {
    name: "course-same-read",
    task: "Set DEBUG to False in the settings.",
    files: { "app/settings.py": SETTINGS, "app/main.py": "import settings\n", "README.md": "# shop\n" },
    history: Array<Recorded>(3).fill({ name: "read_file", args: { path: "app/settings.py" } }),
    expect: {
      kind: "call",
      tools: WRITE,
      path: /settings\.py$/,
      after: { path: "app/settings.py", matches: /^DEBUG = False\s+NAME = 'shop'\s+RETRIES = 3\s*$/ },
    },
  },
  {
    name: "course-same-list",
    task: IGNORES_AMOUNT,
    files: { "cart.py": CART, "README.md": "# shop\n" },
    history: Array<Recorded>(4).fill({ name: "list_files", args: {} }),
    expect: CART_MENDED,
  },
  inCart("course-breaks-syntax", [{
    name: "patch",
    args: {
      path: "cart.py",
      search: TOTAL_LINE,
      replace: "        return sum(price * amount for _, price, amount in self.items",
    },
  }]),
  inCart("course-elision", [{
    name: "write_file",
    args: {
      path: "cart.py",
      content:
        "class Cart:\n    # ... rest of the class unchanged ...\n\n    def total(self):\n        return sum(p * n for _, p, n in self.items)\n",
    },
  }]),
  inCart("course-drops-names", [{
    name: "write_file",
    args: {
      path: "cart.py",
      content:
        "class Cart:\n    def __init__(self):\n        self.items = []\n\n    def total(self):\n        return sum(price * amount for _, price, amount in self.items)\n",
    },
  }]),
  inCart(
    "course-refused-twice",
    ["item.price for item in self.items", "x.price for x in self.cart"].map((inner) => ({
      name: "patch",
      args: {
        path: "cart.py",
        search: `        return sum(${inner})`,
        replace: "        return sum(price * amount for _, price, amount in self.items)",
      },
    })),
  ),
  {
    name: "course-name-still-used",
    task: "Rename the function greet to welcome everywhere.",
    files: { "greet.js": GREET, "main.js": MAIN },
    history: [
      {
        name: "patch",
        args: {
          path: "greet.js",
          search: "export function greet(name) {",
          replace: "export function welcome(name) {",
        },
      },
      { text: "I renamed greet to welcome in greet.js." },
    ],
    expect: {
      kind: "call",
      tools: WRITE,
      path: /main\.js$/,
      after: { path: "main.js", matches: /import \{ welcome \}[\s\S]*welcome\("Ada"\)/ },
    },
  },
  {
    name: "course-import-missing",
    task: "Make main.js print shout(greet(NAME)) with NAME Ada; shout makes a text upper case.",
    files: { "greet.js": GREET, "main.js": MAIN },
    history: [{
      name: "write_file",
      args: {
        path: "main.js",
        content:
          'import { greet } from "./greet.js";\nimport { shout } from "./shout.js";\n\nconsole.log(shout(greet("Ada")));\n',
      },
    }],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /shout\.js$/,
      after: { path: "shout.js", matches: /export[\s\S]*shout[\s\S]*toUpperCase\(\)/ },
    },
  },
  {
    name: "course-half-done",
    task: CREATE_TWO,
    files: {},
    history: [
      {
        name: "write_file",
        args: { path: "shapes.py", content: "def area(w, h):\n    return w * h\n" },
      },
      { text: "I created shapes.py with the function area." },
    ],
    expect: {
      kind: "call",
      tools: ["write_file"],
      path: /main\.py$/,
      after: { path: "main.py", matches: /import[\s\S]*print\(.*area\(2, 3\)\)/ },
    },
  },
];
