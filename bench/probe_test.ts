import assert from "node:assert/strict";
import { type ScriptedReply, type ScriptedRequest, startScriptedServer } from "../core/model/scripted.ts";
import { formatCall } from "../core/parse/dialect.ts";
import type { DialectName } from "../core/profile.ts";
import { bundle } from "../main.ts";
import { benchCommand } from "./command.ts";
import { withFolder } from "./_test_setup.ts";
import type { Probed } from "./probe.ts";

const FIXED = "return sum(price * amount for _, price, amount in self.items)";
const CALLS: readonly (readonly [RegExp, { name: string; args: Record<string, unknown> }])[] = [
  [/Create hello\.py/, {
    name: "write_file",
    args: { path: "hello.py", content: 'print("Hello, world!")\n' },
  }],
  [/ignores the amount/, {
    name: "patch",
    args: { path: "cart.py", search: "return sum(price for _, price, amount in self.items)", replace: FIXED },
  }],
  [/step_17/, {
    name: "patch",
    args: { path: "steps.py", search: "    return x + 17", replace: "    return x * (17" },
  }],
];

/** A model that calls as it is asked to, goes on where its reply was begun, and thanks for thanks. */
function answer({ body, messages }: ScriptedRequest): ScriptedReply {
  const text = messages.map(({ content }) => content).join("\n");
  const system = String(messages[0]?.content);
  const call = CALLS.find(([task]) => task.test(text))?.[1];
  if (!call) return { text: "You are welcome." };
  if (body.tools !== undefined) return { calls: [call] };
  const dialect: DialectName = /<tool_call>/.test(system)
    ? "hermes"
    : /a line of their own/.test(system)
    ? "raw"
    : "json";
  const written = formatCall(dialect, call);
  const begun = messages.at(-1)?.role === "assistant" ? String(messages.at(-1)?.content) : "";
  return { text: written.startsWith(begun) ? written.slice(begun.length) : written };
}

Deno.test("benchCommand() probes every way to ask for calls: native, as text, constrained, begun", () =>
  withFolder(async (folder) => {
    const server = await startScriptedServer({ replies: answer, model: "qwen3:8b" });
    try {
      const probe = async (...argv: readonly string[]) => {
        let [out, err] = ["", ""];
        const code = await benchCommand(["probe", "--base-url", server.url, ...argv], {
          version: "0",
          cwd: folder,
          home: folder,
          env: { PATH: Deno.env.get("PATH") ?? "" },
          assets: bundle().assets,
          out: (text) => out += text,
          err: (text) => err += text,
          stdoutIsTerminal: false,
          columns: 80,
          signal: new AbortController().signal,
        });
        return { code, out, err };
      };
      const ways = "native,json,hermes,raw,constrained,prefill";
      const only = "create-file,fix-named-file,in-a-long-file,chat,after-failed-patch";
      const { code, out } = await probe("--dialect", ways, "--only", only, "--json");
      assert.equal(code, 0);
      const probed = out.trim().split("\n").map((line) => JSON.parse(line) as Probed);
      const told = Map.groupBy(probed, ({ dialect }) => dialect);
      assert.deepEqual([...told.keys()], ways.split(","));
      for (const [way, list] of told) {
        const rows = list.map((one) => [one.situation, one.understood, one.right, one.intact, one.corrupted]);
        assert.deepEqual(rows, [
          ["create-file", true, true, true, false],
          ["fix-named-file", true, true, true, false],
          ["in-a-long-file", true, true, false, true],
          ["chat", true, true, null, null],
          ["after-failed-patch", true, true, true, false],
        ], way);
      }
      assert.ok(probed.every(({ promptTokens }) => promptTokens > 0));
      const grammars = server.requests.filter(({ body }) => "grammar" in body);
      assert.equal(grammars.length, 4); // thanks need no tools
      assert.match(String(grammars[0]?.body.grammar), / \| answer$/m);
      const begun = server.requests.map(({ messages }) => messages.at(-1)).filter((one) =>
        one?.role === "assistant"
      );
      assert.deepEqual(begun.map((one) => one?.content), [
        // The history's own patch begins so too; the reply after it is free.
        "patch cart.py\n<<<<<<< SEARCH",
        "patch steps.py\n<<<<<<< SEARCH",
      ]);

      const table = await probe("--dialect", "raw", "--only", "create-file,in-a-long-file", "--n", "2");
      assert.match(
        table.out,
        /^### dialect raw: understood 4\/4, right 4\/4, code intact 2\/4, corrupted 2\/4$/m,
      );
      assert.match(table.out, /^\| in-a-long-file \| 2\/2 \| 2\/2 \| 0\/2 \| 2\/2 \| \d+ \| \d+ \|$/m);
      const worth = await probe("--only", "fix-named-file,course-breaks-syntax", "--off", "syntax_gate");
      assert.match(worth.out, /^### dialect profile, without syntax_gate: understood 2\/2/m);
      assert.match(
        worth.out,
        /^\| worth of syntax_gate, 2 pairs .*\n.*\n\| won:lost \| 0:0 \(p = 1\.000\) \| 0:0 \(p = 1\.000\) \| 1:0 \(p = 1\.000\) \|$/m,
      );
      const noPart = await probe("--off", "luck");
      assert.deepEqual([noPart.code, /Unknown part "luck"/.test(noPart.err)], [2, true]);
      const unknown = await probe("--dialect", "morse");
      assert.deepEqual([unknown.code, /constrained, prefill/.test(unknown.err)], [2, true]);
    } finally {
      await server.close();
    }
  }));
