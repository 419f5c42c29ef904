import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Event, EventBody } from "../events.ts";
import type { Message } from "../types.ts";
import { withStore } from "./_temp_store.ts";
import { openStore } from "./store.ts";

function event(session: string, body: EventBody, turn = 1): Event {
  return { at: 50_000, session, turn, step: 1, ...body };
}

const TURN_END = {
  type: "turn_end",
  outcome: "verified",
  reason: "",
  text: "",
  report: "",
  changes: [],
  steps: 1,
  toolCalls: 0,
  corrections: 0,
  promptTokens: 0,
  prefilledTokens: 0,
  outputTokens: 0,
  ms: 1,
  model: "test",
  solvedBy: "model",
} as const;

Deno.test("append() keeps events in order, and leaves out what only passes by", () =>
  withStore(({ store, session }) => {
    store.append(event(session, { type: "turn_start", task: "use it\nnow", wantsChange: true }));
    store.append(event(session, { type: "token", text: "a" }));
    store.append(event(session, { type: "reasoning", text: "b" }));
    store.append(event(session, { type: "tool_output", id: "1", text: "c" }));
    store.append(event(session, { type: "prefill", done: 1, total: 2, cached: 0, ms: 3 }));
    store.append(
      event(session, {
        type: "tool_start",
        id: "1",
        name: "bash",
        args: { a: ["x"] },
        effect: "run",
      }),
    );
    store.append(event(session, TURN_END));
    deepEqual(store.load(session), {
      meta: {
        id: session,
        cwd: store.find(session).cwd,
        model: "test",
        title: "use it",
        turns: 1,
        outcome: "verified",
        createdAt: 1000,
        updatedAt: 50_000,
      },
      messages: [],
      events: [
        event(session, { type: "turn_start", task: "use it\nnow", wantsChange: true }),
        event(session, { type: "tool_start", id: "1", name: "bash", args: { a: ["x"] }, effect: "run" }),
        event(session, TURN_END),
      ],
    });
  }));

Deno.test("saveMessages() appends, replaces from a position, and refuses a hole", () =>
  withStore(({ store, session }) => {
    const message = (content: string): Message => ({ role: "user", content });
    store.saveMessages(session, 0, [message("a"), message("b")]);
    store.saveMessages(session, 2, [message("c")]);
    deepEqual(store.load(session).messages, [message("a"), message("b"), message("c")]);
    store.saveMessages(session, 1, [message("B")]);
    deepEqual(store.load(session).messages, [message("a"), message("B")]);
    throws(() => store.saveMessages(session, 3, []), /Cannot save messages from 3: the history has 2/);
  }));

Deno.test("create() gives ascending ids, also within one second", () =>
  withStore(async ({ folder }) => {
    const store = await openStore({ folder, now: () => 1_700_000_000_000, sync: "off" });
    const ids = Array.from({ length: 36 }, () => store.create({ cwd: "/a", model: "m" }));
    deepEqual(ids, [...new Set(ids)].sort());
    equal(ids[0]?.length, 7);
    throws(() => store.create({ cwd: "/a", model: "m" }), RangeError);
    store.close();
  }));

Deno.test("find() takes an id, a unique beginning, or the last of a folder", () =>
  withStore(async ({ folder }) => {
    let now = 1_700_000_000_000;
    const store = await openStore({ folder, now: () => now, sync: "off" });
    const first = store.create({ cwd: "/a", model: "m" });
    now += 40_000_000_000;
    const second = store.create({ cwd: "/b", model: "m" });
    equal(store.find(first).id, first);
    equal(store.find(second.slice(0, 4)).id, second);
    equal(store.find("last").id, second);
    equal(store.find("last", "/a").id, first);
    throws(() => store.find("last", "/c"), /Cannot find a session of "\/c": there is none yet/);
    throws(() => store.find("zzz%"), /Cannot find session "zzz%": there is none/);
    throws(() => store.find(""), /begin so/);
    deepEqual(store.list({ limit: 2 }).map(({ id }) => id), [second, first]);
    deepEqual(store.list({ cwd: "/a", limit: 9 }).map(({ id }) => id), [first]);
    store.close();
  }));

Deno.test("results() keeps long texts under handles that survive, each session its own", () =>
  withStore(({ store, session }) => {
    const results = store.results(session);
    const text = "ä\n".repeat(100_000);
    throws(() => results.get("result:1"), /no result is kept in this session/);
    equal(results.keep(text), "result:1");
    equal(results.keep(""), "result:2");
    equal(store.results(session).get("result:1"), text);
    equal(results.get("result:2"), "");
    throws(() => results.get("result:3"), /kept results are result:1 to result:2/);
    throws(() => results.get("3 OR 1=1"), /Cannot read/);
    equal(store.results(store.create({ cwd: "/", model: "m" })).keep("x"), "result:1");
  }));

Deno.test("openStore() keeps the folder and the file from other users", () =>
  withStore(({ folder }) => {
    equal(statSync(folder).mode & 0o777, 0o700);
    equal(statSync(join(folder, "smallcode.db")).mode & 0o777, 0o600);
  }));

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "smallcode-open-"));
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const damage of ["no database", "cut short", "zeroed schema"]) {
  Deno.test(`openStore() moves a damaged database aside: ${damage}`, () =>
    inFolder(async (folder) => {
      const file = join(folder, "smallcode.db");
      const whole = await openStore({ folder, now: () => 1, sync: "off" });
      whole.create({ cwd: "/", model: "m" });
      whole.close();
      if (damage === "no database") writeFileSync(file, "hello, this is not a database at all".repeat(200));
      if (damage === "cut short") truncateSync(file, 4096);
      if (damage === "zeroed schema") {
        const bytes = Deno.readFileSync(file);
        writeFileSync(file, bytes.fill(0, 100, 4096));
      }
      const store = await openStore({ folder, now: () => 7, sync: "off" });
      equal(store.notices.length, 1);
      match(store.notices[0]!, /it was moved to ".*smallcode\.db\.corrupt-7" and a new one was begun/);
      ok(existsSync(`${file}.corrupt-7`));
      deepEqual(store.list({ limit: 1 }), []);
      store.close();
    }));
}

Deno.test("openStore() refuses a database of a newer smallcode and leaves it as it is", () =>
  inFolder(async (folder) => {
    (await openStore({ folder, now: () => 1, sync: "off" })).close();
    const db = new DatabaseSync(join(folder, "smallcode.db"));
    db.exec("PRAGMA user_version = 99");
    db.close();
    await rejects(openStore({ folder, now: () => 1 }), {
      name: "ConfigError",
      message: /a newer smallcode wrote it \(schema 99, this one knows 3\)/,
    });
    equal(readdirSync(folder).filter((name) => name.includes("corrupt")).length, 0);
  }));

Deno.test("openStore() says which folder cannot be made", async () => {
  await rejects(
    openStore({ folder: "/dev/null/x", now: () => 1 }),
    /Cannot make the data folder "\/dev\/null\/x"/,
  );
});

Deno.test("openStore() lets several open the same new database at once", () =>
  inFolder(async (folder) => {
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => openStore({ folder, now: () => 1_000_000, sync: "off" })),
    );
    const ids = stores.map((store) => store.create({ cwd: "/", model: "m" }));
    equal(new Set(ids).size, 4);
    for (const store of stores) store.close();
  }));
