/** A turn that the local model fails at goes to a stronger tier and comes back: over real servers on this machine. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunResult, SmallCodeOptions } from "./core/api.ts";
import type { Event } from "./core/events.ts";
import {
  type ScriptedOptions,
  type ScriptedReply,
  type ScriptedRequest,
  startScriptedServer,
} from "./core/model/scripted.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import type { Answer, Question } from "./core/types.ts";
import { bundle } from "./main.ts";

const KEY = "sk-or-abcdefghijklmnop1234";
const CALC = `KEY = "${KEY}"\n\n\ndef add(a, b):\n    return a - b\n`;
const TEST =
  "import unittest\nfrom calc import add\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n";
const FILES = { "calc.py": CALC, "test_calc.py": TEST };
const TASK = "fix the failing test";

const call = (name: string, args: Record<string, unknown>): ScriptedReply => ({ calls: [{ name, args }] });
const PATCH = call("patch", { path: "calc.py", search: "a - b", replace: "a + b" });
const DONE = { text: "It is done." };

/** A local model that says it is done and does nothing, until a stronger one has worked. */
const idle = ({ messages }: ScriptedRequest): ScriptedReply =>
  JSON.stringify(messages).includes("A stronger model") ? { text: "The test passes now." } : DONE;

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly local?: ScriptedOptions["replies"];
  readonly strong: ScriptedOptions["replies"];
  /** A third, weakest model on this machine. */
  readonly fast?: ScriptedOptions["replies"];
  readonly strongServer?: Partial<ScriptedOptions>;
  /** Whether the strong server counts as this machine. On Linux, 0.0.0.0 reaches it and is no name of it. */
  readonly isLocal?: boolean;
  /** Another server than the scripted one. */
  readonly strongUrl?: string;
  readonly set?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ask?: ((question: Question) => Answer) | "nobody";
  readonly tasks?: readonly string[];
  readonly options?: SmallCodeOptions;
  /** Each task in an agent of its own, that resumes the session. */
  readonly resumes?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

interface Happened {
  readonly result: RunResult;
  readonly results: readonly RunResult[];
  readonly events: readonly Event[];
  readonly questions: readonly Question[];
  readonly local: readonly ScriptedRequest[];
  readonly strong: readonly ScriptedRequest[];
  readonly calc: string;
  readonly strongHost: string;
}

async function play(given: Given): Promise<Happened> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-escalation-")));
  const project = join(home, "project");
  for (const [path, text] of Object.entries(given.files ?? FILES)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  const local = await startScriptedServer({ replies: given.local ?? idle, model: "small" });
  const strong = await startScriptedServer({
    replies: given.strong,
    model: "big",
    ...given.strongServer,
  });
  const fast = given.fast && await startScriptedServer({ replies: given.fast, model: "tiny" });
  const strongUrl = given.strongUrl ??
    (given.isLocal ? strong.url : strong.url.replace("127.0.0.1", "0.0.0.0"));
  const { PATH = "" } = Deno.env.toObject();
  const env = { PATH, HOME: home, ...given.env };
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env, home }));
  const questions: Question[] = [];
  const events: Event[] = [];
  const answer = given.ask ?? (() => "once");
  const open = (more: SmallCodeOptions) => {
    const agent = new SmallCode({
      cwd: project,
      model: "small",
      baseUrl: local.url,
      mode: "auto",
      set: [
        `models.strong.baseUrl=${strongUrl}`,
        "models.strong.name=big",
        ...(fast ? [`models.fast.baseUrl=${fast.url}`] : []),
        ...given.set ?? [],
      ],
      ...(answer === "nobody" ? {} : {
        ask: (question: Question) => {
          questions.push(question);
          return Promise.resolve(question.kind === "permission" ? "once" : answer(question));
        },
      }),
      ...given.options,
      ...more,
    });
    agent.on("event", (event) => {
      events.push(event);
      given.onEvent?.(event);
    });
    return agent;
  };
  let agent = open({});
  try {
    const results: RunResult[] = [];
    for (const task of given.tasks ?? [TASK]) {
      if (given.resumes && results.length > 0) {
        await agent.close();
        agent = open({ resume: "last" });
      }
      results.push(await agent.run(task, given.signal ? { signal: given.signal } : {}));
    }
    return {
      results,
      result: results.at(-1)!,
      events,
      questions: questions.filter(({ kind }) => kind === "escalation"),
      local: [...local.requests],
      strong: [...strong.requests],
      calc: await readFile(join(project, "calc.py"), "utf8"),
      strongHost: new URL(strongUrl).origin,
    };
  } finally {
    await agent.close();
    await local.close();
    await strong.close();
    await fast?.close();
    await rm(home, { recursive: true, force: true });
  }
}

