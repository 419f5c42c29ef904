import { deepEqual, equal } from "node:assert/strict";
import { findSecrets, maskSecrets } from "./mask.ts";

const cases: [claim: string, text: string, masked: string][] = [
  ["replaces each configured key", "a hunter2hunter2 b hunter2hunter2", "a **** b ****"],
  ["replaces a longer key whole", "hunter2hunter2-long", "****"],
  ["leaves a key too short to tell from a word", "the cat sat", "the cat sat"],
  ["replaces an OpenAI key", 'key="sk-proj-abcdEFGH1234567890_-x"', 'key="****"'],
  ["replaces a GitHub token", `ghp_${"a1".repeat(18)}!`, "****!"],
  ["replaces an AWS key id", "AKIAIOSFODNN7EXAMPLE", "****"],
  [
    "replaces a PEM key",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\n-----END RSA PRIVATE KEY-----",
    "****-----END RSA PRIVATE KEY-----",
  ],
  [
    "leaves words alone",
    "task-force desk-abcdefghijklmnopqrst AKIA",
    "task-force desk-abcdefghijklmnopqrst AKIA",
  ],
];

for (const [claim, text, masked] of cases) {
  Deno.test(`maskSecrets() ${claim}`, () => {
    equal(maskSecrets(["cat", "hunter2hunter2", "hunter2hunter2-long"])(text), masked);
  });
}

Deno.test("findSecrets() lists configured keys and what has the form of one, each once", () => {
  const key = "sk-proj-abcdEFGH1234567890_-x";
  const text = `a ${key} b ${key} hunter2hunter2-long cat`;
  deepEqual(findSecrets(["cat", "hunter2hunter2-long"])(text), ["hunter2hunter2-long", key]);
  deepEqual(findSecrets([])("nothing here"), []);
});
