/** The contract in the loop, on a scripted server and with real commands. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../main.ts";
import type { SmallCodeOptions } from "../api.ts";
import { holdToContract } from "./check_contract.ts";
import { openConversation } from "../session/conversation.ts";
import type { Event } from "../events.ts";
import { type ScriptedReply, startScriptedServer } from "../model/scripted.ts";
import { addItem, readAssertion } from "../plan/contract.ts";
import type { Answer, Mode } from "../types.ts";

interface Given {
  readonly user?: readonly string[];
  readonly replies: readonly ScriptedReply[];
  readonly tasks?: readonly string[];
  readonly options?: SmallCodeOptions;
  /** Opens the session a second time before the last task. */
  readonly resumes?: boolean;
}

async function play(given: Given) {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-contract-")));
  const cwd = join(home, "project");
  await mkdir(cwd);
  const server = await startScriptedServer({ replies: given.replies });
  const { PATH = "" } = Deno.env.toObject();
  const events: Event[] = [];
  const { signal } = new AbortController();
  const open = (resume?: string) =>
    openConversation({
      options: {
        cwd,
        model: "scripted",
        baseUrl: server.url,
        ask: () => Promise.resolve<Answer>("once"),
        ...given.options,
        ...(resume === undefined ? {} : { resume }),
      },
      bundle: { ...bundle(), env: { PATH, HOME: home }, home },
      publish: (event) => void events.push(event),
      mode: () => (given.options?.mode ?? "auto") as Mode,
      signal,
    });
  let conversation = await open();
  try {
    for (const text of given.user ?? []) {
      conversation.setContract(addItem(conversation.contract(), readAssertion(text), "user"));
    }
    const results = [];
    for (const task of given.tasks ?? ["create a.txt"]) {
      if (given.resumes && results.length > 0) {
        await conversation.close();
        conversation = await open(conversation.id);
      }
      results.push(await conversation.runTurn(task, signal));
    }
    return {
      results,
      result: results.at(-1)!,
      events,
      requests: server.requests,
      contract: conversation.contract(),
    };
  } finally {
    await conversation.close();
    await server.close();
    await rm(home, { recursive: true, force: true });
  }
}

const write = (path: string, content = "text\n"): ScriptedReply => ({
  calls: [{ name: "write_file", args: { path, content } }],
});
const bash = (command: string): ScriptedReply => ({ calls: [{ name: "bash", args: { command } }] });
const use = (tool: string, args: Record<string, unknown>): ScriptedReply => ({
  calls: [{ name: "use", args: { tool, args } }],
});
const DONE = { text: "Done." };

Deno.test("a turn whose contract holds is verified by its command", async () => {
  const { result, contract } = await play({
    user: ["command: test -f a.txt", "file: a.txt contains text", "file: b.txt is gone"],
    replies: [write("a.txt"), DONE],
  });
  assert.deepEqual([result.outcome, result.reason], [
    "verified",
    "`test -f a.txt` passed after the last change",
  ]);
  assert.deepEqual(contract.map(({ state }) => state), ["passed", "passed", "passed"]);
  assert.match(result.report, /2\. passed {2}a\.txt contains "text"/);
});

Deno.test("a failed assertion sends the model back with why, and never ends as verified", async () => {
  const { result, requests } = await play({
    user: ["command: test -f a.txt", "file: a.txt contains Usage"],
    replies: [write("a.txt"), DONE, { text: "It is done." }, { text: "Really." }],
  });
  const said = requests.map(({ messages }) => String(messages.at(-1)?.content));
  assert.equal(
    said[2],
    'Not done: these checks were agreed and fail.\n- a.txt contains "Usage": it does not\nReply with one tool call that mends the first.',
  );
  assert.deepEqual([requests.length, result.outcome], [4, "unverified"]);
  assert.match(result.reason, /a\.txt contains "Usage" \(failed\)/);
});

Deno.test("a write makes what passed pending again, and it is checked anew", async () => {
  const { result, contract } = await play({
    user: ["command: grep -q good a.txt"],
    replies: [
      write("a.txt", "good\n"),
      use("contract_check", {}),
      bash("echo bad > a.txt"),
      DONE,
      DONE,
      DONE,
    ],
  });
  assert.deepEqual(contract.map(({ state }) => state), ["failed"]);
  assert.notEqual(result.outcome, "verified");
});

Deno.test("a command that may not run leaves its assertion pending and the turn unverified", async () => {
  const { result, contract, events } = await play({
    user: ["command: test -f a.txt"],
    replies: [write("a.txt"), DONE],
    options: { mode: "edits", ask: () => Promise.resolve<Answer>("no"), set: ["permissions.deny=test"] },
  });
  assert.deepEqual(contract.map(({ state, detail }) => [state, detail]), [[
    "pending",
    "it was not permitted",
  ]]);
  assert.ok(events.some((event) => event.type === "permission" && event.answer === "denied"));
  assert.equal(result.outcome, "unverified");
});

Deno.test("the model states and checks assertions, but cannot verify itself or touch the user's", async () => {
  const { result, contract, requests } = await play({
    user: ["file: a.txt"],
    replies: [
      write("a.txt"),
      use("contract_create", { command: "true" }),
      use("contract_create", { file: "a.txt", contains: "no", lacks: "zzz" }),
      use("contract_create", { remove: 1 }),
      use("contract_create", { remove: 3 }),
      use("contract_check", {}),
      use("contract_status", {}),
      DONE,
    ],
  });
  const said = requests.map(({ messages }) => String(messages.at(-1)?.content));
  assert.match(said[4] ?? "", /Check 1 is the user's/);
  assert.match(said[6] ?? "", /All pass\.$/);
  assert.match(said[7] ?? "", /^1\. passed {2}a\.txt exists/);
  assert.deepEqual(contract.map(({ id, by, state }) => [id, by, state]), [
    [1, "user", "passed"],
    [2, "model", "passed"],
    [4, "model", "passed"],
  ]);
  assert.deepEqual([result.outcome, result.reason], ["unverified", "no check ran after the last change"]);
});

Deno.test("the contract stays with the session, pending until it is checked, and asks nothing of an answer", async () => {
  const { results, contract, requests } = await play({
    user: ["command: test -f b.txt"],
    resumes: true,
    tasks: ["create b.txt", "what is in b.txt?", "create c.txt"],
    replies: [write("b.txt"), DONE, { text: "text" }, write("c.txt"), DONE],
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["verified", "answered", "verified"]);
  assert.deepEqual([contract.length, requests.length], [1, 5]);
});

Deno.test("holdToContract() leaves every verdict but an end as it is", () => {
  const verdict = { kind: "stop" as const, reason: "x" };
  assert.equal(holdToContract(verdict, {} as never, {} as never), verdict);
});
