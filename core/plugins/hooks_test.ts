import assert from "node:assert/strict";
import type { Event, EventBody } from "../events.ts";
import type { HookDecision, HookName, OpenPlugin } from "../plugin_host.ts";
import type { FileChange } from "../types.ts";
import { type FakePlugin, fakePlugin, fault } from "./_fake_plugin.ts";
import { type Hooks, NO_HOOKS, openHooks } from "./hooks.ts";

const CHANGE: FileChange = { path: "a.py", kind: "edited", linesAdded: 1, linesRemoved: 1, by: "command" };
const ALL: readonly HookName[] = ["onPrompt", "beforeTool", "afterTool", "beforeFinish", "onEvent"];

function hooked(name: string, hook: NonNullable<FakePlugin["hook"]>, hooks = ALL): OpenPlugin {
  return fakePlugin(name, { manifest: { hooks }, hook });
}

function open(plugins: readonly OpenPlugin[], changes: readonly FileChange[] = []) {
  const emitted: EventBody[] = [];
  const closed = new AbortController();
  const hooks = openHooks({
    plugins,
    emit: (event) => emitted.push(event),
    takeChanges: () => Promise.resolve(changes),
    now: () => 0,
    signal: closed.signal,
  });
  const texts = () => emitted.flatMap((event) => event.type === "notice" ? [event.text] : []);
  return { hooks, texts, closed };
}

const signal = new AbortController().signal;
const call = { name: "bash", args: { command: "rm a" }, effect: "run" as const };

Deno.test("openHooks() asks the plugins in their order, and each sees what the one before made of the call", async () => {
  const seen: unknown[] = [];
  const change = (by: string) => (_: HookName, input: Readonly<Record<string, unknown>>): HookDecision => {
    seen.push(input.args);
    return { kind: "args", args: { command: `${(input.args as { command: string }).command}${by}` } };
  };
  const { hooks } = open([hooked("one", change("1")), hooked("two", change("2"))]);
  assert.deepEqual(await hooks.beforeTool(call, signal), { args: { command: "rm a12" }, changedBy: "two" });
  assert.deepEqual(seen, [{ command: "rm a" }, { command: "rm a1" }]);
});

Deno.test("openHooks() ends at the first plugin that denies or stops, and names it", async () => {
  const no = hooked(
    "guard",
    (name) =>
      name === "beforeTool" ? { kind: "deny", reason: "never rm" } : { kind: "stop", reason: "not today" },
  );
  const never = hooked("later", () => assert.fail("asked after a no"));
  const { hooks } = open([no, never]);
  assert.deepEqual(await hooks.beforeTool(call, signal), {
    args: call.args,
    deny: "never rm (plugin guard)",
  });
  assert.deepEqual(await hooks.onPrompt("do it", signal), { add: [], stop: "plugin guard: not today" });
});

Deno.test("openHooks() gathers text of all plugins, what they changed, and one thing more to do", async () => {
  const says = (name: string) =>
    hooked(
      name,
      (hook) => hook === "beforeFinish" ? { kind: "more", text: name } : { kind: "add", text: name },
    );
  const { hooks } = open([says("one"), says("two")], [CHANGE]);
  const done = { name: "patch", args: {}, ok: true, result: "", changed: ["a.py"] };
  assert.deepEqual(await hooks.afterTool(done, signal), { add: ["one", "two"], changes: [CHANGE] });
  assert.deepEqual(await hooks.onPrompt("do it", signal), { add: ["one", "two"] });
  assert.deepEqual(await hooks.beforeFinish({ text: "Done.", changed: [] }, signal), {
    add: [],
    changes: [CHANGE],
    more: "one",
  });
});

Deno.test("openHooks() reports a failing hook and skips it; three in a row switch off that hook and no other", async () => {
  let fails = true;
  let asked = 0;
  const bad = hooked("bad", (name) => {
    if (name === "afterTool") return { kind: "add", text: "well" };
    asked++;
    if (fails) throw fault("bad");
    return { kind: "none" };
  });
  const { hooks, texts } = open([bad]);
  const ask = () => hooks.beforeTool(call, signal);
  await ask();
  await ask();
  fails = false;
  await ask(); // a success between: counted from anew
  fails = true;
  for (let i = 0; i < 5; i++) assert.deepEqual(await ask(), { args: call.args });
  assert.equal(asked, 6);
  assert.equal(texts().length, 5);
  assert.equal(texts()[0], "Plugin bad, hook beforeTool: boom; skipped (0 ms)");
  assert.equal(
    texts()[4],
    "Plugin bad, hook beforeTool: boom; 3 times in a row, so it is off for this run (0 ms)",
  );
  const done = { name: "bash", args: {}, ok: true, result: "", changed: [] };
  assert.deepEqual((await hooks.afterTool(done, signal)).add, ["well"]);
});

Deno.test("openHooks() lets an abort and an error that is not the plugin's through", async () => {
  const abort = new AbortController();
  const { hooks } = open([hooked("one", () => {
    throw new TypeError("ours");
  })]);
  await assert.rejects(hooks.onPrompt("do it", signal), { name: "TypeError" });
  abort.abort();
  await assert.rejects(hooks.onPrompt("do it", abort.signal), { name: "AbortError" });
});

function event(type: string, n = 0): Event {
  return { at: n, session: "s", turn: 1, step: 1, type, text: "x" } as unknown as Event;
}

Deno.test("onEvent tells a plugin one event after the other, without those that come by the hundred and its own", async () => {
  const heard: unknown[] = [];
  const { hooks } = open([hooked("ear", async (_, { type }) => {
    await Promise.resolve();
    heard.push(type);
    return { kind: "none" };
  })]);
  for (const type of ["turn_start", "token", "reasoning", "plugin", "notice", "tool_output", "turn_end"]) {
    hooks.onEvent(event(type));
  }
  await hooks.settled();
  assert.deepEqual(heard, ["turn_start", "turn_end"]);
});

Deno.test("onEvent drops what a slow plugin cannot hear, says so once, and ends when the session is closed", async () => {
  const gate = Promise.withResolvers<void>();
  let heard = 0;
  const { hooks, texts, closed } = open([hooked("slow", async () => {
    heard++;
    await gate.promise;
    return { kind: "none" };
  })]);
  for (let i = 0; i < 300; i++) hooks.onEvent(event("step_start", i));
  assert.deepEqual(texts(), ["Plugin slow is too slow for its onEvent hook: events are dropped"]);
  closed.abort();
  gate.resolve();
  await hooks.settled();
  assert.equal(heard, 1);
});

Deno.test("openHooks() is NO_HOOKS where no plugin has one, and those let everything pass", async () => {
  const { hooks } = open([fakePlugin("none")]);
  assert.equal(hooks, NO_HOOKS satisfies Hooks);
  assert.deepEqual(await hooks.beforeTool(call, signal), { args: call.args });
  assert.deepEqual(await hooks.onPrompt("do it", signal), { add: [] });
  hooks.onEvent(event("turn_start"));
  await hooks.settled();
});
