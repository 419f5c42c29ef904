/**
 * MCP servers for tests, each a program: `deno run -A _test_server.ts KIND`. Those that mean well are made with the protocol's own library,
 * the others speak it by hand.
 */

import { appendFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
// @ts-types="@modelcontextprotocol/sdk/server/mcp"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
// @ts-types="@modelcontextprotocol/sdk/server/stdio"
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

/** The command line of a server. */
export function serverArgv(kind: string): readonly string[] {
  return [Deno.execPath(), "run", "-A", "--no-prompt", "--quiet", "--no-check", SELF, kind];
}

const SELF = fileURLToPath(import.meta.url);

/** A ticket system. */
export function ticketServer(): McpServer {
  const server = new McpServer({ name: "tickets", version: "1.0.0" });
  const text = (text: string) => ({ content: [{ type: "text" as const, text }] });
  server.registerTool("get_ticket", {
    description: "Read a ticket by its number.\n\nLong explanations follow that no small model needs.",
    inputSchema: { number: z.number().int().min(1).describe("of the ticket, e.g. 7") },
    annotations: { readOnlyHint: true },
  }, ({ number }) => text(`Ticket ${number}: the button is \u001b[31mred\u001b[0m`));
  server.registerTool("addNote", {
    description: "Add a note to a ticket.",
    inputSchema: { number: z.number().int(), note: z.string(), level: z.enum(["low", "high"]).optional() },
  }, ({ number, note, level }) => text(`Noted on ${number} (${level ?? "low"}): ${note}`));
  server.registerTool("fail", { description: "Fails." }, () => ({
    ...text("there is no such ticket"),
    isError: true,
  }));
  server.registerTool("picture", { description: "A picture." }, () => ({
    content: [
      { type: "text", text: "A sketch:" },
      { type: "image", data: "aGVsbG8=".repeat(200), mimeType: "image/png" },
      { type: "resource_link", uri: "file:///sketch.md", name: "sketch" },
      { type: "resource", resource: { uri: "note://1", text: "the note" } },
    ],
  }));
  server.registerTool("write_here", { description: "Writes made.txt." }, async () => {
    await writeFile("made.txt", "made by the server\n");
    return text("written");
  });
  server.registerTool(
    "environment",
    { description: "Names of its variables." },
    () => text(Object.keys(process.env).sort().join(" ")),
  );
  server.registerTool(
    "long",
    { description: "A long text." },
    () => text("line of a long text\n".repeat(2_000)),
  );
  server.registerTool("sleep", { description: "Never answers." }, () => new Promise(() => {}));
  server.registerTool("die", { description: "Ends the server." }, () => {
    process.stderr.write("fatal: out of tickets\n");
    process.exit(3);
  });
  return server;
}

/** Sixty tools, each with a schema of some length. */
function manyTools(): McpServer {
  const server = new McpServer({ name: "many", version: "1.0.0" });
  for (let i = 1; i <= 60; i++) {
    server.registerTool(`operation_number_${i}`, {
      description: `Does the operation ${i} on an object of the warehouse, and gives its new state as text. `
        .repeat(3),
      inputSchema: {
        object: z.string().describe("identifier of the object in the warehouse ".repeat(3)),
        amount: z.number().optional(),
        options: z.object({ force: z.boolean(), reason: z.string() }).optional(),
      },
    }, ({ object }) => ({ content: [{ type: "text", text: `${i} done on ${object}` }] }));
  }
  return server;
}

type Send = (message: unknown) => void;
type Request = { readonly id?: number; readonly method: string; readonly params?: Record<string, unknown> };

/** By hand: `answer` is asked what comes after the greeting. */
function byHand(answer: (request: Request, send: Send) => void): void {
  const send: Send = (message) =>
    void process.stdout.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
  createInterface({ input: process.stdin }).on("line", (line) => {
    const request = JSON.parse(line) as Request;
    if (request.method !== "initialize") return answer(request, send);
    const result = {
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "x", version: "1" },
    };
    send({ jsonrpc: "2.0", id: request.id, result });
  });
}

const TOOL = { name: "go", description: "Goes.", inputSchema: { type: "object" } };

const lists = (tools: readonly unknown[]) => ({ id, method }: Request, send: Send) => {
  if (method === "tools/list") send({ jsonrpc: "2.0", id, result: { tools } });
};

/** Lists one tool; `called` is what a call of it does. */
const withTool = (called: (request: Request, send: Send) => void) => (request: Request, send: Send) =>
  request.method === "tools/call" ? called(request, send) : lists([TOOL])(request, send);

