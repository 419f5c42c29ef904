import assert from "node:assert/strict";
import { ToolError } from "../core/errors.ts";
import { tempContext } from "./_temp_context.ts";
import readFile from "./read_file.ts";

const numbers = (from: number, to: number, text = (n: number) => `line ${n}`) =>
  Array.from({ length: to - from + 1 }, (_, i) => text(from + i));
const hundred = numbers(1, 100).join("\n") + "\n";

Deno.test("read_file gives numbered lines and notes that all were seen", async () => {
  await using space = await tempContext({ "a.txt": "\uFEFFone\r\ntwo\n\nfour" });
  assert.equal(await space.call(readFile, { path: "./a.txt" }), "1 | one\n2 | two\n3 | \n4 | four");
  const { hash } = await space.context.files.read("a.txt");
  assert.ok(space.context.seen.isWhole("a.txt", hash));
});

Deno.test("read_file reads a range as it was meant", async () => {
  await using space = await tempContext({ "a.txt": hundred });
  const cases: [args: Record<string, number | null>, from: number, to: number][] = [
    [{ start_line: 3, end_line: 5 }, 3, 5],
    [{ start_line: 99 }, 99, 100],
    [{ end_line: 2 }, 1, 2],
    [{ start_line: 0, end_line: 1 }, 1, 1],
    [{ start_line: -5, end_line: 1 }, 1, 1],
    [{ start_line: 98, end_line: 900 }, 98, 100],
    [{ start_line: 98, end_line: -1 }, 98, 100],
    [{ start_line: null, end_line: 1 }, 1, 1],
  ];
  for (const [args, from, to] of cases) {
    const expected = numbers(from, to, (n) => `${n} | line ${n}`).join("\n");
    assert.equal(await space.call(readFile, { path: "a.txt", ...args }), expected, JSON.stringify(args));
  }
  const { hash } = await space.context.files.read("a.txt");
  assert.ok(!space.context.seen.isWhole("a.txt", hash));
});

Deno.test("read_file says what a wrong range should be", async () => {
  await using space = await tempContext({ "a.txt": hundred });
  await assert.rejects(
    space.call(readFile, { path: "a.txt", start_line: 900, end_line: 950 }),
    new ToolError(
      'Cannot read lines from 900 of "a.txt": it has 100 lines; call {"path":"a.txt","start_line":71,"end_line":100}',
    ),
  );
  await assert.rejects(
    space.call(readFile, { path: "a.txt", start_line: 9, end_line: 5 }),
    /behind end_line/,
  );
});

Deno.test("read_file names the exact call for the rest, and that call goes on where it ended", async () => {
  await using space = await tempContext({ "a.txt": hundred }, { limits: { resultChars: 1_000 } });
  let call: Record<string, unknown> = { path: "a.txt" };
  const read: string[] = [];
  for (let i = 0; i < 10; i++) {
    const text = await space.call(readFile, call);
    assert.ok(text.length <= 1_000);
    const [, next] = text.match(/\ngo on with read_file (\{.*\})\]$/) ??
      text.match(/go on with read_file (\{.*\})\]$/) ?? [];
    read.push(...text.split("\n").filter((line) => !line.startsWith("[")));
    if (next === undefined) break;
    call = JSON.parse(next);
  }
  assert.deepEqual(read, numbers(1, 100, (n) => `${n} | line ${n}`));
  const { hash } = await space.context.files.read("a.txt");
  assert.ok(space.context.seen.isWhole("a.txt", hash));
});

Deno.test("read_file guards the window: first lines, parts, and calls for a range", async () => {
  const outline = [{ name: "load", kind: "function", from: 40, to: 60 }];
  await using space = await tempContext({ "a.py": hundred }, { outline, limits: { windowTokens: 400 } });
  assert.equal(
    await space.call(readFile, { path: "a.py" }),
    [
      ...numbers(1, 30, (n) => `${n} | line ${n}`),
      "[lines 1-30 of 100: the file is too long for the window to be shown whole]",
      "Its parts:",
      "  40-60 function load",
      'Read the lines you need: read_file {"path":"a.py","start_line":31,"end_line":100}',
      'All of load: read_file {"path":"a.py","start_line":40,"end_line":60}',
      "Or find them first with search.",
    ].join("\n"),
  );
  assert.match(
    await space.call(readFile, { path: "a.py", start_line: 40, end_line: 60 }),
    /^40 \| line 40\n/,
  );
});

Deno.test("read_file guards the room that is left", async () => {
  await using space = await tempContext({ "a.py": hundred }, { limits: { roomTokens: 100 } });
  assert.match(await space.call(readFile, { path: "a.py" }), /too long for the window/);
  await using open = await tempContext({ "a.py": hundred }, {
    limits: { windowTokens: 400 },
    readGuard: false,
  });
  assert.doesNotMatch(await open.call(readFile, { path: "a.py" }), /too long/);
});

