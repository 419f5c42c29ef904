import assert from "node:assert/strict";
import { bundle } from "../../main.ts";
import { openSyntax } from "../syntax/syntax.ts";
import { findDroppedMembers } from "./dropped_members.ts";

const syntax = openSyntax(bundle().assets);

async function dropped(path: string, before: string, after: string, asked: string) {
  const outlined = async (text: string) => ({ text, parts: await syntax.outline(path, text) ?? [] });
  return findDroppedMembers(await outlined(before), await outlined(after), asked);
}

const CART = `class Cart:
    def __init__(self):
        self.items = []

    # One line of the bill.
    @checked
    def add(self, name):
        self.items.append(name)

    def total(self):
        return 0


def show(cart):
    pass
`;
const SHORT = `class Cart:
    def __init__(self):
        self.items = []

    def total(self):
        return len(self.items)


def show(cart):
    pass
`;

Deno.test("findDroppedMembers() gives the method that a rewrite left out, and the file with it in its class", async () => {
  assert.deepEqual(await dropped("cart.py", CART, SHORT, "total() is wrong"), {
    names: ["add"],
    withThem: SHORT.replace(
      "len(self.items)\n",
      "len(self.items)\n\n    # One line of the bill.\n    @checked\n    def add(self, name):\n        self.items.append(name)\n",
    ),
  });
});

Deno.test("findDroppedMembers() puts methods before the brace that closes their class, in each class its own", async () => {
  const before =
    "class A {\n  one() {}\n  two() {}\n}\n\nclass B {\n  /** Three. */\n  three() {}\n  four() {}\n}\n";
  const after = "class A {\n  two() {}\n}\n\nclass B {\n  four() {}\n}\n";
  assert.equal(
    (await dropped("a.js", before, after, "Make it shorter"))?.withThem,
    "class A {\n  two() {}\n\n  one() {}\n}\n\nclass B {\n  four() {}\n\n  /** Three. */\n  three() {}\n}\n",
  );
  const rust = "impl Cart {\n    fn add(&self) {}\n    fn total(&self) {}\n}\n";
  assert.deepEqual(
    (await dropped("cart.rs", rust, "impl Cart {\n    fn total(&self) {}\n}\n", ""))?.names,
    ["add"],
  );
});

Deno.test("findDroppedMembers() leaves alone what the message speaks of, classes that are gone, and functions that moved in", async () => {
  const cases = [
    [CART, SHORT, "Remove add from Cart"],
    [CART, "def show(cart):\n    pass\n", "Only show is needed"],
    [CART, CART.replace("Cart", "Basket"), "Call it Basket"],
    ["def f():\n    pass\n", "class A:\n    def f(self):\n        pass\n", "Make a class"],
  ] as const;
  for (const [before, after, asked] of cases) {
    assert.equal(await dropped("cart.py", before, after, asked), undefined, asked);
  }
});