const KINDS: Readonly<Record<string, () => void | Promise<void>>> = {
  tickets: () => ticketServer().connect(new StdioServerTransport()),
  many: () => manyTools().connect(new StdioServerTransport()),
  /** Ends the first time that it is called, and says so in a file; works after that. */
  dies_once: () =>
    byHand(withTool(({ id }, send) => {
      if (process.env.MARK === undefined) process.exit(1);
      void appendFile(process.env.MARK, "x").then(async () => {
        const { readFile } = await import("node:fs/promises");
        if ((await readFile(process.env.MARK!, "utf8")).length === 1) process.exit(4);
        send({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "works now" }] } });
      });
    })),
  dies: () => byHand(withTool(() => process.exit(5))),
  dies_at_start: () => {
    process.stderr.write("\u001b[31mnpm error\u001b[0m 404 no such package\n");
    process.exit(1);
  },
  mute: () => void createInterface({ input: process.stdin }).on("line", () => {}),
  greets: () => {
    process.stdout.write("Welcome to the greatest server!\nlistening on stdio\n");
    byHand(withTool(({ id }, send) => send({ jsonrpc: "2.0", id, result: { content: [] } })));
  },
  garbage: () =>
    byHand(withTool((_, send) => {
      for (let i = 0; i < 1_000; i++) send("this is not MCP");
    })),
  endless_line: () =>
    byHand(withTool(() => {
      const more = () => void process.stdout.write("x".repeat(1_000_000), more);
      more();
    })),
  notifies: () =>
    byHand(withTool((_, send) => {
      const params = { level: "info", data: "spam" };
      setInterval(() => {
        for (let i = 0; i < 500; i++) send({ jsonrpc: "2.0", method: "notifications/message", params });
      }, 1);
    })),
  asks: () =>
    byHand(withTool((_, send) => {
      let id = 1_000;
      setInterval(() => {
        for (let i = 0; i < 500; i++) send({ jsonrpc: "2.0", id: id++, method: "ping" });
      }, 1);
    })),
  wrong_result: () =>
    byHand(withTool(({ id }, send) => send({ jsonrpc: "2.0", id, result: { content: "not a list" } }))),
  error: () =>
    byHand(
      withTool(({ id }, send) =>
        send({ jsonrpc: "2.0", id, error: { code: -32602, message: "Invalid \u001b[2Jarguments\nfor go" } })
      ),
    ),
  deep: () =>
    byHand(withTool(({ id }, send) =>
      send(
        `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":${"[".repeat(200_000)}${
          "]".repeat(200_000)
        }}}`,
      )
    )),
  endless_pages: () =>
    byHand(({ id, method, params }, send) => {
      if (method !== "tools/list") return;
      const cursor = Number(params?.cursor ?? 0) + 1;
      const tools = Array.from({ length: 40 }, (_, i) => ({ ...TOOL, name: `t${cursor}_${i}` }));
      send({ jsonrpc: "2.0", id, result: { tools, nextCursor: String(cursor) } });
    }),
  bad_tools: () =>
    byHand(lists([
      null,
      { description: "no name" },
      { name: "needs space", inputSchema: { type: "object", properties: { "a b": {} }, required: ["a b"] } },
      { name: "mcp", inputSchema: "none" },
      { ...TOOL, name: "Größe/ändern" },
      { ...TOOL, name: "x".repeat(100) },
      { ...TOOL, name: "go" },
      { ...TOOL, name: "GO" },
      {
        ...TOOL,
        name: "circle",
        inputSchema: {
          type: "object",
          properties: { node: { $ref: "#/$defs/node" }, text: { type: "string", pattern: "(a+)+$" } },
          $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
        },
        outputSchema: { type: "object", properties: { a: { type: "string", pattern: "(a+)+$(" } } },
      },
    ])),
  /** Says which process it is, and ends with its input, as most do. */
  marked: async () => {
    await writeFile(process.env.MARK ?? "", String(process.pid));
    await ticketServer().connect(new StdioServerTransport());
  },
  /** Does not end when its input does, nor when it is asked to. */
  stubborn: async () => {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1_000);
    if (process.env.MARK !== undefined) await writeFile(process.env.MARK, String(process.pid));
    byHand(lists([TOOL]));
  },
};

if (import.meta.main) await KINDS[process.argv[2] ?? ""]?.();