const answersIn = (events: readonly Event[]) =>
  events.flatMap((event) => event.type === "escalation" ? [event.answer] : []);
const tiersIn = (events: readonly Event[]) =>
  events.flatMap((event) => event.type === "step_start" ? [`${event.tier} ${event.model}`] : []);
/** Every text in a value, at any depth. */
function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
const endOf = (events: readonly Event[]) => events.findLast((event) => event.type === "turn_end");

Deno.test("a stronger model on this machine is asked without a question, and the local model goes on", async () => {
  const { result, events, questions, local, strong, calc } = await play({
    isLocal: true,
    strong: [PATCH, { text: "The sign in add was wrong; I changed it." }],
  });
  assert.equal(calc, CALC.replace("a - b", "a + b"));
  assert.deepEqual([result.outcome, result.text], ["verified", "The test passes now."]);
  assert.deepEqual(questions, []);
  assert.deepEqual(answersIn(events), ["sent"]);
  assert.deepEqual(tiersIn(events), [
    "default small",
    "default small",
    "strong big",
    "strong big",
    "default small",
  ]);
  assert.equal(endOf(events)?.solvedBy, "strong");
  assert.match(
    events.flatMap((event) => event.type === "notice" ? [event.text] : []).join("\n"),
    /big takes over \(on this machine, nothing leaves it; escalation 1 of 5 in this session\): no file was changed/,
  );
  // A context of its own: one message, that says all.
  const [first] = strong;
  assert.deepEqual(first?.messages.map(({ role }) => role), ["system", "user"]);
  const told = String(first?.messages.at(-1)?.content);
  assert.match(told, /Task: fix the failing test\n/);
  assert.match(told, /A smaller model worked on this task and did not finish it: no file was changed\./);
  assert.match(told, /def add\(a, b\)/);
  assert.ok(first?.tools.includes("patch"), String(first?.tools));
  // Back home: the same head as before, and a short account at the end.
  assert.deepEqual(local.at(-1)?.messages.slice(0, 2), local.at(-2)?.messages.slice(0, 2));
  const account = String(local.at(-1)?.messages.at(-1)?.content);
  assert.match(account, /A stronger model \(big\) was asked.*\n- edited calc\.py\n- ran /s);
  assert.match(account, /It ended with: The sign in add was wrong; I changed it\./);
  assert.ok(!JSON.stringify(local.at(-1)?.messages).includes('a - b\\", \\"replace'));
});

Deno.test("what leaves is shown before, whole, and nothing leaves after a no", async () => {
  const { result, events, questions, strong, strongHost, calc } = await play({ strong: [], ask: () => "no" });
  assert.deepEqual([result.outcome, calc, strong.length], ["failed", CALC, 0]);
  assert.deepEqual(answersIn(events), ["asked", "declined"]);
  assert.equal(events.filter(({ type }) => type === "first_look").length, 1, "only the local model's");
  const [question] = questions;
  assert.ok(question?.kind === "escalation");
  assert.equal(question.host, strongHost);
  assert.equal(question.what, `send this task to big at ${strongHost}`);
  assert.equal(endOf(events)?.solvedBy, "none");
});

