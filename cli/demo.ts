/**
 * `smallcode demo`: a small broken project is repaired in a temporary folder by a scripted model, through the real loop, the real tools and a
 * real local HTTP server. What a newcomer runs first, with no model at hand.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ScriptedReply, startScriptedServer } from "../core/model/scripted.ts";
import { openTranscript } from "./transcript.ts";
import type { World } from "./world.ts";

const TASK = "The test in test_cart.sh fails. Fix cart.sh so that it passes.";

const PROJECT: Readonly<Record<string, string>> = {
  "cart.sh": `#!/bin/sh
# Prints the price of a cart: unit price times count, less a discount in percent.
total() {
  price=$1; count=$2; discount=$3
  echo $((price * count - discount))
}
total "$@"
`,
  "test_cart.sh": `#!/bin/sh
# 2 things at 100, 10 percent off: 180
got=$(sh cart.sh 100 2 10)
if [ "$got" = 180 ]; then echo "ok"; else echo "FAIL: expected 180, got $got"; exit 1; fi
`,
};

/** Read, edit a wrong way first, see the test fail, mend it, see it pass: what a small model does when it is checked. */
const SCRIPT: readonly ScriptedReply[] = [
  { calls: [{ name: "bash", args: { command: "sh test_cart.sh" } }] },
  { calls: [{ name: "read_file", args: { path: "cart.sh" } }] },
  {
    calls: [{
      name: "patch",
      args: {
        path: "cart.sh",
        search: "  echo $((price * count - discount))",
        replace: "  echo $((price * count * (100 - discount) / 100))",
      },
    }],
  },
  { calls: [{ name: "bash", args: { command: "sh test_cart.sh" } }] },
  {
    text:
      "The discount was taken off as an amount; cart.sh now takes it as a percentage, and test_cart.sh passes.",
  },
];

/** Runs the demo; exit code 0 when the project was really repaired. */
export async function demoCommand(world: World): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-demo-"));
  const server = await startScriptedServer({ replies: SCRIPT, model: "scripted-demo-model", window: 8192 });
  try {
    const project = join(folder, "project");
    for (const [path, text] of Object.entries(PROJECT)) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
    world.out(
      `A scripted model (no intelligence, fixed replies) repairs a small project in ${project}\n> ${TASK}\n\n`,
    );
    const agent = world.newAgent({
      cwd: project,
      model: "scripted-demo-model",
      baseUrl: server.url,
      yes: true,
      ask: () => Promise.resolve("once"),
      dataFolder: join(folder, "data"),
    });
    agent.on(
      "event",
      openTranscript({ write: world.out, colour: world.colour, columns: world.columns, isLive: false }),
    );
    try {
      const result = await agent.run(TASK, { signal: world.signal });
      world.out(
        result.outcome === "verified"
          ? "\nThis was the real loop with real tools. Now with a model of yours: `smallcode provider`, then `smallcode`.\n"
          : `\nThe demo did not end as it should (${result.outcome}: ${result.reason}). Please report this with the text above.\n`,
      );
      return result.exitCode;
    } finally {
      await agent.close();
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
