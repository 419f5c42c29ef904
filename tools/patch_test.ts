import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openSeen } from "../core/guard/seen.ts";
import { type TempWorkspace, tempWorkspace } from "../core/sandbox/_temp_workspace.ts";
import { openSyntax } from "../core/syntax/syntax.ts";
import type { ToolContext } from "../core/tool.ts";
import { bundle } from "../main.ts";
import patch from "./patch.ts";
import writeFile from "./write_file.ts";

/** What these two tools use of a context; no language is known, so the gate does not parse. */
const contextOf = ({ files }: TempWorkspace) =>
  ({
    files,
    seen: openSeen(),
    syntax: { parseErrors: () => Promise.resolve(undefined), outline: () => Promise.resolve(undefined) },
    switches: { fuzzyEdit: true, syntaxGate: true, keepNames: true, readGuard: true },
  }) as unknown as ToolContext;

Deno.test("patch writes the file and says what changed", async () => {
  await using place = await tempWorkspace({ "a.txt": "one\r\ntwo\r\n" });
  const output = await patch.run({ path: "a.txt", search: "two", replace: "$&\n3" }, contextOf(place));
  assert.equal(output.text, "Edited a.txt: lines 2-3, +2 -1.");
  assert.equal(await readFile(join(place.root, "a.txt"), "utf8"), "one\r\n$&\r\n3\r\n");
});

Deno.test("patch refuses a text that is not there with the lines that are", async () => {
  await using place = await tempWorkspace({ "a.txt": "one\n" });
  await assert.rejects(
    patch.run({ path: "a.txt", search: "six", replace: "x" }, contextOf(place)),
    /1 \| one/,
  );
});

const CART = `class Cart {
  add(x) { this.items.push(x); }
  total() {
    return 0;
  }
}
class Bag {
  total() {
    return 1;
  }
}
function a() {} function b() {}
`;

Deno.test("patch replaces a function by its name, and refuses one that is not one place", async () => {
  await using place = await tempWorkspace({ "cart.js": CART, "a.txt": "one\n" });
  const context = { ...contextOf(place), syntax: openSyntax(bundle().assets) };
  const change = (symbol: string, path = "cart.js") =>
    patch.run({ path, symbol, search: "", replace: "total() {\n  return 2;\n}\n" }, context);
  await change("Cart.total");
  assert.equal(
    await readFile(join(place.root, "cart.js"), "utf8"),
    CART.replace("    return 0;", "    return 2;"),
  );
  await assert.rejects(change("total"), /stands 2 times: give the lines of one \(3-5, 8-10\)/);
  await assert.rejects(change("sum"), /There is no "sum" in the file\. It has: Cart, add, total, Bag, a, b/);
  await assert.rejects(change("a"), /"a" shares a line with "b"/);
  await assert.rejects(change("one", "a.txt"), /the parts of a\.txt are not known; give search/);
});

Deno.test("write_file refuses a file that was not seen whole, and writes one that it wrote itself", async () => {
  await using place = await tempWorkspace({ "a.txt": "one\n" });
  const context = contextOf(place);
  await assert.rejects(writeFile.run({ path: "a.txt", content: "x" }, context), /Call read_file a.txt first/);
  await writeFile.run({ path: "b.txt", content: "x" }, context);
  await writeFile.run({ path: "b.txt", content: "y" }, context);
  assert.equal(await readFile(join(place.root, "b.txt"), "utf8"), "y\n");
});