Deno.test("what leaves is what was shown, without the secrets in it, which stay in the file", async () => {
  const rewrite = ({ messages, index }: ScriptedRequest): ScriptedReply => {
    if (index > 0) return { text: "Rewritten." };
    const shown = /KEY = .*?return a - b\n/s.exec(String(messages.at(-1)?.content))?.[0] ?? "";
    return call("write_file", { path: "calc.py", content: shown.replace("a - b", "a + b") });
  };
  const { result, questions, strong, calc } = await play({ strong: rewrite });
  assert.equal(result.outcome, "verified", result.reason);
  const [question] = questions;
  assert.ok(question?.kind === "escalation");
  // Word for word, in its order, and nothing beside it but numbers, switches and the model's name.
  const { messages, tools, ...rest } = strong[0]?.body as {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly tools: readonly { readonly function: unknown }[];
  };
  assert.ok(tools.length > 0);
  assert.equal(
    question.preview.split("\n").slice(4).join("\n"),
    [
      ...messages.map(({ role, content }) => `--- ${role} ---\n${content}`),
      `--- tools ---\n${tools.map((tool) => JSON.stringify(tool.function)).join("\n")}`,
    ].join("\n"),
  );
  for (const message of messages) assert.deepEqual(Object.keys(message).toSorted(), ["content", "role"]);
  for (const tool of tools) assert.deepEqual(Object.keys(tool).toSorted(), ["function", "type"]);
  assert.deepEqual(stringsIn(rest), ["big"]);
  assert.match(question.preview, /^secrets {2}1 hidden/m);
  assert.ok(!JSON.stringify(strong.map(({ body }) => body)).includes(KEY), "the key was sent");
  assert.match(question.preview, /KEY = "HIDDEN_SECRET_/);
  assert.equal(calc, CALC.replace("a - b", "a + b"));
});

Deno.test("nothing is sent where nobody can be asked, unless the configuration says so", async () => {
  const unasked = await play({ strong: [], ask: "nobody" });
  assert.deepEqual([unasked.strong.length, unasked.result.outcome], [0, "failed"]);
  const told = await play({
    strong: [PATCH, DONE],
    ask: "nobody",
    set: ["escalation.confirm=false", "permissions.allow=python3 -m unittest"],
  });
  assert.deepEqual([told.strong.length, answersIn(told.events)], [2, ["sent"]]);
});

Deno.test("a session asks at most as often as it may, resumes included, and never with 0", async () => {
  const tasks = [TASK, "fix add in calc.py", "fix calc.py"];
  const { strong, events } = await play({
    strong: () => ({ text: "I cannot do it." }),
    set: ["escalation.max_per_session=2"],
    ask: () => "session",
    tasks,
    resumes: true,
  });
  // In each of two turns: an answer, and another after "No file was changed yet".
  assert.equal(answersIn(events).filter((answer) => answer === "sent").length, 2);
  assert.equal(strong.length, 4);
  const never = await play({ strong: [], set: ["escalation.max_per_session=0"] });
  assert.deepEqual([answersIn(never.events), never.result.outcome], [[], "failed"]);
});

Deno.test("an answer for the session is not asked again", async () => {
  const { questions, events } = await play({
    strong: () => ({ text: "I cannot do it." }),
    ask: () => "session",
    tasks: [TASK, "fix add in calc.py"],
  });
  assert.equal(questions.length, 1);
  assert.deepEqual(answersIn(events), ["asked", "sent", "sent"]);
});

Deno.test("calls that cannot be understood are a reason to ask, and no sentence is lost on the way back", async () => {
  const babble = ({ messages }: ScriptedRequest): ScriptedReply =>
    JSON.stringify(messages).includes("A stronger model")
      ? { text: "Done." }
      : { calls: [{ name: "patch", args: '{"path": "calc.py"' }] };
  const { result, events } = await play({ local: babble, strong: [PATCH, DONE], isLocal: true });
  assert.equal(result.outcome, "verified", result.reason);
  const asked = events.find((event) => event.type === "escalation");
  assert.match(asked?.reason ?? "", /could not be understood/);
});

Deno.test("a strong model that breaks things is put back like the local one", async () => {
  const good = CALC.replace("a - b", "a + b");
  const { result, calc } = await play({
    files: { ...FILES, "calc.py": good },
    isLocal: true,
    tasks: ["make add faster"],
    strong: ({ index }) =>
      index === 0 ? call("patch", { path: "calc.py", search: "a + b", replace: "a * b" }) : DONE,
    local: () => DONE,
  });
  assert.deepEqual([result.outcome, calc], ["failed", good]);
  assert.match(result.report, /put back: calc\.py/);
});

Deno.test("a strong server that fails ends its own part only", async () => {
  for (const status of [401, 404, 500]) {
    const { result, local, events } = await play({
      isLocal: true,
      local: () => DONE,
      strong: () => ({ fault: { kind: "status", status, body: { error: { message: "no" } } } }),
    });
    assert.equal(result.outcome, "failed", `${status}`);
    assert.match(
      String(local.at(-1)?.messages.at(-1)?.content),
      /A stronger model \(big\)|No file was changed/,
    );
    assert.equal(endOf(events)?.solvedBy, "none");
  }
});

Deno.test("a turn is cancelled while the strong model works, and the session can go on", async () => {
  const abort = new AbortController();
  let isAway = false;
  const { results } = await play({
    isLocal: true,
    strong: () => ({ text: "thinking hard", fault: { kind: "stall" } }),
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type === "step_start" && event.tier === "strong") isAway = true;
      if (isAway && event.type === "token") abort.abort(new DOMException("test", "AbortError"));
    },
  });
  assert.equal(results[0]?.outcome, "cancelled");
});

