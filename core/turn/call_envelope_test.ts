import assert from "node:assert/strict";
import type { AgentDeps } from "./agent_deps.ts";
import { chatInEnvelope, type Envelope, envelopeOf } from "./call_envelope.ts";
import type { EventBody } from "../events.ts";
import { openConstraintTrust } from "../guard/misread.ts";
import { openSeen } from "../guard/seen.ts";
import { ollamaTransport } from "../model/ollama_transport.ts";
import { openaiTransport } from "../model/openai_transport.ts";
import { type ScriptedReply, startScriptedServer } from "../model/scripted.ts";
import { endpointOf, PROFILE, REQUEST } from "../model/_test_setup.ts";
import type { ServerFacts, ServerKind } from "../model/transport.ts";
import { parseReply } from "../parse/parse_reply.ts";
import type { Profile } from "../profile.ts";
import type { ToolSchema, Turn } from "../types.ts";

const tool = (name: string, keys: readonly string[], optional: readonly string[] = []): ToolSchema => ({
  name,
  description: "",
  parameters: {
    type: "object",
    properties: Object.fromEntries([...keys, ...optional].map((key) => [key, { type: "string" }])),
    required: keys,
  },
});
const TOOLS = [
  tool("read_file", ["path"], ["start_line"]),
  tool("write_file", ["path", "content"]),
  tool("patch", ["path", "search", "replace"], ["symbol"]),
];

interface Scene {
  readonly kind: ServerKind;
  readonly replies: readonly ScriptedReply[];
  readonly native?: boolean;
  readonly profile?: Partial<Profile>;
  readonly turn?: Partial<Turn>;
}

/** What each kind of server can, as `connect()` finds it. */
const CAN: Readonly<Record<string, Pick<ServerFacts["can"], "constrain" | "prefill">>> = {
  llamacpp: { constrain: ["json_schema", "grammar"], prefill: true },
  vllm: { constrain: ["json_schema", "grammar"], prefill: true },
  ollama: { constrain: ["json_schema"], prefill: true },
  lmstudio: { constrain: ["json_schema"], prefill: false },
  unknown: { constrain: [], prefill: false },
};

/** One reply in the envelope that is due after three misread calls of `write_file`; what the server was sent and what the reply means. */
async function play({ kind, replies, native = true, profile = {}, turn = {} }: Scene) {
  const server = await startScriptedServer({ replies });
  const baseUrl = kind === "ollama" ? server.url.replace(/\/v1$/, "") : server.url;
  const facts: ServerFacts = {
    kind,
    baseUrl,
    version: "",
    model: "scripted",
    models: [],
    window: 8_192,
    windowSource: "test",
    windowIsLoaded: true,
    can: {
      nativeTools: true,
      countTokens: false,
      prefillProgress: false,
      thinkingSwitch: false,
      constrain: [],
      prefill: false,
      ...CAN[kind],
    },
  };
  const open = kind === "ollama" ? ollamaTransport : openaiTransport;
  const events: EventBody[] = [];
  const deps = {
    transport: open({
      endpoint: endpointOf(baseUrl),
      facts,
      profile: PROFILE,
      pacing: { sleep: () => Promise.resolve(), idleMs: 60_000 },
      now: () => 0,
    }),
    profile: { ...PROFILE, ...profile },
    constraints: openConstraintTrust(),
    world: { seen: openSeen() },
    emit: (event: EventBody) => void events.push(event),
  } as unknown as AgentDeps;
  const misread = { fault: "unreadable", otherDialect: false, step: 3, tool: "write_file" };
  const now = {
    head: { shown: TOOLS.map(({ name }) => name), offered: TOOLS, nativeTools: native ? TOOLS : [] },
    step: 3,
    corrections: { malformed: 3 },
    misread,
    calls: [],
    ledger: { changes: [], commands: [], writes: 0 },
    ...turn,
  } as unknown as Turn;
  const envelope: Envelope = envelopeOf(now, deps);
  let shown = "";
  try {
    const reply = await chatInEnvelope(envelope, { ...REQUEST, tools: native ? TOOLS : [] }, {
      deps,
      signal: new AbortController().signal,
      onPart: (part) => void (shown += part.type === "text" ? part.text : ""),
    });
    const parsed = parseReply(reply, TOOLS);
    const notices = events.flatMap((event) =>
      event.type === "notice" && event.level === "warning" ? [event.text] : []
    );
    return {
      envelope: envelope.kind,
      parsed,
      reply,
      shown,
      notices,
      bodies: server.requests.map(({ body }) => body),
    };
  } finally {
    deps.transport.close();
    await server.close();
  }
}

const HEADER = { text: '{"name": "write_file", "arguments": {"path": "a.py"}}' };
const CODE = 'print("\\n")\n';
const AS_CALL = [{ name: "write_file", args: { path: "a.py", content: CODE } }];

