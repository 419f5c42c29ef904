import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { McpServer } from "../config/config.ts";
import { ToolError } from "../errors.ts";
import { testServer, testWorld } from "./_test_world.ts";
import { type Connection, openConnection } from "./connection.ts";
import { resultText } from "./result_text.ts";

const NEVER = new AbortController().signal;

/** A server that has started, with the names of its tools. */
async function started(server: McpServer) {
  const place = await testWorld();
  const connection = openConnection(server, place.world);
  const tools = await connection.open(NEVER);
  return {
    ...place,
    connection,
    names: tools.map((tool) => (tool as { name: string } | null)?.name),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function call(connection: Connection, tool: string, args = {}): Promise<string> {
  return resultText(await connection.call(tool, args, NEVER));
}

/** The message of the error that a call ends with. */
async function refusal(connection: Connection, tool = "go"): Promise<string> {
  const error: unknown = await connection.call(tool, {}, NEVER).catch((error) => error);
  assert.ok(error instanceof ToolError, String(error));
  return error.message;
}

Deno.test("openConnection() lists the tools of a program, calls them, and gives it no key of ours", async () => {
  await using place = await started(testServer("tickets", { env: { TICKETS: "own" } }));
  assert.deepEqual(place.names.slice(0, 3), ["get_ticket", "addNote", "fail"]);
  assert.match(await call(place.connection, "get_ticket", { number: 7 }), /^Ticket 7: the button is red$/);
  const variables = (await call(place.connection, "environment")).split(" ");
  assert.ok(variables.includes("PLAIN") && variables.includes("TICKETS"));
  assert.ok(!variables.includes("OPENAI_API_KEY"));
  assert.deepEqual(place.told(), ["started: 9 tools"]);
});

Deno.test("openConnection() says why a program does not start, and leaves nothing of it behind", async () => {
  await using place = await testWorld();
  const why = async (server: McpServer) => {
    const connection = openConnection(server, place.world);
    const error: unknown = await connection.open(NEVER).catch((error) => error);
    await connection.close();
    assert.ok(error instanceof ToolError, String(error));
    return error.message.replace(/^MCP server Tickets did not start: /, "");
  };
  const missing = { kind: "command", argv: ["no-such-program"], env: {}, isSandboxed: true } as const;
  assert.match(await why(testServer("", { way: missing })), /^Cannot start "no-such-program": /);
  assert.equal(
    await why(testServer("dies_at_start")),
    "it ended with exit code 1: npm error 404 no such package",
  );
  assert.equal(await why(testServer("mute", { timeoutMs: 1_000 })), "no answer within 1 s");
  assert.deepEqual(place.told().map((line) => line.split(":")[0]), ["failed", "failed", "failed"]);
});

Deno.test("a server that ends during a call is started once more, and is off when it ends again", async () => {
  await using place = await started(testServer("dies"));
  const first = await refusal(place.connection);
  assert.equal(
    first,
    "MCP server Tickets was lost during the call: it ended with exit code 5. It is started again with the next call: look what this one did before you repeat it",
  );
  assert.match(await refusal(place.connection), /it ended with exit code 5\. It is off now: do the task/);
  assert.match(await refusal(place.connection), /is off for this session/);
  assert.equal(place.connection.isUsable(), false);
  assert.deepEqual(place.told(), [
    "started: 1 tool",
    "stopped: it ended with exit code 5",
    "started: 1 tool",
    "stopped: it ended with exit code 5",
  ]);
});

Deno.test("a server that works again after its end is as good as before", async () => {
  await using place = await testWorld();
  const server = testServer("dies_once", { env: { MARK: join(place.root, "mark") } });
  const connection = openConnection(server, place.world);
  await connection.open(NEVER);
  assert.match(await refusal(connection), /exit code 4/);
  for (let i = 0; i < 3; i++) assert.equal(await call(connection, "go"), "works now");
  assert.equal(connection.isUsable(), true);
  await connection.close();
});

/** What the server does, the kind of it, and what is said. */
const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  ["prints what is no message", "garbage", /was lost during the call: it sends what is not MCP\./],
  ["sends a line without end", "endless_line", /was lost during the call: it sent a message without end\./],
  ["floods with notifications", "notifies", /was lost during the call: it sent more than can be read\./],
  ["floods with requests", "asks", /was lost during the call: it sent more than can be read\./],
  ["answers with a wrong result", "wrong_result", /^MCP server Tickets: its answer is not MCP$/],
  ["answers with an error", "error", /^MCP server Tickets: Invalid arguments for go$/],
];
for (const [what, kind, message] of HOSTILE) {
  Deno.test(`a server that ${what} is bounded and named`, async () => {
    await using place = await started(testServer(kind));
    assert.match(await refusal(place.connection), message);
  });
}

Deno.test("a greeting on standard output and a structure without bottom do no harm", async () => {
  {
    await using place = await started(testServer("greets"));
    assert.equal(await call(place.connection, "go"), "");
  }
  await using place = await started(testServer("deep"));
  assert.equal(await call(place.connection, "go"), "[a structure that is nested too deep]");
});

Deno.test("a call that takes too long, or is given up, ends; the server goes on", async () => {
  let timeoutMs = 20_000; // a start may take its time
  const server = {
    ...testServer("tickets"),
    get timeoutMs() {
      return timeoutMs;
    },
  };
  await using place = await started(server);
  timeoutMs = 1_000;
  assert.equal(
    await refusal(place.connection, "sleep"),
    "MCP server Tickets gave no answer within 1 s. What the call did is not known",
  );
  timeoutMs = 20_000;
  const abort = new AbortController();
  const given = place.connection.call("sleep", {}, abort.signal);
  abort.abort(new DOMException("Cancelled", "AbortError"));
  await assert.rejects(given, { name: "AbortError" });
  assert.match(await call(place.connection, "get_ticket", { number: 1 }), /Ticket 1/);
});

Deno.test("a list of tools without end is cut off", async () => {
  await using place = await started(testServer("endless_pages"));
  assert.equal(place.names.length, 100);
});

Deno.test("close() ends a program that will not end", async () => {
  await using place = await testWorld();
  const mark = join(place.root, "pid");
  const connection = openConnection(testServer("stubborn", { env: { MARK: mark } }), place.world);
  await connection.open(NEVER).catch(() => {});
  const pid = Number(await readFile(mark, "utf8"));
  process.kill(pid, 0);
  await connection.close();
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});