Deno.test("a turn that is cancelled while a stronger tier is looked for has not failed", async () => {
  const abort = new AbortController();
  const { result, strong } = await play({
    isLocal: true,
    // Nobody answers there.
    strongUrl: "http://127.0.0.1:1/v1",
    local: () => DONE,
    strong: [],
    signal: abort.signal,
    onEvent: (event) => {
      if (event.type === "verdict" && event.kind === "escalate") {
        abort.abort(new DOMException("test", "AbortError"));
      }
    },
  });
  assert.deepEqual([result.outcome, strong.length], ["cancelled", 0]);
});

Deno.test("a ladder of three on this machine is climbed from the weakest that does not fail too often", async () => {
  const { events, result } = await play({
    isLocal: true,
    fast: idle,
    local: () => DONE,
    strong: ({ index }) => index === 0 ? PATCH : DONE,
    set: ["escalation.adaptive=true"],
  });
  // Each fails and hands the task up; the one that began it goes on.
  assert.deepEqual([...new Set(tiersIn(events))], ["fast tiny", "default small", "strong big"]);
  assert.equal(tiersIn(events).at(-1), "fast tiny");
  assert.deepEqual([result.outcome, endOf(events)?.solvedBy, endOf(events)?.model], [
    "verified",
    "strong",
    "tiny",
  ]);
  assert.deepEqual(result.toolCalls.map(({ name }) => name), ["patch"]);
});

Deno.test("a tier that failed at most of its turns does not begin the next one", async () => {
  const { events } = await play({
    isLocal: true,
    fast: () => DONE,
    local: () => DONE,
    strong: () => DONE,
    set: ["escalation.adaptive=true", "escalation.max_per_session=0"],
    tasks: [TASK, "fix add", "fix calc.py"],
    resumes: true,
  });
  const begun = events.flatMap((event) => event.type === "turn_end" ? [event.model] : []);
  assert.deepEqual(begun, ["tiny", "tiny", "small"]);
});

Deno.test("a check that stays red after every attempt is a reason to ask, and is shown with the plan", async () => {
  const wrong = ({ messages, index }: ScriptedRequest): ScriptedReply => {
    if (JSON.stringify(messages).includes("A stronger model")) return { text: "The test passes." };
    const operator = "*/%&|^"[index] ?? "*";
    const path = "calc.py";
    return index % 2 === 0
      ? call("patch", { path, start_line: 5, end_line: 5, search: "", replace: `    return a ${operator} b` })
      : DONE;
  };
  const { result, events, strong } = await play({
    isLocal: true,
    local: wrong,
    strong: ({ index }) =>
      index === 0
        ? call("patch", {
          path: "calc.py",
          start_line: 5,
          end_line: 5,
          search: "",
          replace: "    return a + b",
        })
        : { text: "Mended." },
  });
  assert.deepEqual([result.outcome, endOf(events)?.solvedBy], ["verified", "strong"], result.reason);
  assert.ok(events.some((event) => event.type === "attempt"), "it tried by itself first");
  const told = String(strong[0]?.messages.at(-1)?.content);
  assert.match(told, /did not finish it: `.*unittest.*` is still red\.\n`.*` ends with exit code 1:\n/);
  assert.match(told, /- edited calc\.py/);
});