Deno.test("a constrained call is a header by schema and a body as text, on each kind of server", async () => {
  for (const kind of ["llamacpp", "vllm", "ollama"] as const) {
    const { parsed, bodies, reply, shown } = await play({
      kind,
      replies: [HEADER, { text: `\n${CODE}\`\`\`` }],
    });
    assert.deepEqual(parsed.kind === "calls" ? parsed.calls : parsed, AS_CALL, kind);
    const [header, body] = bodies as [Record<string, unknown>, Record<string, unknown>];
    const schema = kind === "ollama" ? header.format : header.response_format;
    assert.match(JSON.stringify(schema), /"enum":\["write_file"\]/, kind);
    assert.equal("grammar" in header || "structured_outputs" in header, false, kind);
    assert.deepEqual([body.format, body.response_format], [undefined, undefined], kind);
    const messages = body.messages as unknown[];
    assert.deepEqual(messages.slice(0, -1), header.messages, kind);
    assert.deepEqual(messages.at(-1), { role: "assistant", content: "write_file a.py\n```" }, kind);
    assert.equal(shown, reply.text, kind);
    assert.ok((reply.earlier?.promptTokens ?? 0) > 0, kind);
  }
  const { parsed, bodies } = await play({
    kind: "lmstudio",
    replies: [HEADER, { text: `Here it is:\n\`\`\`python\n${CODE}\`\`\`` }],
  });
  assert.deepEqual(parsed.kind === "calls" ? parsed.calls : parsed, AS_CALL);
  const messages = bodies[1]?.messages as { content: string }[];
  assert.deepEqual(messages.slice(-2).map(({ content }) => content), [
    "write_file a.py",
    "Now write the whole content of a.py in one fence, and nothing else.",
  ]);
});

Deno.test("a constrained call beside a text dialect is a grammar where there is one, else a header", async () => {
  const grammar = (kind: ServerKind) =>
    play({ kind, native: false, replies: [{ text: `write_file a.py\n\`\`\`\n${CODE}\`\`\`` }] });
  assert.match(String((await grammar("llamacpp")).bodies[0]?.grammar), /^root ::= /);
  assert.match(JSON.stringify((await grammar("vllm")).bodies[0]?.structured_outputs), /root ::= /);
  assert.equal((await grammar("unknown")).envelope, "free");
  const patch = await play({
    kind: "lmstudio",
    native: false,
    replies: [
      { text: '{"name": "patch", "arguments": {"path": "a.py", "symbol": "f"}}' },
      { text: "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE" },
    ],
    turn: { misread: { fault: "unreadable", otherDialect: false, step: 3 } },
  });
  assert.deepEqual(patch.parsed.kind === "calls" ? patch.parsed.calls : patch.parsed, [
    { name: "patch", args: { path: "a.py", search: "x = 1\n", replace: "x = 2\n" } },
  ]);
});

Deno.test("a header without a body is the call, and one that names no tool asks for words", async () => {
  const read = await play({
    kind: "lmstudio",
    replies: [{ text: '{"name": "read_file", "arguments": {"path": "a.py", "start_line": "2"}}' }],
    turn: { misread: { fault: "unreadable", otherDialect: false, step: 3, tool: "read_file" } },
  });
  assert.deepEqual(read.parsed.kind === "calls" ? read.parsed.calls : read.parsed, [
    { name: "read_file", args: { path: "a.py", start_line: "2" } },
  ]);
  assert.equal(read.bodies.length, 1);
  const words = await play({
    kind: "lmstudio",
    profile: { envelope: "constrained" },
    replies: [{ text: '{"name": "answer", "arguments": {}}' }, { text: "It adds." }],
    turn: { corrections: {} },
  });
  assert.deepEqual([words.reply.text, words.parsed.kind, words.bodies.length], ["It adds.", "final", 2]);
  assert.equal(words.bodies[1]?.response_format, undefined);
});

Deno.test("a server that ignores a schema, or refuses it, is noticed and its reply taken as it is", async () => {
  const ignored = await play({ kind: "lmstudio", replies: [{ text: "I will write a.py." }] });
  assert.deepEqual(ignored.notices, ["The server ignored a constraint (json_schema)"]);
  assert.deepEqual([ignored.parsed.kind, ignored.bodies.length], ["final", 1]);
  const refused = await play({
    kind: "lmstudio",
    replies: [
      { fault: { kind: "status", status: 400, body: { error: { message: "bad grammar" } } } },
      { text: "Free." },
    ],
  });
  assert.deepEqual(refused.notices, ["The server refused a constraint (json_schema)"]);
  assert.equal(refused.reply.text, "Free.");
});

Deno.test("a reply is begun only for a change whose file is sure, before anything was tried", async () => {
  const begun = async (
    turn: Partial<Turn>,
    profile: Partial<Profile> = {},
    kind: ServerKind = "llamacpp",
  ) => {
    const { envelope, bodies } = await play({
      kind,
      native: false,
      profile: { dialect: "raw", envelope: "prefill", ...profile },
      replies: [{ text: "\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE" }],
      turn: {
        corrections: {},
        wantsChange: true,
        focus: { path: "a.py", line: "x = 1", isSure: true },
        ...turn,
      },
    });
    return envelope === "prefill" ? (bodies[0]?.messages as { content: string }[]).at(-1)?.content : envelope;
  };
  assert.equal(await begun({}), "patch a.py\n<<<<<<< SEARCH");
  assert.equal(await begun({ wantsChange: false }), "free");
  assert.equal(await begun({ focus: { path: "a.py", line: "", isSure: false } }), "free");
  assert.equal(await begun({ ledger: { changes: [], commands: [], writes: 1 } }), "free");
  assert.equal(await begun({ corrections: { announced: 1 } }), "free");
  assert.equal(await begun({}, { dialect: "json" }), "free");
  assert.equal(await begun({}, {}, "lmstudio"), "free");
});
