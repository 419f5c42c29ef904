import assert from "node:assert/strict";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import { findProjectRules, trimRules } from "./project_rules.ts";

const RULES = "# Build\nSome prose.\n```\nnpm run build\n```\nRun `npm test` first.\n\n## Style\nTabs.\n";

Deno.test("trimRules() keeps headings and commands under 16k, everything above", () => {
  assert.equal(trimRules(RULES, 8192), "# Build\nnpm run build\nRun `npm test` first.\n## Style");
  assert.equal(trimRules(RULES, 32_768), RULES.trim());
});

Deno.test("trimRules() keeps whole lines within 5 % of the window", () => {
  const long = Array.from({ length: 1000 }, (_, i) => `# heading ${i}`).join("\n");
  const kept = trimRules(long, 4096);
  assert.ok(kept.length <= 4096 * 0.05 * 3.6);
  assert.match(kept, /# heading \d+$/);
});

Deno.test("findProjectRules() takes the first that can be read, and tells which cannot", async () => {
  const told: string[] = [];
  const find = async (files: Readonly<Record<string, string | Uint8Array>>) => {
    await using space = await tempWorkspace(files);
    return await findProjectRules(space.files, 32_768, (problem) => void told.push(problem));
  };
  const binary = new Uint8Array([0xff, 0xfe, 0, 1]);
  assert.deepEqual(await find({ "AGENTS.md": binary, "CLAUDE.md/x": "", ".cursorrules": "Tabs." }), {
    path: ".cursorrules",
    text: "Tabs.",
  });
  assert.deepEqual(told.map((problem) => problem.slice(0, 24)), ['Cannot read "AGENTS.md":']);
  const huge = await find({ "AGENTS.md": "# 规则：这个函数计算价格。\n".repeat(6_000) });
  assert.ok(new TextEncoder().encode(huge?.text).length <= 32_768 * 0.05 * 3.6);
});
