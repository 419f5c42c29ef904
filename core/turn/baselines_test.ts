import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBaselines } from "./baselines.ts";
import type { EventBody } from "../events.ts";
import { openProjectChecks } from "./project_checks.ts";
import type { RunDeps } from "../run_tool.ts";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import type { ToolContext } from "../tool.ts";
import type { CheckSettings } from "../verify/checks.ts";

const PATH = "/usr/local/bin:/usr/bin:/bin";

/** Baselines in a real folder, where all but `waitMs` of the 20 s have gone by when the first check begins. */
async function opened(files: Readonly<Record<string, string>>, settings: CheckSettings, waitMs: number) {
  const space = await tempWorkspace(files);
  const checks = openProjectChecks({
    files: space.files,
    settings,
    sandbox: { kind: "none", reason: "this test needs none" },
    confine: { root: space.root, protectedPaths: [], platform: "linux", env: { PATH }, network: false },
  });
  const events: EventBody[] = [];
  let asked = 0;
  const deps = {
    emit: (event) => void events.push(event),
    ask: () => Promise.resolve("once"),
    rules: () => ({ mode: "ask", allow: [], deny: [], sandboxed: false, sessionAllowed: new Set() }),
    now: () => asked++ === 0 ? 0 : 20_000 - waitMs,
  } as Partial<RunDeps> as RunDeps;
  const abort = new AbortController();
  const context = { files: space.files, signal: abort.signal, output: () => {} } as Partial<
    ToolContext
  > as ToolContext;
  const baselines = openBaselines(checks);
  return {
    space,
    checks,
    abort,
    baselines,
    take: () => baselines.take(context, deps),
    states: () =>
      events.flatMap((event) => event.type === "check" ? [`${event.command} ${event.state}`] : []),
    async [Symbol.asyncDispose]() {
      await baselines.close();
      await checks.close();
      await space[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Baselines.take() runs checks in the workspace and keeps the tests as they are", async () => {
  await using at = await opened(
    { "a.py": "", "test_a.py": "# mine\n" },
    { test: "exit 3", lint: "true" },
    20_000,
  );
  assert.deepEqual((await at.take()).map(({ command, kind, exitCode }) => [kind, command, exitCode]), [
    ["test", "exit 3", 3],
    ["lint", "true", 0],
  ]);
  assert.deepEqual([...at.baselines.originals()], [["test_a.py", "# mine\n"]]);
  await at.baselines.close();
  assert.deepEqual([await at.baselines.settle(at.abort.signal), at.baselines.originals().size], [[], 0]);
});

Deno.test("Baselines.take() lets a slow check go on in a copy of the untouched state, and begins there the next time", async () => {
  const slow = "sleep 1.5; cat node_modules/p/state && grep -q old state";
  await using at = await opened({ state: "old\n", "node_modules/p/state": "" }, { test: slow }, 700);
  const copies: string[] = [];
  const { openScratch } = at.checks;
  Object.assign(at.checks, {
    openScratch: async (signal: AbortSignal) => {
      const scratch = await openScratch(signal);
      copies.push(scratch?.root ?? "");
      return scratch;
    },
  });
  assert.deepEqual(await at.take(), []);
  await writeFile(join(at.space.root, "state"), "new\n");
  const settled = await at.baselines.settle(at.abort.signal);
  assert.deepEqual(settled.map(({ exitCode }) => exitCode), [0]);
  assert.deepEqual(at.states(), [`${slow} not_run`, `${slow} green`]);
  assert.equal(await readFile(join(at.space.root, "state"), "utf8"), "new\n");
  await at.baselines.close();
  assert.equal(await readdir(copies[0] ?? "").catch((error) => error.code), "ENOENT");
  await at.take();
  assert.deepEqual((await at.baselines.settle(at.abort.signal)).map(({ exitCode }) => exitCode), [1]);
  assert.equal(at.states().length, 3);
});

Deno.test("Baselines.close() ends a check in a copy, and an abort ends the wait for it", async () => {
  await using at = await opened({ "a.txt": "" }, { test: "sleep 60" }, 700);
  await at.take();
  const waiting = at.baselines.settle(at.abort.signal);
  at.abort.abort(new DOMException("x", "AbortError"));
  await assert.rejects(waiting, { name: "AbortError" });
  const started = performance.now();
  await at.baselines.close();
  assert.ok(performance.now() - started < 10_000);
});

Deno.test("Baselines tell what is not known: denied, or too large to copy", async () => {
  await using at = await opened({ "a.txt": "" }, { test: "sleep 60" }, 700);
  Object.assign(at.checks, { openScratch: () => Promise.resolve(undefined) });
  assert.deepEqual((await at.take()).map(({ exitCode, isUnknown, why }) => [exitCode, isUnknown, why]), [
    [null, true, "it takes longer than 20 s, and the folder is too large to copy"],
  ]);
});