Deno.test("read_file cuts a line of 50 MB and does not count it as seen", async () => {
  const long = new Uint8Array(50_000_000).fill(97);
  long.set([98, 10], 0);
  await using space = await tempContext({ "min.js": long });
  const guarded = await space.call(readFile, { path: "min.js" });
  assert.ok(guarded.length < 8_000);
  const text = await space.call(readFile, { path: "min.js", start_line: 1 });
  assert.match(
    text,
    /^1 \| b\n2 \| a{2000}\.\.\.\[\+49997998 characters\]\n\[line 2 is cut; more of it: bash sed -n 2p 'min\.js'/,
  );
  const { hash } = await space.context.files.read("min.js");
  assert.ok(!space.context.seen.isWhole("min.js", hash));
});

Deno.test("read_file tells an empty file, a folder, a missing and a binary file apart", async () => {
  await using space = await tempContext({ "empty": "", "src/a.ts": "", "x.bin": new Uint8Array([0, 1]) });
  assert.equal(await space.call(readFile, { path: "empty" }), "empty is empty");
  assert.equal(await space.call(readFile, { path: "src" }), "src/a.ts");
  await assert.rejects(
    space.call(readFile, { path: "scr/a.ts" }),
    /no such file; did you mean "src\/a.ts"\?/,
  );
  await assert.rejects(space.call(readFile, { path: "x.bin" }), /binary/);
  await assert.rejects(space.call(readFile, { path: "../x" }), /outside the workspace/);
});

Deno.test("read_file reads a long result by its handle", async () => {
  await using space = await tempContext();
  const handle = space.context.results.keep("a\nb\nc\n");
  assert.equal(await space.call(readFile, { path: handle, start_line: 2 }), "2 | b\n3 | c");
});

Deno.test("read_file says that a file is unchanged where it stands in the context, and shows it once that is masked", async () => {
  await using space = await tempContext({ "a.txt": hundred });
  const whole = await space.call(readFile, { path: "a.txt" });
  const again = await space.call(readFile, { path: "a.txt" });
  assert.match(again, /^a\.txt is unchanged since it was shown above \(100 lines\)\. .*shows lines again\.$/);
  assert.equal(await space.call(readFile, { path: "a.txt", start_line: 2, end_line: 2 }), "2 | line 2");
  space.context.seen.hideAll();
  assert.equal(await space.call(readFile, { path: "a.txt" }), whole);
});

Deno.test("read_file shows what changed since a file was shown, or all of it where that is shorter", async () => {
  await using space = await tempContext({ "a.txt": hundred, "b.txt": "one\n" });
  await space.call(readFile, { path: "a.txt" });
  const { hash } = await space.context.files.read("a.txt");
  await space.context.files.write("a.txt", hundred.replace("line 50\n", "fifty\n"), hash);
  const changed = await space.call(readFile, { path: "a.txt" });
  assert.match(changed, /^a\.txt has changed .*\n@@ -47,7 \+47,7 @@\n line 47\n.*\n-line 50\n\+fifty\n/s);
  const now = await space.context.files.read("a.txt");
  assert.ok(space.context.seen.isWhole("a.txt", now.hash));
  assert.match(await space.call(readFile, { path: "a.txt" }), /unchanged/);
  await space.call(readFile, { path: "b.txt" });
  assert.equal(await space.call(readFile, { path: "b.txt" }), "1 | one");
});

Deno.test("read_file shows a file again and again where the guard is off", async () => {
  await using space = await tempContext({ "a.txt": hundred }, { readGuard: false });
  const whole = await space.call(readFile, { path: "a.txt" });
  assert.equal(await space.call(readFile, { path: "a.txt" }), whole);
});

Deno.test("read_file counts what other scripts cost, and says where it stopped", async () => {
  const text = "这个函数计算购物车的总价格。\n".repeat(200);
  await using space = await tempContext({ "zh.txt": text }, {
    limits: { roomTokens: 1_000 },
    readGuard: false,
  });
  const shown = await space.call(readFile, { path: "zh.txt" });
  assert.ok(new TextEncoder().encode(shown).length <= 3_000, String(shown.length));
  const last = Number(/\n(\d+) \| [^\n]*\n\[lines 1-(\d+) of 200; go on with read_file/.exec(shown)?.[1]);
  const { hash } = await space.context.files.read("zh.txt");
  assert.ok(!space.context.seen.isWhole("zh.txt", hash));
  await space.call(readFile, { path: "zh.txt", start_line: last + 1, end_line: 130 });
  const guarded = await tempContext({ "zh.txt": text }, { limits: { windowTokens: 4_096 } });
  assert.match(await guarded.call(readFile, { path: "zh.txt" }), /too long for the window/);
  await guarded[Symbol.asyncDispose]();
});

Deno.test("read_file wraps a result's overlong line, so that every part of it can be read", async () => {
  await using space = await tempContext();
  const handle = space.context.results.keep(`${"a".repeat(2_500)}\u{1F600}\nend\n`);
  assert.match(
    await space.call(readFile, { path: handle, start_line: 3 }),
    /^3 \| a{500}\u{1F600}\n4 \| end$/u,
  );
});

Deno.test("read_file names the call for the part that the task names", async () => {
  const outline = [
    { name: "Cart.total", kind: "method", from: 10, to: 12 },
    { name: "load", kind: "function", from: 40, to: 60 },
  ];
  const limits = { windowTokens: 400 };
  await using space = await tempContext({ "a.py": hundred }, {
    outline,
    limits,
    asked: "what does total do?",
  });
  assert.match(
    await space.call(readFile, { path: "a.py" }),
    /\nAll of Cart\.total: read_file \{"path":"a\.py","start_line":10,"end_line":12\}\n/,
  );
});