/** How each cloud's endpoint differs, as its manual or its users tell. None of them can be reached from a test. */
const CLOUDS: readonly {
  readonly provider: string;
  readonly model: string;
  readonly keyEnv: string;
  readonly replies: (request: ScriptedRequest, step: number) => ScriptedReply;
}[] = [
  {
    // Answers an unknown field with 400; newer models take no max_tokens, and no temperature but their own.
    provider: "openai",
    model: "gpt-5",
    keyEnv: "OPENAI_API_KEY",
    replies: ({ body }, step) => {
      const refuse = (message: string, param: string): ScriptedReply => ({
        fault: {
          kind: "status",
          status: 400,
          body: { error: { message, type: "invalid_request_error", param, code: "unsupported_parameter" } },
        },
      });
      if ("max_tokens" in body) {
        return refuse(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          "max_tokens",
        );
      }
      if ("temperature" in body) {
        return refuse("Unsupported value: 'temperature' does not support 0.5", "temperature");
      }
      return step === 0 ? PATCH : DONE;
    },
  },
  {
    // Says nothing of its cache, and overloaded is status 529.
    provider: "anthropic",
    model: "claude-sonnet-5",
    keyEnv: "ANTHROPIC_API_KEY",
    replies: ({ index }, step) =>
      index === 0
        ? {
          fault: {
            kind: "status",
            status: 529,
            body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
          },
        }
        : step === 0
        ? PATCH
        : DONE,
  },
  {
    // Reasons in a field of its own, and wants it back between the calls of a turn.
    provider: "deepseek",
    model: "deepseek-chat",
    keyEnv: "DEEPSEEK_API_KEY",
    replies: ({ messages }, step) => {
      if (step === 0) return { ...PATCH, reasoning: "The sign is wrong." };
      const back = messages.some((message) => message.reasoning_content === "The sign is wrong.");
      return back ? DONE : {
        fault: { kind: "status", status: 400, body: { error: { message: "Missing reasoning_content" } } },
      };
    },
  },
  {
    // Passes on an upstream's failure inside the stream, with status 200.
    provider: "openrouter",
    model: "qwen/qwen3-coder",
    keyEnv: "OPENROUTER_API_KEY",
    replies: ({ index }, step) =>
      index === 0
        ? { text: "", fault: { kind: "error_in_stream", message: "Provider returned error" } }
        : step === 0
        ? PATCH
        : DONE,
  },
];

for (const { provider, model, keyEnv, replies } of CLOUDS) {
  Deno.test(`a task goes to ${provider}'s endpoint and comes back`, async () => {
    let step = 0;
    const { result, strong, events } = await play({
      set: [`models.strong.provider=${provider}`, `models.strong.name=${model}`],
      strongServer: { model },
      env: { [keyEnv]: "its-own-key-goes-to-its-own-host" },
      strong: (request) => {
        const reply = replies(request, step);
        if (!reply.fault) step++;
        return reply;
      },
    });
    assert.equal(result.outcome, "verified", result.reason);
    assert.equal(endOf(events)?.solvedBy, "cloud");
    // The base URL is not the provider's own host, so its key stays here.
    assert.ok(strong.every(({ headers }) => headers.authorization === undefined));
    assert.ok(!JSON.stringify(strong.map(({ body }) => body)).includes(KEY));
  });
}

Deno.test("a named cloud gets no request at all before a yes", async () => {
  const paths: string[] = [];
  const cloud = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response("no", { status: 500 });
  });
  try {
    const strongUrl = `http://0.0.0.0:${cloud.addr.port}/v1`;
    const set = ["models.strong.provider=anthropic", "models.strong.name=claude-sonnet-5"];
    const { questions, result } = await play({ strong: [], strongUrl, set, ask: () => "no" });
    assert.deepEqual([questions.length, result.outcome, paths], [1, "failed", []]);
  } finally {
    await cloud.shutdown();
  }
});
