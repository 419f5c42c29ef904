import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/server/webStandardStreamableHttp"
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { ToolError } from "../errors.ts";
import { ticketServer } from "./_test_server.ts";
import { testServer, testWorld } from "./_test_world.ts";
import { openConnection } from "./connection.ts";
import { guardFetch } from "./guarded_fetch.ts";
import { resultText } from "./result_text.ts";
import { openServers } from "./servers.ts";

const NEVER = new AbortController().signal;

/** Serves `handle` on this machine; gives its address, and what was asked for. */
function serve(handle: (request: Request) => Response | Promise<Response>) {
  const asked: { method: string; path: string; key: string | null }[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname;
    asked.push({ method: request.method, path, key: request.headers.get("authorization") });
    return handle(request);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/mcp`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function connect(url: string, world: Parameters<typeof openConnection>[1], apiKey?: string) {
  const way = { kind: "url", url, ...(apiKey ? { apiKey, apiKeyEnv: "TICKETS_KEY" } : {}) } as const;
  return openConnection(testServer("", { way, timeoutMs: 3_000 }), world);
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((error) => error);
  assert.ok(error instanceof ToolError, String(error));
  return error.message;
}

Deno.test("openConnection() reaches a server by URL with its key, and says goodbye", async () => {
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => "session" });
  await ticketServer().connect(transport);
  await using server = serve((request) => transport.handleRequest(request));
  await using place = await testWorld();
  const connection = connect(server.url, place.world, "key-of-tickets");
  assert.equal((await connection.open(NEVER)).length, 9);
  const result = await connection.call("get_ticket", { number: 7 }, NEVER);
  assert.equal(resultText(result), "Ticket 7: the button is red");
  await connection.close();
  assert.deepEqual(new Set(server.asked.map(({ key }) => key)), new Set(["Bearer key-of-tickets"]));
  // Nothing is kept open by which it could send what it was not asked for.
  assert.deepEqual(new Set(server.asked.map(({ method }) => method)), new Set(["POST", "DELETE"]));
});

Deno.test("a call that goes to a URL is asked for by its host", async () => {
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => "session" });
  await ticketServer().connect(transport);
  await using server = serve((request) => transport.handleRequest(request));
  await using place = await testWorld();
  const opened = await openServers({
    servers: [testServer("", { way: { kind: "url", url: server.url } })],
    world: place.world,
    taken: [],
    permit: () => Promise.reject(new Error("nothing is started")),
  }, NEVER);
  const tool = opened.tools[0];
  const { origin } = new URL(server.url);
  assert.deepEqual(tool?.request({}), {
    effect: "network",
    what: `call get_ticket of MCP server Tickets at ${origin}`,
  });
  assert.equal(tool?.effect, "network");
  await opened.close();
});

Deno.test("openConnection() follows no redirect to another host, and takes no key there", async () => {
  await using other = serve(() => new Response("{}"));
  await using server = serve(() => Response.redirect(other.url, 307));
  await using place = await testWorld();
  const message = await refusal(connect(server.url, place.world, "key-of-tickets").open(NEVER));
  assert.match(message, /^MCP server Tickets did not start: status 307/);
  assert.deepEqual(other.asked, []);
});

Deno.test("openConnection() says what is wrong with a server that is reached by URL", async () => {
  await using place = await testWorld();
  const cases: readonly (readonly [() => Response, RegExp])[] = [
    [() => new Response("no", { status: 401 }), /status 401: it wants another key \(apiKeyEnv\)$/],
    [() => new Response("\u001b[31mbroken\u001b[0m", { status: 500 }), /status 500: .*broken$/],
    [() => new Response("<html>", { headers: { "content-type": "text/html" } }), /Unexpected content type/],
    [() => new Response("{", { headers: { "content-type": "application/json" } }), /did not start: /],
    [() => new Response(endless(), { headers: { "content-type": "application/json" } }), /too long/],
    [() => new Response(null, { status: 202 }), /no answer within 3 s$/],
  ];
  for (const [answer, message] of cases) {
    await using server = serve(answer);
    assert.match(await refusal(connect(server.url, place.world).open(NEVER)), message);
  }
  const gone = connect("http://127.0.0.1:1/mcp", place.world);
  assert.match(await refusal(gone.open(NEVER)), /^MCP server Tickets did not start: /);
});

Deno.test("a server that is reached by URL may come back", async () => {
  let isUp = true;
  const open = async () => {
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => "session" });
    await ticketServer().connect(transport);
    return transport;
  };
  let transport = await open();
  await using server = serve((request) =>
    isUp ? transport.handleRequest(request) : new Response("gone", { status: 404 })
  );
  await using place = await testWorld();
  const connection = connect(server.url, place.world);
  await connection.open(NEVER);
  isUp = false;
  for (let i = 0; i < 3; i++) {
    assert.match(await refusal(connection.call("get_ticket", { number: 1 }, NEVER)), /status 404/);
  }
  [isUp, transport] = [true, await open()];
  assert.match(resultText(await connection.call("get_ticket", { number: 1 }, NEVER)), /Ticket 1/);
  await connection.close();
});

Deno.test("guardFetch() asks no other scheme, host or port", async () => {
  const fetch = guardFetch({ url: "http://127.0.0.1:9/mcp", apiKey: "key" });
  for (const url of ["https://127.0.0.1:9/mcp", "http://127.0.0.1:10/mcp", "http://localhost:9/mcp"]) {
    await assert.rejects(fetch(url, { method: "POST" }), /only http:\/\/127\.0\.0\.1:9 is asked/);
  }
});

function endless(): ReadableStream<Uint8Array> {
  const chunk = new Uint8Array(1_000_000).fill(32);
  return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
}
