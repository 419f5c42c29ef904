import { deepEqual, equal } from "node:assert/strict";
import type { CallRecord, Effect, ToolCall, Turn } from "../types.ts";
import { callKey, countReturns, countStale, findLoop, isNews } from "./repetition.ts";

const call = (name: string, effect: Effect = "read"): ToolCall => ({
  id: name,
  name,
  args: effect === "write" ? { path: "a.py", content: "x" } : { path: name },
});

/** Records from letters: `a` is a call of that name with the same result each time, `a1` and `a2` give different ones. */
function records(letters: string, more: Partial<CallRecord> = {}): CallRecord[] {
  return letters.split(" ").filter(Boolean).map((word, step) => {
    const name = word[0] ?? "";
    return { step, name, key: callKey(call(name)), ok: true, result: word, effect: "read", ...more };
  });
}

const looks = (turn: Partial<Turn>, calls: readonly ToolCall[], effect: Effect = "read") => {
  const loop = findLoop(
    { wantsChange: true, calls: [], corrections: {}, ...turn } as Turn,
    calls,
    () => effect,
  );
  return loop && `${loop.kind} ${loop.times}`;
};

Deno.test("findLoop() sees the third equal call with an equal result, in whatever round", () => {
  const next = (letters: string, name: string) => looks({ calls: records(letters) }, [call(name)]);
  equal(next("a", "a"), undefined);
  equal(next("a a", "a"), "repetition 3");
  equal(next("a b a", "b"), undefined);
  equal(next("a b a b", "a"), "repetition 3");
  equal(next("a b c a b c", "a"), "repetition 3");
  equal(next("x a b c d a b c d", "a"), "repetition 3");
  equal(next("a b a c", "a"), "repetition 3", "wherever they stand");
});

Deno.test("findLoop() sees rounds of one to four calls whose results differ", () => {
  const next = (letters: string) => looks({ calls: records(letters, { effect: "run" }) }, [call("a")], "run");
  equal(next("a1 a2 a3 a4"), undefined, "a job that is asked how it stands");
  equal(next("a1 a2 a3 a4 a5"), "repetition 6");
  equal(next("a1 b1 a2 b2"), undefined);
  equal(next("a1 b1 a2 b2 a3 b3"), "repetition 4");
  equal(next("x a1 b1 c1 a2 b2 c2 a3 b3 c3"), "repetition 4");
  equal(next("a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 d3"), "repetition 4");
  equal(next("a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 x"), undefined);
  equal(next("a1 b1 c1 d1 e1 a2 b2 c2 d2 e2 a3 b3 c3 d3 e3"), undefined, "five different calls are work");
});

Deno.test("findLoop() ends looking that shows nothing new, and looking without end where a change is wanted", () => {
  const stale = records("a b c d e", { isNews: false });
  equal(looks({ calls: stale }, [call("f")]), "no_news 6");
  equal(looks({ calls: stale }, [call("f")], "write"), undefined);
  equal(looks({ calls: [...stale, ...records("g")] }, [call("f")]), undefined);
  equal(looks({ calls: [...stale.slice(1), ...records("g", { effect: "run" })] }, [call("f")]), undefined);
  const many = records("a b c d e f g h i j k l");
  equal(looks({ calls: many }, [call("m")]), "read_loop 13");
  equal(looks({ calls: many, wantsChange: false }, [call("m")]), undefined);
  equal(looks({ calls: many.slice(1) }, [call("m")]), undefined);
  equal(countStale(stale), 5);
});

Deno.test("findLoop() sees edits that are undone and redone, and lets a different one through after each correction", () => {
  const edit = call("write_file", "write");
  const next = (states: string[], corrections = {}) =>
    looks({ states: { "a.py": states }, corrections }, [edit], "write");
  equal(next(["1", "2", "1"]), undefined, "one mistake taken back");
  equal(next(["1", "2", "1", "2"]), "spiral 2");
  equal(next(["1", "2", "1", "2"], { spiral: 1 }), undefined);
  equal(next(["1", "2", "1", "2", "1"], { spiral: 1 }), "spiral 3");
  equal(next(["1", "2", "3", "4"]), undefined);
  deepEqual([["1", "1", "1"], ["1", "2", "3", "1"]].map(countReturns), [0, 1]);
});

Deno.test("isNews() passes over line numbers, notes and lines without a word", () => {
  const messages = [{ role: "user", content: "def add(a, b):\n    return a - b" } as const];
  equal(isNews("1 | def add(a, b):\n2 |     return a - b\n[lines 1-2 of 9]", messages), false);
  equal(isNews("1 | def add(a, b):\n3 | }", messages), false);
  equal(isNews("2 |     return a + b", messages), true);
  const own = [{ role: "assistant", content: "return a + b", calls: [], via: "text" } as const];
  equal(isNews("return a + b", own), true, "what the model wrote itself is no source");
});
