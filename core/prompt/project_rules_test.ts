import assert from "node:assert/strict";
import { trimRules } from "./project_rules.ts";

const RULES = "# Build\nSome prose.\n```\nnpm run build\n```\nRun `npm test` first.\n\n## Style\nTabs.\n";

Deno.test("trimRules() keeps headings and commands under 16k, everything above", () => {
  assert.equal(trimRules(RULES, 8192), "# Build\nnpm run build\nRun `npm test` first.\n## Style");
  assert.equal(trimRules(RULES, 32_768), RULES.trim());
});

Deno.test("trimRules() keeps whole lines within 5 % of the window", () => {
  const long = Array.from({ length: 1000 }, (_, i) => `# heading ${i}`).join("\n");
  const kept = trimRules(long, 4096);
  assert.ok(kept.length <= 4096 * 0.05 * 4);
  assert.match(kept, /# heading \d+$/);
});
